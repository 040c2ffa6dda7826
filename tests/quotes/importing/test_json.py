"""Reading JSON: one object on each line, or an array of objects."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.importing.findings import CheckedFile, PassedOver, UnreadableFile
from quotes.importing.importer import check_file
from quotes.importing.json_rows import json_rows
from quotes.importing.rows import MAX_ROW, Lines
from tests.quotes.importing.test_csv import found, lines_of

ROWS = [
    {"content": "죽는 날까지 하늘을", "speaker": "윤동주"},
    {"content": "To be", "source": "Hamlet"},
]


def check(text: str, encoding: str = "utf-8") -> CheckedFile:
    return check_file(io.BytesIO(text.encode(encoding)), is_csv=False)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("before", ["", "\n  \r\n", "\ufeff"])
def test_an_array_is_read_like_lines(indent, before):
    text = before + json.dumps(ROWS, indent=indent, ensure_ascii=False) + "\n"
    checked = check(text)
    assert (list(checked.lines), lines_of(checked)) == ([1, 2], ROWS)
    assert checked.form == "UTF-8, a JSON array, its elements as rows"
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in ROWS)
    assert lines_of(check(before + lines, "utf-16")) == ROWS
    assert check(lines).form == "UTF-8, JSON lines"


def test_an_empty_array_has_no_rows():
    assert check(" [ ]\n").lines == {}


def test_bad_elements_are_bad_rows():
    checked = check('[{"content": "Good"}, 12, ["list"], null, {"speaker": "Nobody"}]')
    assert list(checked.lines) == [1]
    assert [one.line for one in checked.bad] == [2, 3, 4, 5]


@pytest.mark.parametrize("form", ["%s\n%s\n%s", "[%s, %s, %s]"])
def test_keys_are_matched_and_reported_like_columns(form):
    rows = [
        '{" Content": "To be", "SPEAKER": "Hamlet", "Speeker": 1}',
        '{"content": "The rest", "Speeker": {"content": [{"a": 1}]}, "note": ""}',
        '{"content": "One", "Content": "Other"}',
    ]
    checked = check(form % tuple(rows))
    assert lines_of(checked) == [
        {"content": "To be", "speaker": "Hamlet"},
        {"content": "The rest"},
    ]
    assert found(checked.passed) == [
        (1, "Speeker", "lines have no such column; in 2 rows; did you mean “speaker”?"),
        (2, "note", "lines have no such column"),
    ]
    assert found(checked.bad) == [(3, "content", "is there twice")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[{"content": "a"}', "Element 1 of the array is followed by neither “,” nor “]”."),
        ('[{"content": "a"} {"content": "b"}]', "Element 1 of the array is followed by neither"),
        ('[{"content": "a"},]', "Element 2 of the array cannot be read: Expecting value"),
        ('[{"content": "a"}, {"content"', "Element 2 of the array cannot be read: Expecting ':'"),
        ('["list"]\n{"content": "a"}', "There is more after the end of the array (1 elements)."),
        ("[" * 100_000, "Element 1 of the array cannot be read: maximum recursion depth"),
        ("[", "Element 1 of the array cannot be read: Expecting value"),
        (
            f'[{{"content": "{"a" * 2 * MAX_ROW}"}}]',
            "Element 1 of the array cannot be read: Untermi",
        ),
        (f'{{"content": "{"a" * MAX_ROW}"}}', "line 1 has more than 1000000 characters"),
    ],
    ids=range(9),
)
def test_refuses_what_cannot_be_read_as_rows(text, complaint):
    with pytest.raises(UnreadableFile) as refused:
        check(text)
    assert complaint in str(refused.value)


class Trickle(io.StringIO):
    """Gives so many characters at once."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__(text, newline="")
        self.size = size

    def read(self, size=-1):
        return super().read(min(size, self.size))

    def readline(self, size=-1):
        return super().readline(min(size, self.size))


values = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60)
@given(st.lists(values, max_size=6), st.sampled_from([None, 1]), st.integers(1, 5))
def test_an_array_is_read_alike_in_pieces_of_any_size(elements, indent, size):
    """Also where a piece ends within a number or an escaped character."""
    text = Trickle(json.dumps(elements, indent=indent), size)
    _form, rows = json_rows(Lines(text), PassedOver())
    assert list(rows) == list(enumerate(elements, start=1))


def test_a_long_array_takes_no_more_memory_than_its_elements():
    text = io.StringIO(json.dumps([{"note": "x" * 1000}] * 3000))
    size = len(text.getvalue())
    tracemalloc.start()
    _form, rows = json_rows(Lines(text), PassedOver())
    assert sum(1 for _ in rows) == 3000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < size / 4
