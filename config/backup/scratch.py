"""Where a backup is restored before anybody can read it: on SQLite a file beside the database's
file, on PostgreSQL a schema. It then replaces the empty database in one step, or is dropped.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction

from config.backup.errors import BadTarget
from config.db.errors import first_line
from config.db.other_database import default_is
from config.db.sql import execute, fetch_all, fetch_one, is_postgresql
from config.db.sqlite.base import close_kept

_SCHEMAS = {"restore": "daesa_restore", "rehearsal": "daesa_rehearsal"}
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename"


def check_is_empty() -> None:
    """Raises `BadTarget` where the database has any table."""
    if names := connection.introspection.table_names():
        raise BadTarget(
            f"The database is not empty: it has the table {names[0]}"
            + (f" and {len(names) - 1} more" if len(names) > 1 else "")
            + ". Restore into a new one"
        )


class Scratch:
    """`dropping` creates it, and drops it at the end of the block; it first drops what a process
    that was killed has left. Within `working`, the default connection leads to it.
    """

    @contextmanager
    def dropping(self) -> Iterator[None]:
        raise NotImplementedError

    @contextmanager
    def working(self) -> Iterator[None]:
        raise NotImplementedError

    def publish(self) -> None:
        """Replaces the empty database by it. Raises `BadTarget`."""
        raise NotImplementedError


def scratch(purpose: str) -> Scratch:
    """`purpose`: `restore` or `rehearsal`."""
    return _Schema(_SCHEMAS[purpose]) if is_postgresql() else _File(purpose)


class _Schema(Scratch):
    def __init__(self, name: str) -> None:
        self._name = name

    @contextmanager
    def dropping(self) -> Iterator[None]:
        self._drop()
        try:
            execute(f"CREATE SCHEMA {self._name}")
        except DatabaseError as error:
            raise BadTarget(
                f"The role cannot create a schema in the database: {first_line(error)}"
            ) from error
        try:
            yield
        finally:
            self._drop()

    @contextmanager
    def working(self) -> Iterator[None]:
        given: dict[str, Any] = connections.settings[DEFAULT_DB_ALIAS]
        own = f"{given['OPTIONS'].get('options', '')} -c search_path={self._name}".strip()
        with default_is({**given, "OPTIONS": {**given["OPTIONS"], "options": own}}):
            yield

    def publish(self) -> None:
        """The tables with their indexes and sequences move in one transaction."""
        quote = connection.ops.quote_name
        with transaction.atomic(durable=True):
            check_is_empty()
            schema = fetch_one("SELECT current_schema()")
            for (table,) in fetch_all(_TABLES, [self._name]):
                moved = f"{self._name}.{quote(table)}"
                execute(f"ALTER TABLE {moved} SET SCHEMA {quote(schema[0] if schema else '')}")

    def _drop(self) -> None:
        execute(f"DROP SCHEMA IF EXISTS {self._name} CASCADE")


class _File(Scratch):
    def __init__(self, purpose: str) -> None:
        self._target = Path(connection.settings_dict["NAME"])
        name = f".{self._target.name}.{purpose}-{secrets.token_hex(4)}"
        self._path = self._target.with_name(name)

    @contextmanager
    def dropping(self) -> Iterator[None]:
        for left in self._target.parent.glob(f"{self._path.name.rpartition('-')[0]}-*"):
            left.unlink()
        self._path.touch(mode=0o600)
        try:
            yield
        finally:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    @contextmanager
    def working(self) -> Iterator[None]:
        given: dict[str, Any] = connections.settings[DEFAULT_DB_ALIAS]
        with default_is({**given, "NAME": str(self._path)}):
            yield

    def publish(self) -> None:
        """Gives the file the name of the empty one, after all of it was written to the disk."""
        check_is_empty()
        connection.close()
        close_kept(self._target)
        if Path(f"{self._target}-wal").exists():
            raise BadTarget("Another process has the database open: stop it first")
        with self._path.open("rb") as file:
            os.fsync(file.fileno())
        self._path.replace(self._target)
