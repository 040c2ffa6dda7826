"""What the readers of CSV and of JSON have in common: numbered rows, the names of their columns,
and the limit on what one row takes.
"""

from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

from config.text import searchable
from quotes.columns import LOADED
from quotes.importing.findings import UnreadableFile

# The number of a row in the file, and its fields by their columns, or a finding if it is bad, or
# whatever else JSON has in its place.
NumberedRow = tuple[int, Any]

PIECE = 1 << 16  # characters
MAX_ROW = 1_000_000  # characters; a csv field has at most 131,072
_AROUND = " \t\xa0\"'“”‘’`"
_LONGEST_NAME = 100


def column_of(name: str) -> str:
    """The column that is meant, or "". Case, width, invisible characters, and spaces and quotation
    marks around it don't count.
    """
    if name in LOADED:
        return name
    name = searchable(name).strip(_AROUND) if len(name) <= _LONGEST_NAME else ""
    return name if name in LOADED else ""


class Lines:
    """The lines of a text. Raises `UnreadableFile` when one row takes more than `MAX_ROW`."""

    def __init__(self, text: IO[str]) -> None:
        self._text, self._head = text, ""
        self._number = self._taken = 0  # lines taken; characters of the current row

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self._head = self._head, ""
        if not line.endswith(("\n", "\r")):
            line += self._text.readline(MAX_ROW + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._taken += len(line)
        if self._taken > MAX_ROW:
            values = {"row": self._number, "count": MAX_ROW}
            text = _("The row that ends in line %(row)d has more than %(count)d characters.")
            raise UnreadableFile(text % values)
        return line

    def begin_row(self) -> int:
        """The number of its first line."""
        self._taken = 0
        return self._number + 1

    def skip_blank(self, blanks: str) -> tuple[str, int]:
        """Skips lines that consist of `blanks`. Returns the beginning of the next line, which is
        not taken, and how many were skipped.
        """
        while (head := self._text.readline(PIECE)) and not head.strip(blanks):
            self._number += head.endswith(("\n", "\r"))
        self._head = head.lstrip("\ufeff")  # some programs write the mark twice
        return self._head, self._number

    def read(self, size: int) -> str:
        """Some text from where the lines are. Their numbers don't count any more."""
        text, self._head = self._head, ""
        return text or self._text.read(size)
