"""An answer as its reader sees it, with the place of each character."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.verification.markdown import HIDDEN
from quotes.verification.reading import READ_CHARACTERS, read


def texts(answer: str) -> list[str]:
    reading = read(answer)
    return [reading.text[one.start : one.end].replace(HIDDEN, "#") for one in reading.passages]


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        ("one **two** *three* ~~four~~", ["one two three four"]),
        ("***both*** and __strong__ _em_", ["both and strong em"]),
        ('**"굵게"**라고', ['"굵게"라고']),  # no emphasis in CommonMark
        ("2 * 3 * 4", ["2 * 3 * 4"]),
        ("a [link *in*](http://x.example/a_b 'title') b", ["a link in b"]),
        ("![picture](x.png) b", ["################# b"]),
        ("a `code *x*` b", ["a ########## b"]),
        ("a\\*b &amp; &mdash;", ["a*b & —"]),
        ("one<br>two<br/>three", ["one\ntwo\nthree"]),
        ("He says <q>one <b>two</b></q>.", ["He says “one two”."]),
        ("note[^1] and<sup>2</sup> more", ["note and more"]),
        ("# Head\n\ntext\ngoes on", ["Head", "text\ngoes on"]),
        ("Head\n===\n\ntext", ["Head", "text"]),
        ("> one\nlazy\n> > deep", ["one\nlazy", "deep"]),
        ("- > in a list\n  > goes on\n- item", ["in a list\ngoes on", "item"]),
        ("1. one\n\n    > under it", ["one", "under it"]),
        ("> [!NOTE]\n> words", ["words"]),
        ("| a | b \\| c |\n|---|---|\n| “d” | e |", ["a", "b | c", "“d”", "e"]),
        ("```\nfenced\n```\n\n    indented", []),
        ("<blockquote>one <i>two</i></blockquote>", ["one two"]),
        ("<script>one</script>\n", []),
        ("", []),
    ],
)
def test_what_is_seen(answer, seen):
    assert [text.strip() for text in texts(answer)] == seen


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        ("# h\n\np", [("heading", 0, 0, 0), ("paragraph", 0, 0, 0)]),
        (
            "> a\n\nb\n\n> c",
            [("paragraph", 1, 0, 0), ("paragraph", 0, 0, 0), ("paragraph", 2, 0, 0)],
        ),
        (
            "- a\n  - b\n- c",
            [("paragraph", 0, 1, 0), ("paragraph", 0, 2, 0), ("paragraph", 0, 3, 0)],
        ),
        ("|a|b|\n|-|-|\n|c|d|", [("cell", 0, 0, row) for row in (1, 1, 2, 2)]),
    ],
)
def test_what_a_passage_is_in(answer, kinds):
    found = read(answer).passages
    assert [(one.kind, one.quote, one.item, one.row) for one in found] == kinds


MARKUP = st.text(alphabet="ab가“”*_`~[]()<>&;\\|#>-1. \n\r\t!^é😀", max_size=80)


@settings(max_examples=500)
@given(MARKUP)
def test_each_character_is_at_its_place(answer):
    reading = read(answer)
    assert len(reading.text) == len(reading.starts)
    shown = answer.replace("\r", "\n")
    for passage in reading.passages:
        for at in range(passage.start, passage.end):
            start, end = reading.starts[at], reading.end(at)
            assert 0 <= start < end <= len(answer)
            if reading.text[at] not in f"{HIDDEN}\n “”" and end - start == 1:
                assert shown[start] == reading.text[at]


@given(MARKUP)
def test_places_are_in_order(answer):
    starts = read(answer).starts
    assert starts == sorted(starts)


def test_line_ends_of_every_kind_have_the_same_words():
    answer = "one “two\nthree”\n\n> four\n> five"
    for end in ("\r\n", "\r"):
        other = answer.replace("\n", end)
        assert [" ".join(text.split()) for text in texts(other)] == ["one “two three”", "four five"]
        reading = read(other)
        place = reading.text.index("four")
        assert other[slice(*reading.source(place, place + 4))] == "four"


def test_only_the_beginning_of_an_extremely_long_answer_is_read():
    reading = read("and so on. " * (READ_CHARACTERS // 10) + "\n\nend")
    assert len(reading.text) <= READ_CHARACTERS
    assert not reading.text.endswith("end")
