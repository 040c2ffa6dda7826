"""The board as a file, for staff: JSON lines or CSV, in lots, so that it takes no more memory on a
large board than on a small one. It names no person: lines are the community's. What it writes,
`quotes.stock` reads.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

import orjson
from django.utils import timezone

from config.api.times import local
from config.connections import release_connection
from quotes.models import Quote
from quotes.text import spreadsheet_safe

COLUMNS = ("id", "content", "speaker", "source", "context", "language", "likes", "applied_at")
FORMATS = {"jsonl": "application/x-ndjson", "csv": "text/csv"}
AT_ONCE = 1000

Row = Mapping[str, Any]


def export_board(form: str) -> Iterator[bytes]:
    """The applied lines, the oldest first, a lot of them at a time. `form` is one of `FORMATS`."""
    write = _csv if form == "csv" else _json_lines
    if form == "csv":
        yield b"\xef\xbb\xbf" + _written([COLUMNS])  # the mark by which spreadsheets know UTF-8
    for lot in _lots():
        yield write(lot)


def file_name(form: str) -> str:
    return f"daesa-board-{timezone.localdate()}.{form}"


def _lots() -> Iterator[list[Row]]:
    """By id instead of a cursor, and with no connection held while somebody reads."""
    board = Quote.objects.applied().order_by("pk").values(*COLUMNS)
    last = 0
    while lot := list(board.filter(pk__gt=last)[:AT_ONCE]):
        release_connection()
        yield lot
        last = lot[-1]["id"]


def _json_lines(lot: Iterable[Row]) -> bytes:
    return b"".join(orjson.dumps(_plain(row)) + b"\n" for row in lot)


def _csv(lot: Iterable[Row]) -> bytes:
    return _written(
        [spreadsheet_safe(value) if isinstance(value, str) else value for value in row.values()]
        for row in map(_plain, lot)
    )


def _written(rows: Iterable[Iterable[Any]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _plain(row: Row) -> Row:
    return {**row, "applied_at": local(row["applied_at"]).isoformat()}
