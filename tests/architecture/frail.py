"""A database that fails once, at the n-th statement (commits are counted as statements).

On PostgreSQL the server ends the connection, before the statement or after it, when it may have
been stored and its result is lost. On SQLite the statement fails as on a full or broken disk.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest
from django.db import connection, connections
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from config.db.postgresql.base import close_pools

BEFORE, AFTER = "before", "after"


class Fault:
    """Strikes at statement `at` of those run while it is armed; 0: never."""

    def __init__(self) -> None:
        self.at, self.when, self.count = 0, BEFORE, 0
        self.end: Callable[[int], None] = lambda _pid: None

    @contextmanager
    def armed(self, at: int, when: str) -> Iterator[None]:
        self.at, self.when, self.count = at, when, 0
        try:
            yield
        finally:
            self.at = 0

    def is_next(self) -> bool:
        self.count += bool(self.at)
        return self.count == self.at > 0

    def strike(self, server: Any, run: Callable[[], Any], check: Callable[[], Any]) -> Any:
        """`run`, with the connection ended before it, or after it as `check` then finds."""
        if not self.is_next():
            return run()
        if self.when == AFTER:
            run()
        self.end(server.info.backend_pid)
        return run() if self.when == BEFORE else check()


fault = Fault()


class FrailCursor(psycopg2.extensions.cursor):
    def execute(self, query: Any, params: Any = None) -> Any:
        run = super().execute
        return fault.strike(self.connection, lambda: run(query, params), lambda: run("SELECT 1"))


class FrailConnection(psycopg2.extensions.connection):
    def commit(self) -> None:
        fault.strike(self, super().commit, lambda: self.cursor().execute("SELECT 1"))


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A second connection, which ends others."""
    if connection.vendor != "postgresql":
        yield None
        return
    params = {**connection.get_connection_params(), "dbname": "postgres"}
    other = psycopg2.connect(**params)
    other.autocommit = True
    yield other
    other.close()


@pytest.fixture
def frail(transactional_db, server, monkeypatch) -> Iterator[Fault]:
    """All connections that are made in the test can fail."""
    if server is None:
        monkeypatch.setattr(SQLiteCursorWrapper, "execute", _failing(SQLiteCursorWrapper.execute))
        yield fault
        return

    def end(pid: int) -> None:
        with server.cursor() as cursor:  # waits until the process is gone
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])

    options = connections.settings["default"]["OPTIONS"]
    monkeypatch.setitem(options, "connection_factory", FrailConnection)
    monkeypatch.setitem(options, "cursor_factory", FrailCursor)
    connections.close_all()
    close_pools()
    fault.end = end
    yield fault
    connections.close_all()
    close_pools()


def _failing(real: Callable[..., Any]) -> Callable[..., Any]:
    def execute(cursor: Any, query: str, params: Any = None) -> Any:
        if fault.is_next():
            raise sqlite3.OperationalError("disk I/O error")
        return real(cursor, query, params)

    return execute
