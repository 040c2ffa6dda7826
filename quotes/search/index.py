"""The full-text index. The database keeps it up to date and it has applied lines only, so a line
that is taken down cannot be found from that moment on.

PostgreSQL  a partial GIN index over the tokens as a tsvector; its statistics come from ANALYZE
SQLite      a contentless FTS5 table (tokens without positions), filled by triggers

Both answer two questions: how many lines have a term (`quotes.search.term_stats`), and which lines
have it (`quotes.search.candidates`).
"""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django.apps import apps as registry
from django.apps.registry import Apps
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from config.batches import batch
from config.db.operations import drop_invalid_index
from quotes.search.term_stats import frequencies

_SQLITE_TABLES = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS quotes_index USING fts5(
        tokens, content = '', columnsize = 0, detail = none, tokenize = 'ascii')""",
    "CREATE VIRTUAL TABLE IF NOT EXISTS quotes_term USING fts5vocab('quotes_index', 'row')",
    # A term is looked up in each segment of the index. Merging at two segments leaves half as many,
    # for the same cost of a new line.
    "INSERT INTO quotes_index (quotes_index, rank) VALUES ('automerge', 2)",
)
PAGES = 100  # of the index, merged in one transaction: about 50 ms at most
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
VECTOR = "array_to_tsvector(string_to_array(search_text, ' '))"
# The lines of a large board are read and written while it is built.
_POSTGRESQL_INDEX = f"""CREATE INDEX CONCURRENTLY IF NOT EXISTS quote_search
    ON quotes_quote USING gin ({VECTOR}) WITH (fastupdate = off) WHERE is_apply"""
# ANALYZE keeps ten times as many most common terms.
_POSTGRESQL_STATISTICS = "ALTER INDEX quote_search ALTER COLUMN 1 SET STATISTICS 1000"


def has_tokens(migrated: Apps) -> bool:
    """Whether there is a table with tokens: not where migrations were undone."""
    try:
        fields = migrated.get_model("quotes", "Quote")._meta.get_fields()  # noqa: SLF001
    except LookupError:
        return False
    return "search_text" in {field.name for field in fields}


def ensure_index(*, apps: Apps = registry, **_signal: Any) -> None:
    """Creates what is missing. On SQLite, a migration that recreates the table drops its triggers;
    then the index is rebuilt.
    """
    if not has_tokens(apps):
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            drop_invalid_index(connection, "quote_search")
            cursor.execute(_POSTGRESQL_INDEX)
            cursor.execute(_POSTGRESQL_STATISTICS)
            return
        for statement in _SQLITE_TABLES:
            cursor.execute(statement)
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        if {name for (name,) in cursor.fetchall()} >= _SQLITE_TRIGGERS.keys():
            return
        for name, body in _SQLITE_TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {body}")
    rebuild()


def has_terms(terms: Mapping[str, bool]) -> RawSQL:
    """The condition, for a query of applied lines, that a line has all these terms. True: terms
    that begin so.
    """
    if connection.vendor == "postgresql":
        words = " & ".join(f"'{term}'{':*' * begins}" for term, begins in terms.items())
        return RawSQL(f"{VECTOR} @@ %s::tsquery", [words], BooleanField())  # noqa: S611 - a constant  # nosec B611
    words = " AND ".join(f'"{term}"{"*" * begins}' for term, begins in terms.items())
    found = "SELECT rowid FROM quotes_index WHERE quotes_index MATCH %s"
    return RawSQL(f"quotes_quote.id IN ({found})", [words], BooleanField())  # noqa: S611  # nosec B611


def rebuild() -> None:
    """Fills SQLite's index from the stored tokens. PostgreSQL's cannot get out of step."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO quotes_index (quotes_index) VALUES ('delete-all')")
        cursor.execute(
            "INSERT INTO quotes_index (rowid, tokens)"
            " SELECT id, search_text FROM quotes_quote WHERE is_apply"
        )
    optimize()


def optimize(pages: int = PAGES) -> None:
    """After many new lines: merges SQLite's index into one segment, or updates PostgreSQL's
    statistics.
    """
    if connection.vendor == "sqlite":
        _merge(pages)
    else:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE quotes_quote")
    frequencies.forget()


def _merge(pages: int) -> None:
    """Does what FTS5's own "optimize" does, in short transactions instead of one long one. A
    negative number of pages starts a merge, which is complete when a further step changes nothing
    (https://www.sqlite.org/fts5.html#the_merge_command).
    """
    step = -pages
    while True:
        with (
            nullcontext() if connection.in_atomic_block else batch(),
            connection.cursor() as cursor,
        ):
            before = connection.connection.total_changes
            cursor.execute(
                "INSERT INTO quotes_index (quotes_index, rank) VALUES ('merge', %s)", [step]
            )
            changed = connection.connection.total_changes - before
        if changed < 2:  # noqa: PLR2004 - as SQLite says
            return
        step = pages
