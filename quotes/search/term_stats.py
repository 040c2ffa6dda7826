"""How many lines of the board have a term: which terms are selective, and what they cost to read.

PostgreSQL  its own statistics of the index; before the first ANALYZE, the newest lines are counted
SQLite      the index's own counts; on a huge board, counted up to a limit and extrapolated
"""

import json
import math
from collections.abc import Iterable, Sequence
from itertools import filterfalse
from time import monotonic
from typing import Any

import orjson
from django.db import connection

Counts = dict[str, int]

_KEPT_SECONDS = 600.0
_RETRY_SECONDS = 10.0  # while PostgreSQL has no statistics
LARGE = 20_000  # lines; of a smaller board, SQLite's counts are read for each query
# Of a larger board, counts are estimated: SQLite walks through all lines that have a term, in C
# about 15 ns for each, with statements that stop at a limit seven times as long.
HUGE = 100_000
COUNTED = 5_000  # lines with a term; of more, the number is extrapolated from the first ones
_SAMPLE_SIZE = 2_000  # newest lines that represent a board without statistics

_STATISTICS = """
    SELECT greatest(c.reltuples, 0), most_common_elems::text::text[], most_common_elem_freqs
    FROM pg_class c JOIN pg_stats s
      ON s.tablename = c.relname AND s.schemaname = c.relnamespace::regnamespace::text
    WHERE c.oid = 'quote_search'::regclass AND most_common_elems IS NOT NULL
"""
_SAMPLE = """
    WITH line AS (
        SELECT search_text FROM quotes_quote
        WHERE is_apply ORDER BY created_at DESC, id DESC LIMIT %s
    )
    SELECT '', count(*) FROM line
    UNION ALL
    SELECT term, count(*) FROM line, unnest(string_to_array(search_text, ' ')) term
    WHERE term = ANY(%s) GROUP BY term
"""
# One short statement for any number of terms: SQLite would take longer to parse a long one.
_COUNTED = """
    SELECT term.value, (
        SELECT count(*) || ' ' || coalesce(max(rowid), 0) FROM (
            SELECT rowid FROM quotes_index
            WHERE quotes_index MATCH '"' || term.value || '"' LIMIT %s
        )
    )
    FROM json_each(%s) term
"""
_EXACT = "SELECT term, doc FROM quotes_term WHERE term IN (SELECT value FROM json_each(%s))"
# Of an index alone: 25 ms for a million lines. The greatest id would say nothing: lines that were
# deleted or declined have ids, too.
_SIZE = "SELECT '', count(*) FROM quotes_quote WHERE is_apply"
_SIZE_UNTIL = f"{_SIZE} AND id <= %s"


class Frequencies:
    """Counts kept in this process; up to ten minutes old on a large board."""

    def __init__(self, *, large: int = LARGE, huge: int = HUGE, counted: int = COUNTED) -> None:
        self._large, self._huge, self._counted = large, huge, counted
        self.forget()

    def forget(self) -> None:
        self._lines, self._counts, self._rare, self._until = 0, Counts(), 0, 0.0

    def of(self, terms: Sequence[str]) -> tuple[int, Counts]:
        """About how many lines are on the board, and how many of them have each of the terms."""
        is_sqlite = connection.vendor == "sqlite"
        if monotonic() > self._until:
            self.forget()
            self._read_sqlite() if is_sqlite else self._read_postgresql()
        if is_sqlite and self._lines < self._large:
            self._lines, counts = _split(_rows(*_sqlite_few(terms)))
            return self._lines, {term: counts.get(term, 0) for term in terms}
        if is_sqlite:
            self._count([*filterfalse(self._counts.__contains__, terms)])
        elif not self._counts:
            lines, counts = _split(_rows(_SAMPLE, [_SAMPLE_SIZE, list(terms)]))
            return lines, {term: counts.get(term, 0) for term in terms}
        return self._lines, {term: self._counts.get(term, self._rare) for term in terms}

    def _read_sqlite(self) -> None:
        [(_, self._lines)] = _rows(_SIZE)
        self._until = monotonic() + _KEPT_SECONDS

    def _read_postgresql(self) -> None:
        self._until = monotonic() + _RETRY_SECONDS
        for lines, terms, shares in _rows(_STATISTICS):
            self._lines = int(lines)
            # After the terms' frequencies, PostgreSQL stores the smallest and the greatest of them.
            self._rare = int(shares[len(terms)] * lines / 2)
            self._counts = {
                term: int(share * lines) for term, share in zip(terms, shares, strict=False)
            }
            self._until = monotonic() + _KEPT_SECONDS

    def _count(self, terms: Sequence[str]) -> None:
        if not terms:
            return
        if self._lines >= self._huge:
            self._estimate(terms)
            return
        self._counts.update(dict.fromkeys(terms, 0))
        self._counts.update(_rows(_EXACT, [orjson.dumps(terms).decode()]))

    def _estimate(self, terms: Sequence[str]) -> None:
        for term, counted in _rows(_COUNTED, [self._counted, json.dumps(terms)]):
            count, last = map(int, counted.split())
            if count == self._counted:
                [(_, until_last)] = _rows(_SIZE_UNTIL, [last])
                count = count * self._lines // max(1, until_last)
            self._counts[term] = count


frequencies = Frequencies()


def idf(lines: int, having: int) -> float:
    """The weight of a term that `having` of the `lines` have (inverse document frequency)."""
    return math.log(1 + (lines - having + 0.5) / (having + 0.5))


def _sqlite_few(terms: Sequence[str]) -> tuple[str, Sequence[str]]:
    marks = ", ".join(["%s"] * len(terms))
    return (
        f"{_SIZE} UNION ALL SELECT term, doc FROM quotes_term WHERE term IN ({marks})",  # noqa: S608
        terms,
    )


def _split(rows: Iterable[tuple[str, int]]) -> tuple[int, Counts]:
    counts = dict(rows)
    return counts.pop(""), counts


def _rows(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
