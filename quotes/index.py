"""The full-text index, in the database and kept up to date by it: applied lines only, so that what
is taken down cannot be found from the same moment on.

PostgreSQL  a partial GIN index over the tokens as a tsvector; statistics come from its own ANALYZE
SQLite      an FTS5 table without content (tokens alone, no positions), filled by triggers

Both give the same two things: how many lines have a term, and the lines that have it.
"""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

from django.db import connection

Terms = tuple[str, ...]  # that stand in one line together

_SQLITE_TABLES = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS quotes_index USING fts5(
        tokens, content = '', columnsize = 0, detail = none, tokenize = 'ascii')""",
    "CREATE VIRTUAL TABLE IF NOT EXISTS quotes_term USING fts5vocab('quotes_index', 'row')",
)
_REMOVE = """INSERT INTO quotes_index (quotes_index, rowid, tokens)
    SELECT 'delete', old.id, old.search_text WHERE old.is_apply;"""
_ADD = """INSERT INTO quotes_index (rowid, tokens)
    SELECT new.id, new.search_text WHERE new.is_apply;"""
_SQLITE_TRIGGERS = {
    "quotes_index_insert": f"AFTER INSERT ON quotes_quote BEGIN {_ADD} END",
    "quotes_index_delete": f"AFTER DELETE ON quotes_quote BEGIN {_REMOVE} END",
    "quotes_index_update": "AFTER UPDATE OF id, is_apply, search_text ON quotes_quote "
    "WHEN old.is_apply <> new.is_apply OR old.search_text <> new.search_text OR old.id <> new.id "
    f"BEGIN {_REMOVE} {_ADD} END",
}
_VECTOR = "array_to_tsvector(string_to_array(search_text, ' '))"
_POSTGRESQL = (
    f"""CREATE INDEX IF NOT EXISTS quote_search ON quotes_quote USING gin ({_VECTOR})
        WITH (fastupdate = off) WHERE is_apply""",
    # Most frequent terms that ANALYZE counts: ten times the target.
    "ALTER INDEX quote_search ALTER COLUMN 1 SET STATISTICS 1000",
)
_STATISTICS = """
    SELECT greatest(c.reltuples, 0), most_common_elems::text::text[], most_common_elem_freqs
    FROM pg_class c LEFT JOIN pg_stats s
      ON s.tablename = c.relname AND s.schemaname = c.relnamespace::regnamespace::text
    WHERE c.oid = 'quote_search'::regclass
"""
_KEPT_SECONDS = 300.0
_LARGE = 20_000  # lines; of a smaller board, SQLite's counts are asked for each time


class Frequencies:
    """How many lines have a term, as known in this process; a few minutes old on a large board."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._lines, self._counts, self._until = 0, dict[str, int](), 0.0

    def of(self, terms: Iterable[str]) -> tuple[int, dict[str, int]]:
        """The number of lines on the board, and of those with each term, where it is known."""
        if monotonic() > self._until:
            self.forget()
            self._until = monotonic() + _KEPT_SECONDS
            self._lines, self._counts = _all_counts()
        missing = [term for term in terms if term not in self._counts]
        if missing and connection.vendor == "sqlite":
            self._counts.update(dict.fromkeys(missing, 0) | _sqlite_counts(missing))
        if connection.vendor == "sqlite" and self._lines < _LARGE:
            self._until = 0.0
        return self._lines, self._counts


frequencies = Frequencies()


def ensure_index(**_signal: Any) -> None:
    """Makes what is missing. On SQLite, a migration that makes the table anew drops its triggers;
    then the index is filled again.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in _POSTGRESQL:
                cursor.execute(statement)
            return
        for statement in _SQLITE_TABLES:
            cursor.execute(statement)
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        if {name for (name,) in cursor.fetchall()} >= _SQLITE_TRIGGERS.keys():
            return
        for name, body in _SQLITE_TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {body}")
    refill()


def refill() -> None:
    """Fills SQLite's index from the lines' tokens; PostgreSQL's cannot be out of step."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO quotes_index (quotes_index) VALUES ('delete-all')")
        cursor.execute(
            "INSERT INTO quotes_index (rowid, tokens)"
            " SELECT id, search_text FROM quotes_quote WHERE is_apply"
        )


def lines_with(groups: Sequence[Terms], *, most: int) -> list[tuple[int, int]]:
    """(number of the group, id of a line that has all its terms), at most `most` for each group."""
    if not groups:
        return []
    leaf, match = _LEAVES[connection.vendor]
    arms = " UNION ALL ".join(f"SELECT * FROM ({leaf}) a{n}" for n in range(len(groups)))  # noqa: S608 - terms go as parameters
    values: list[Any] = []
    for number, terms in enumerate(groups):
        values += [number, match(terms), most]
    with connection.cursor() as cursor:
        cursor.execute(arms, values)
        return list(cursor.fetchall())


def _sqlite_match(terms: Terms) -> str:
    return " AND ".join(f'"{term}"' for term in terms)


def _postgresql_match(terms: Terms) -> str:
    return " & ".join(f"'{term}'" for term in terms)


_LEAVES = {
    "sqlite": (
        "SELECT %s, rowid FROM quotes_index WHERE quotes_index MATCH %s LIMIT %s",
        _sqlite_match,
    ),
    "postgresql": (
        f"SELECT %s, id FROM quotes_quote WHERE is_apply AND {_VECTOR} @@ %s::tsquery LIMIT %s",  # noqa: S608
        _postgresql_match,
    ),
}


def _all_counts() -> tuple[int, dict[str, int]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Withdrawn lines count on, which an estimate bears; count(*) would read them all.
            cursor.execute("SELECT coalesce(max(id), 0) FROM quotes_quote")
            return cursor.fetchone()[0], {}
        cursor.execute(_STATISTICS)
        lines, terms, shares = cursor.fetchone()
    return int(lines), {
        term: int(share * lines) for term, share in zip(terms or (), shares or (), strict=False)
    }


def _sqlite_counts(terms: Sequence[str]) -> dict[str, int]:
    marks = ", ".join(["%s"] * len(terms))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT term, doc FROM quotes_term WHERE term IN ({marks})",  # noqa: S608
            terms,
        )
        return dict(cursor.fetchall())
