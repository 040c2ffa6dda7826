"""Reading the rows of a single moment, while others write."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from config.db.sql import execute, fetch_one, is_postgresql


@contextmanager
def snapshot() -> Iterator[None]:
    """Within the block, every query sees the rows as they were at its beginning. Nobody waits for
    it: on SQLite a transaction that only reads takes no lock in WAL mode. (Django's own begins by
    taking the write lock.)
    """
    if is_postgresql():
        with transaction.atomic(durable=True):
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()
    execute("BEGIN DEFERRED")
    try:
        fetch_one("SELECT count(*) FROM sqlite_master")  # the moment is the first read
        yield
    finally:
        execute("ROLLBACK")
