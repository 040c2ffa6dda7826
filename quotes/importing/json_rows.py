"""The rows of a JSON file: one object on each line, or one array of objects, which may be on one
line or on many. Its first character tells which. An array is read in pieces, so it takes no more
memory than one of its elements.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from quotes.importing.findings import Finding, PassedOver, UnreadableFile
from quotes.importing.rows import MAX_ROW, PIECE, Lines, NumberedRow, column_of

_BLANK = re.compile(r"[ \t\r\n]*")
_BLANKS = " \t\r\n"


class _Pairs(list[tuple[str, Any]]):
    """The pairs of an object. A dict would drop one of two with the same key."""


_decoder = json.JSONDecoder(object_pairs_hook=_Pairs)


def json_rows(lines: Lines, passed: PassedOver) -> tuple[str, Iterator[NumberedRow]]:
    """The form of the file, and its rows. The rows of an array are numbered by its elements. Raises
    `UnreadableFile`, also from the rows.
    """
    head, _skipped = lines.skip_blank(_BLANKS)
    if head.lstrip(_BLANKS).startswith("["):
        form, values = _("a JSON array, its elements as rows"), _elements(_Array(lines))
    else:
        form, values = _("JSON lines"), _line_by_line(lines)
    return form, ((number, _fields(number, value, passed)) for number, value in values)


def _line_by_line(lines: Lines) -> Iterator[NumberedRow]:
    while True:
        number = lines.begin_row()
        line = next(lines, "")
        if not line:
            return
        if line.strip():
            try:
                yield number, _decoder.decode(line)
            except (ValueError, RecursionError) as error:
                yield number, Finding(number, str(error))


def _elements(array: "_Array") -> Iterator[NumberedRow]:
    array.take()
    number, sign = 0, array.next_sign()
    while sign != "]":
        number += 1
        yield number, array.element(number)
        sign = array.next_sign()
        if sign == ",":
            array.take()
        elif sign != "]":
            text = _("Element %(number)d of the array is followed by neither “,” nor “]”.")
            raise UnreadableFile(text % {"number": number})
    array.take()
    if array.next_sign():
        text = _("There is more after the end of the array (%(number)d elements).")
        raise UnreadableFile(text % {"number": number})


class _Array:
    """What of the file was read, and where in it the parser is."""

    def __init__(self, lines: Lines) -> None:
        self._lines, self._text, self._at = lines, "", 0

    def take(self) -> None:
        """The sign that `next_sign` has seen."""
        self.next_sign()
        self._at += 1

    def next_sign(self) -> str:
        """The next character that is not blank, or "" at the end."""
        while True:
            self._at = self._after_blanks(self._at)
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def element(self, number: int) -> Any:
        self.next_sign()
        while True:
            try:
                value, end = _decoder.raw_decode(self._text, self._at)
                problem = ""
            except RecursionError as error:
                raise _not_json(number, str(error)) from error
            except ValueError as error:
                problem = getattr(error, "msg", str(error))
            # A malformed element may go on in the next piece, and so may a number.
            is_whole = not problem and self._is_separated(end)
            if not is_whole and len(self._text) - self._at <= MAX_ROW and self._more():
                continue
            if problem:
                raise _not_json(number, problem)
            self._at = end
            return value

    def _is_separated(self, end: int) -> bool:
        return self._text.startswith((",", "]"), self._after_blanks(end))

    def _after_blanks(self, place: int) -> int:
        match = _BLANK.match(self._text, place)
        return match.end() if match else place

    def _more(self) -> bool:
        """Reads as much as is left, so that a long element is parsed few times."""
        left = self._text[self._at :]
        piece = self._lines.read(max(PIECE, len(left)))
        self._text, self._at = left + piece, 0
        return bool(piece)


def _not_json(number: int, problem: str) -> UnreadableFile:
    text = _("Element %(number)d of the array cannot be read: %(problem)s")
    return UnreadableFile(text % {"number": number, "problem": problem})


def _fields(number: int, value: Any, passed: PassedOver) -> Any:
    if not isinstance(value, _Pairs):
        return value
    fields: dict[str, Any] = {}
    for key, inner in value:
        name = column_of(key)
        if name in fields:
            return Finding(number, _("is there twice"), name)
        if name:
            fields[name] = inner
        else:
            passed.unknown(number, key)
    return fields
