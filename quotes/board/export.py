"""The board as a file, for staff: JSON lines or CSV, in batches, so that a large board takes no
more memory than a small one. It contains no user. `quotes.importing.importer` can read it.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from itertools import chain
from typing import Any

from django.utils import timezone

from config.api.renderers import json_line
from config.api.times import local
from config.batches import paced
from config.db.connections import release_connection
from quotes.columns import EXPORTED
from quotes.models import Quote
from quotes.text.spreadsheet import spreadsheet_safe

FORMATS = {"jsonl": "application/x-ndjson", "csv": "text/csv"}
BATCH_SIZE = 200
_TIMES = ("applied_at", "gloss_reviewed_at")

ExportedRow = Mapping[str, Any]


def export_board(form: str) -> Iterator[bytes]:
    """The applied lines, oldest first, in batches. `form` is one of `FORMATS`."""
    write = _csv if form == "csv" else _json_lines
    batches = paced(_batches())
    first = next(batches, [])  # before the head, so that a database that is away is found at once
    if form == "csv":
        yield b"\xef\xbb\xbf" + _csv_text([EXPORTED])  # spreadsheets need the BOM
    for rows in chain([first], batches) if first else ():
        yield write(rows)


def file_name(form: str) -> str:
    return f"daesa-board-{timezone.localdate()}.{form}"


def _batches() -> Iterator[list[ExportedRow]]:
    """By id instead of a cursor, so that no connection is held while the client reads."""
    board = Quote.objects.applied().order_by("pk").values(*EXPORTED)
    last = 0
    while rows := list(board.filter(pk__gt=last)[:BATCH_SIZE]):
        release_connection()
        yield rows
        if len(rows) < BATCH_SIZE:
            return
        last = rows[-1]["id"]


def _json_lines(rows: Iterable[ExportedRow]) -> bytes:
    return b"".join(json_line(_with_local_time(row)) + b"\n" for row in rows)


def _csv(rows: Iterable[ExportedRow]) -> bytes:
    return _csv_text(
        [spreadsheet_safe(value) if isinstance(value, str) else value for value in row.values()]
        for row in map(_with_local_time, rows)
    )


def _csv_text(rows: Iterable[Iterable[Any]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _with_local_time(row: ExportedRow) -> ExportedRow:
    times = {name: row[name] and local(row[name]).isoformat() for name in _TIMES}
    return {**row, **times}
