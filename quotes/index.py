"""The full-text index, in the database and kept up to date by it: applied lines only, so that what
is taken down cannot be found from the same moment on.

PostgreSQL  a partial GIN index over the tokens as a tsvector; statistics come from its own ANALYZE
SQLite      an FTS5 table without content (tokens alone, no positions), filled by triggers

Both give the same two things: how many lines have a term (`quotes.frequencies`), and the lines that
have it (`quotes.lookup`).
"""

from typing import Any

from django.db import connection

from quotes.frequencies import frequencies

_SQLITE_TABLES = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS quotes_index USING fts5(
        tokens, content = '', columnsize = 0, detail = none, tokenize = 'ascii')""",
    "CREATE VIRTUAL TABLE IF NOT EXISTS quotes_term USING fts5vocab('quotes_index', 'row')",
    # A term is looked for in each part of the index. Merging them sooner makes half as many, for
    # the same cost of a new line.
    "INSERT INTO quotes_index (quotes_index, rank) VALUES ('automerge', 2)",
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
VECTOR = "array_to_tsvector(string_to_array(search_text, ' '))"
_POSTGRESQL = (
    f"""CREATE INDEX IF NOT EXISTS quote_search ON quotes_quote USING gin ({VECTOR})
        WITH (fastupdate = off) WHERE is_apply""",
    # Most frequent terms that ANALYZE counts: ten times the target.
    "ALTER INDEX quote_search ALTER COLUMN 1 SET STATISTICS 1000",
)


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
    gather()


def gather() -> None:
    """After many lines at once: SQLite gets an index of one part, PostgreSQL new statistics."""
    sqlite = "INSERT INTO quotes_index (quotes_index) VALUES ('optimize')"
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else "ANALYZE quotes_quote")
    frequencies.forget()
