"""Where an answer may quote, and the sentences and verses of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.budget import Budget
from quotes.verification.parts import find_parts, parts_of
from quotes.verification.reading import read
from quotes.verification.spans import BLOCK, MARKED, SILENT, find_spans


def texts(answer: str, *kinds: str) -> list[str]:
    return [span.text for span in find_spans(read(answer), Budget()) if span.kind in kinds]


def quoted(answer: str) -> list[str]:
    return texts(answer, MARKED, BLOCK)


@pytest.mark.parametrize(
    ("answer", "spans"),
    [
        ("He said “one two” and 'three four'.", ["one two", "three four"]),
        ('"one two" "three"', ["one two", "three"]),
        ("그는 「하나 둘」, “셋”, ‘넷’이라 했다.", ["하나 둘", "셋", "넷"]),
        ("그는\"하나 둘\"라고, '셋 넷'라는", ["하나 둘", "셋 넷"]),
        (
            "«un deux» „eins zwei“ »drei« ＂하나＂ 〝둘〞 ≪셋≫",
            ["un deux", "eins zwei", "drei", "하나", "둘", "셋"],
        ),
        ("« un deux » ``three four''", ["un deux", "three four"]),
        ("Don't say it isn't so; the dogs' bones", []),
        ("‘it isn’t so’ ‘’tis so’", ["it isn’t so", "’tis so"]),
        ("『서시』와 《난중일기》, 〈별〉", ["서시"]),
        ('`"code"` and ``x = "y"``', []),
        ('```\n"code"\n```\n"said"', ["said"]),
        ('```\n"never closed"\n', []),
        ("“He said ‘one two’ to me”", ["He said ‘one two’ to me", "one two"]),
        ("> one two\n> three\n> — Somebody\n\nEnd", ["one two\nthree\n— Somebody"]),
        ("> “one two”\n> — Somebody", ["one two"]),
        ("> one\n\nand\n\n> two", ["one", "two"]),
        ("- > one\n\n1. two\n\n    > three", ["one", "three"]),
        ('a 5" pipe and 5\'11" more\n\nanother 6" pipe', []),
        ("“”", []),
        ("“one\n\ntwo”", ["one\n\ntwo"]),
        ('"one\n\ntwo" and', ["one\n\ntwo"]),
        ("“one\n\n“two\n\n“three”", ["one", "two", "three"]),
        ('“mixed" and “other”', ["mixed", "other"]),
        ("“open", ["open"]),
        ("**“bold words”**", ["bold words"]),
        ("<q>one</q> <blockquote>two</blockquote>", ["one"]),
    ],
)
def test_finds_what_is_quoted(answer, spans):
    assert quoted(answer) == spans


@pytest.mark.parametrize(
    ("answer", "spans"),
    [
        ("# one two", ["one two"]),
        ("| one | two |\n|---|---|\n| three | “four” |", ["one", "two", "three"]),
        ("- one\n- “two”", ["one"]),
        ("a long text " * 20 + "with **one two** in it", ["one two"]),
        (
            "a long text " * 20 + "\n\nIt says: one two. " + "and more " * 30,
            ["one two. " + "and more " * 29 + "and more"],
        ),
        ("one two", ["one two"]),
        ("one two " * 40, []),
        ("《one two》" + " and more" * 30, ["one two"]),
        ("close only” " + "and more " * 30, ["close only"]),
    ],
)
def test_finds_what_may_be_a_line(answer, spans):
    assert texts(answer, SILENT) == spans


def test_places_are_those_of_the_answer():
    answer = "앞 👩‍👧 “ 하나 둘 ” 뒤\n\n> 셋 넷\n"
    spans = [span for span in find_spans(read(answer), Budget()) if span.kind in {MARKED, BLOCK}]
    assert [answer[span.start : span.end] for span in spans] == ["하나 둘", "셋 넷"]
    assert [answer[slice(*mark)] for mark in spans[0].marks] == ["“", "”"]


@given(st.text(alphabet="“”‘’\"'「」『』>` \nab—(가", max_size=80))
def test_any_answer_has_spans_within_itself(answer):
    for span in find_spans(read(answer), Budget()):
        assert 0 <= span.start < span.end <= len(answer)
        assert span.text.strip()


@pytest.mark.parametrize("mark", ['"', "“", "'", "`", ">", "『", "(", "‘", "\n> "])
def test_a_long_run_of_marks_ends_soon(mark):
    find_spans(read(mark * 20_000), Budget())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One two. Three four! Five", ["One two.", "Three four!", "Five"]),
        ("하나 둘 / 셋 넷 / 다섯", ["하나 둘", "셋 넷", "다섯"]),
        ("one\ntwo\n\nthree", ["one", "two", "three"]),
        ("One … two ... three", ["One … two ... three"]),
        ("1.5 hours, 3/4 and/or C++", ["1.5 hours, 3/4 and/or C++"]),
        ("“Go.” “No!” he said", ["“Go.", "“No!", "he said"]),
        ("?!", []),
    ],
)
def test_the_parts_of_a_span(text, parts):
    assert [text[begin:stop] for begin, stop in parts_of(text, 0, len(text))] == parts


def test_credits_are_no_part():
    reading = read("> one two\n> — Jane Austen\n>\n> three four\n> — Mark Twain")
    [span] = find_spans(reading, Budget())
    parts = find_parts(reading, span)
    assert [reading.text[slice(*place)] for place in parts.places] == ["one two", "three four"]
