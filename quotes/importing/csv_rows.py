"""The rows of a CSV file. Its delimiter is the one with which the header has the most of the known
columns; the texts below the header, which may contain any of them, are not looked at.

A row with more cells than the header is bad, as an unquoted delimiter within a text has probably
moved its cells to the right. A row with fewer cells is good, and the columns at its end are taken
as blank, which is reported.
"""

import csv
import string
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.text import is_blank
from quotes.importing.findings import CheckedFile, Finding, PassedOver, UnreadableFile, shortened
from quotes.importing.rows import Lines, NumberedRow, column_of
from quotes.text.spreadsheet import from_spreadsheet

_DELIMITERS = {
    ",": gettext_lazy("CSV with commas"),
    ";": gettext_lazy("CSV with semicolons"),
    "\t": gettext_lazy("CSV with tabs"),
}
_NAMED = 5  # columns of a header that is refused
_BLANKS = f'{string.whitespace}\xa0\ufeff"{"".join(_DELIMITERS)}'


def csv_rows(
    lines: Lines, checked: CheckedFile, passed: PassedOver
) -> tuple[str, Iterator[NumberedRow]]:
    """The form of the file, and its rows. Raises `UnreadableFile`, also from the rows."""
    head, skipped = lines.skip_blank(_BLANKS)
    if skipped:
        passed.empty(1, skipped)
    delimiter = max(_DELIMITERS, key=lambda one: _score(head, one))  # the first of equals
    table = _Table(lines, delimiter)
    return str(_DELIMITERS[delimiter]), _rows(table, _header(table, passed), checked, passed)


def _score(head: str, delimiter: str) -> tuple[bool, int]:
    names = set(map(column_of, next(csv.reader([head], delimiter=delimiter), [])))
    return "content" in names, len(names - {""})


class _Table:
    """Reads one row after another; `number` is that of the last one's first line."""

    def __init__(self, lines: Lines, delimiter: str) -> None:
        self._lines = lines
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self.number = 0

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        self.number = self._lines.begin_row()
        try:
            return next(self._reader)
        except csv.Error as error:
            text = _(
                "The row that begins in line %(row)d cannot be read (%(error)s). A quotation mark "
                "is not closed, or not written twice within a text."
            )
            raise UnreadableFile(text % {"row": self.number, "error": error}) from error


def _header(table: _Table, passed: PassedOver) -> list[str | None]:
    """The known columns, "" for those that are passed over, and None for those without a name."""
    header: list[str | None] = []
    cells = next(table, [])
    for place, cell in enumerate(cells, start=1):
        name = column_of(cell)
        if name and name in header:
            values = {"name": name, "first": header.index(name) + 1, "second": place}
            text = _("The header has the column “%(name)s” twice (%(first)d and %(second)d).")
            raise UnreadableFile(text % values)
        if not name and not is_blank(cell):
            passed.unknown(table.number, cell)
        header.append(None if is_blank(cell) else name)
    if "content" not in header:
        found = ", ".join(map(shortened, cells[:_NAMED]))
        raise UnreadableFile(_("the header has no column “content”: %(found)s") % {"found": found})
    return header


def _rows(
    table: _Table, header: list[str | None], checked: CheckedFile, passed: PassedOver
) -> Iterator[NumberedRow]:
    for cells in table:
        if all(map(is_blank, cells)):
            passed.empty(table.number)
            continue
        missing = ", ".join(filter(None, header[len(cells) :]))
        if missing:
            text = _("the row ends before; taken as blank")
            checked.passed.append(Finding(table.number, text, missing))
        yield table.number, _fields(table.number, header, cells)


def _fields(number: int, header: list[str | None], cells: list[str]) -> Any:
    """A finding on the first cell that belongs to no column, or the cells by their columns."""
    for place, cell in enumerate(cells):
        if place >= len(header) or (header[place] is None and not is_blank(cell)):
            text = _(
                "“%(cell)s” is in no column of the header. A text that contains the delimiter must "
                "be in quotation marks."
            )
            column = _("column %(number)d") % {"number": place + 1}
            return Finding(number, text % {"cell": shortened(cell)}, column)
    named = zip(header, cells, strict=False)
    return {name: from_spreadsheet(cell) for name, cell in named if name and cell}
