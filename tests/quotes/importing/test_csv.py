"""Reading CSV: the header, the delimiter, and rows that do not fit."""

import csv
import io
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes.board.export import export_board
from quotes.columns import EXPORTED, LOADED, SUBMITTED, submitted_values
from quotes.importing.findings import CheckedFile, UnreadableFile
from quotes.importing.importer import check_file
from quotes.importing.rows import MAX_ROW
from quotes.text.spreadsheet import spreadsheet_safe
from tests.factories import make_quote

HAMLET = {"content": "The rest is silence", "speaker": "Hamlet", "source": "Hamlet"}
SEPARATED = "The rest is silence,Hamlet,Hamlet\n"


def check(text: str | bytes, *, is_csv: bool = True) -> CheckedFile:
    data = text if isinstance(text, bytes) else text.encode()
    return check_file(io.BytesIO(data), is_csv=is_csv)


def lines_of(checked: CheckedFile) -> list[Mapping[str, str]]:
    """Of each good line what is not blank."""
    rows = [
        dict(zip(SUBMITTED, submitted_values(one), strict=True)) for one in checked.lines.values()
    ]
    return [{name: value for name, value in row.items() if value} for row in rows]


def found(findings) -> list[tuple[int, str, str]]:
    return [(one.line, one.field, one.detail) for one in findings]


@pytest.mark.parametrize(
    "header",
    [
        " content , speaker , source ",
        "Content,SPEAKER,Source",
        "\ufeff\ufeffcontent,speaker,source",
        "content\xa0,\u200bspeaker,source\u3000",
        '“content”,\'speaker\',"""source"""',
        "ｃｏｎｔｅｎｔ,speaker,source",
        "\n,,\ncontent,speaker,source",
    ],
)
def test_a_header_is_read_whatever_its_case_and_spaces(header):
    checked = check(f"{header}\n{SEPARATED}")
    assert lines_of(checked) == [HAMLET]
    assert [one.field for one in checked.passed if one.field] == []


@pytest.mark.parametrize(
    ("delimiter", "form"),
    [(",", "CSV with commas"), (";", "CSV with semicolons"), ("\t", "CSV with tabs")],
)
def test_the_delimiter_is_that_of_the_header_alone(delimiter, form):
    others = " and ".join({",", ";", "\t"} - {delimiter, "\t"}) * 20
    rows = f"content|speaker\nTo be{others}|Hamlet\n".replace("|", delimiter)
    checked = check(rows)
    assert checked.form == f"UTF-8, {form}"
    assert lines_of(checked) == [{"content": f"To be{others}", "speaker": "Hamlet"}]


TOO_MANY = (
    "is in no column of the header. A text that contains the delimiter must be in quotation marks."
)


@pytest.mark.parametrize(
    ("header", "row", "column", "cell"),
    [
        ("content,speaker", "To be, or not to be,Hamlet", "column 3", "Hamlet"),
        ("content,speaker", "To be, or not to be,", "column 3", ""),
        ("content;speaker", "To be; or not to be;Hamlet", "column 3", "Hamlet"),
        ("content,speaker,", "To be, or not to be,Hamlet", "column 3", "Hamlet"),
        ("content,,speaker", "To be,or not,Hamlet", "column 2", "or not"),
        ("content", f"To be,{'x' * 500}", "column 2", f"{'x' * 39}…"),
        ("content", "To be,a\u202eb\tc", "column 2", "ab c"),
    ],
)
def test_a_row_with_more_cells_than_the_header_is_bad(header, row, column, cell):
    checked = check(f"{header}\nGood\n{row}\n")
    assert found(checked.bad) == [(3, column, f"“{cell}” {TOO_MANY}")]
    assert len(checked.lines) == 1


def test_a_row_with_fewer_cells_is_blank_at_its_end_and_reported():
    checked = check("content,speaker,source,id\nTo be,Hamlet\nThe rest,Hamlet,Hamlet\n")
    assert [one.get("source") for one in lines_of(checked)] == [None, "Hamlet"]
    assert found(checked.passed)[1:] == [(2, "source", "the row ends before; taken as blank")]
    assert checked.bad == []


def test_empty_rows_are_passed_over_and_counted():
    checked = check("content,speaker\n,\nTo be,\n\n , \xa0\n,,,,\n")
    assert [one["content"] for one in lines_of(checked)] == ["To be"]
    assert found(checked.passed) == [(2, "", "4 empty rows")]
    assert checked.bad == []


def test_unknown_columns_are_named():
    checked = check("id,Speeker,content,Gattung\n1,Hamlet,To be,Drama\n")
    assert lines_of(checked) == [{"content": "To be"}]
    assert found(checked.passed) == [
        (1, "id", "lines have no such column"),
        (1, "Speeker", "lines have no such column; did you mean “speaker”?"),
        (1, "Gattung", "lines have no such column"),
    ]


def test_only_some_of_many_unknown_columns_are_named():
    names = ",".join(f"{n}{'x' * 900}" for n in range(1000))
    checked = check(f"content,{names}\nTo be\n")
    assert len(checked.passed) == 21
    assert found(checked.passed)[-1][2] == "more columns that lines do not have (980 times)"
    assert max(len(one.field) for one in checked.passed) == 40


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("content,speaker,Content \na,b,c\n", "has the column “content” twice (1 and 3)."),
        ("content;speaker;speaker\na;b;c\n", "has the column “speaker” twice (2 and 3)."),
        ("speaker;source\nHamlet;Hamlet\n", "the header has no column “content”: speaker, source"),
        ("contents\nTo be\n", "the header has no column “content”: contents"),
        ("", "the header has no column “content”"),
        (
            'content\nTo be\n"or not\nto be\n',
            "The row that begins in line 3 cannot be read (unexpected end of data).",
        ),
        ('content\n"To be" or not\n', "The row that begins in line 2 cannot be read"),
        (f"content\n{'a,' * (MAX_ROW // 2 + 1)}", "line 2 has more than 1000000 characters."),
        ("content\n" + '"a\n",' * (MAX_ROW // 5 + 1), "has more than 1000000 characters."),
    ],
)
def test_refuses_what_cannot_be_read_as_rows(text, complaint):
    with pytest.raises(UnreadableFile) as refused:
        check(text)
    assert complaint in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_row_has_the_number_of_its_first_line():
    checked = check('content,language\n"To be,\nor not",en\n"The\nrest",x!\n')
    assert list(checked.lines) == [2]
    assert [one.line for one in checked.bad] == [4]


def test_a_repeated_line_gives_what_the_first_one_lacks():
    checked = check("content,speaker,source\nTo be,,Hamlet\nTo be!,Hamlet,HAMLET\nTo be,Ophelia,\n")
    assert lines_of(checked) == [{"content": "To be", "speaker": "Hamlet", "source": "Hamlet"}]
    assert found(checked.repeated) == [
        (3, "speaker", "repeats line 2, which gets this from it"),
        (4, "", "repeats line 2"),
        (4, "speaker", "“Ophelia” was not taken, as line 2 has “Hamlet”"),
    ]


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp949")
KOREAN = "하늘을 우러러, “한 점”"  # not UTF-8 when it is in cp949


def written(rows: list[tuple[str, ...]], header: tuple[str, ...], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


LETTERS = "가나다라마바사하늘 ab'\"“”,;=+-@"
names = st.text(LETTERS, max_size=12).map(str.strip)
contexts = st.text(f"{LETTERS}\n", max_size=12).map(str.strip)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(names, names, contexts), max_size=5),
    st.sampled_from(",;\t"),
    st.sampled_from(ENCODINGS),
    st.permutations(SUBMITTED),
)
def test_what_was_written_is_read_again(texts, delimiter, encoding, columns):
    """In any encoding, with any delimiter, and in any order of the columns."""
    rows = [
        dict(zip(SUBMITTED, (f"{place} {KOREAN}", *rest, "ko"), strict=True))
        for place, rest in enumerate(texts)
    ]
    safe = [tuple(spreadsheet_safe(row[name]) for name in columns) for row in rows]
    checked = check(written(safe, tuple(columns), delimiter).encode(encoding))
    assert (checked.bad, checked.passed) == ([], [])
    values = [submitted_values(quote) for quote in checked.lines.values()]
    assert values == [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_exported_board_is_read_again(alice, encoding, delimiter):
    quote = make_quote(
        alice, f"{KOREAN};\n=1+1", speaker="'@윤동주", context='"서시", 1941', is_apply=True
    )
    exported = b"".join(export_board("csv")).decode("utf-8-sig")
    rows = [tuple(row) for row in csv.reader(io.StringIO(exported, newline=""))]
    checked = check(written(rows[1:], rows[0], delimiter).encode(encoding))
    assert [submitted_values(one) for one in checked.lines.values()] == [submitted_values(quote)]
    passed_over = [name for name in EXPORTED if name not in LOADED]
    assert [one.field for one in checked.passed] == passed_over
