"""Which parts of an answer are quotations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes.verification.spans import READ_CHARACTERS, find_spans


def texts(answer: str) -> list[str]:
    return [span.text for span in find_spans(answer)]


@pytest.mark.parametrize(
    ("answer", "spans"),
    [
        ("He said “one two” and 'three four'.", ["one two", "three four"]),
        ('"one two" "three"', ["one two", "three"]),
        ("그는 「하나 둘」, “셋”, ‘넷’이라 했다.", ["하나 둘", "셋", "넷"]),
        ("«un deux» „eins zwei“ ＂하나＂ 〝둘〞", ["un deux", "eins zwei", "하나", "둘"]),
        ("Don't say it isn't so; the dogs' bones", []),
        ("‘it isn’t so’", ["it isn’t so"]),
        ("『서시』와 《난중일기》", []),
        ("『책 “안의 말”』", []),
        ('`"code"` and ``x = "y"``', []),
        ('```\n"code"\n```\n"said"', ["said"]),
        ('```\n"never closed"\n', []),
        ("“He said ‘one two’ to me”", ["He said ‘one two’ to me", "one two"]),
        ("> one two\n> three\n> — Somebody\n\nEnd", ["one two\nthree"]),
        ("> “one two”\n> — Somebody", ["one two"]),
        ("> one\n\n> two", ["one", "two"]),
        ('a 5" pipe and\n\nanother 6" pipe', []),
        ("“”", []),
        ("“open", []),
        ("**“bold words”**", ["bold words"]),
    ],
)
def test_finds_what_is_quoted(answer, spans):
    assert texts(answer) == spans


def test_places_are_those_of_the_answer():
    answer = "앞 👩‍👧 “ 하나 둘 ” 뒤\n> 셋 넷\n"
    assert [answer[span.start : span.end] for span in find_spans(answer)] == ["하나 둘", "셋 넷"]


@given(st.text(alphabet="“”‘’\"'「」『』>` \nab—(가", max_size=80))
def test_any_answer_has_spans_within_itself(answer):
    for span in find_spans(answer):
        assert 0 <= span.start < span.end <= len(answer)
        assert span.text.strip()


@pytest.mark.parametrize("mark", ['"', "“", "'", "`", ">", "『", "(", "‘", "\n> "])
def test_a_long_run_of_marks_ends_soon(mark):
    find_spans(mark * 20_000)


def test_only_the_beginning_of_an_extremely_long_answer_is_read():
    said, rest = "He said “one two”. ", "and so on. " * (READ_CHARACTERS // 10)
    assert texts(said + rest) == ["one two"]
    assert texts(rest + said) == []


def test_a_block_quote_that_is_cut_off_is_no_span():
    begun = "> one two\n\n" + "> three four\n" * (READ_CHARACTERS // 13 + 9)
    assert texts(begun) == ["one two"]


def test_a_block_quote_with_a_dash_at_its_beginning_has_no_name():
    assert texts("> — one two") == ["— one two"]
