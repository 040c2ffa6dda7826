"""Django's PostgreSQL backend with a connection pool (options `POOL_SIZE` and `POOL_PATIENCE`),
limits on the time of statements (`TIME_LIMITS`), and a second attempt where the server has ended a
connection.
"""

import re
from functools import partial
from typing import Any

from django.db import connections
from django.db.backends.postgresql import base
from django.db.backends.postgresql.creation import DatabaseCreation as PostgreSQLCreation
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

from config.db.errors import UNAVAILABLE
from config.db.postgresql.pool import Pool, is_alive

pools: dict[str, Pool] = {}

# PostgreSQL's default of 4 is for rotating disks. With it, PostgreSQL read all lines of a board of
# some hundred for each term of a question, which takes 6 times the CPU of reading the index.
_COSTS = "-c random_page_cost=1.1"
_READS = ("SELECT", "WITH")
_WRITES = re.compile(r";|\b(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)


class DatabaseCreation(PostgreSQLCreation):
    def destroy_test_db(self, *args: Any, **kwargs: Any) -> None:
        connections.close_all()  # another wrapper may have replaced `self.connection`
        self.connection.close()
        close_pools()
        super().destroy_test_db(*args, **kwargs)

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:  # noqa: ARG002
        """By force: connections of a test's threads stay open until they are garbage-collected."""
        with self.connection._nodb_cursor() as cursor:  # noqa: SLF001 - as in Django
            name = self.connection.ops.quote_name(test_database_name)
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


class _Repeating(CursorWrapper):
    """Executes a statement again on a new connection where that can do no harm."""

    def _execute(self, sql: Any, params: Any, *context: Any) -> Any:
        try:
            result = super()._execute(sql, params, *context)  # type: ignore[misc]
        except UNAVAILABLE:
            if not self.db.may_repeat(sql):
                raise
            self.cursor = self.db.replace_connection()
            result = super()._execute(sql, params, *context)  # type: ignore[misc]
        self.db.is_beginning = False
        return result


class _DebugRepeating(CursorDebugWrapper, _Repeating):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    has_time_limits = False  # set for the class by `limit_time`
    is_beginning = False  # in a transaction of which no statement has been executed yet
    _own_pool: Pool | None = None

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("POOL_SIZE")
        params.pop("POOL_PATIENCE")
        limits = params.pop("TIME_LIMITS")
        if limits and self.has_time_limits:
            # Options of DATABASE_URL come last, so they take precedence.
            params["options"] = f"{_COSTS} {limits} {params.get('options', '')}".strip()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        return self._pool().take(partial(super().get_new_connection, conn_params))

    def ensure_connection(self) -> None:
        """Also replaces a connection on which an earlier statement of the request has failed."""
        if self.connection is not None and self.connection.closed and not self.in_atomic_block:
            self.close()
        super().ensure_connection()

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return _Repeating(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        return _DebugRepeating(cursor, self)

    def may_repeat(self, sql: Any) -> bool:
        """Whether a statement that failed may be executed again: the connection is lost, and either
        the statement reads only, or it began a transaction, which was rolled back with it.
        """
        if self.connection is None or is_alive(self.connection):
            return False
        if self.in_atomic_block:
            return self.is_beginning
        is_read = isinstance(sql, str) and sql.lstrip().upper().startswith(_READS)
        return is_read and not _WRITES.search(sql)

    def replace_connection(self) -> Any:
        """A cursor of a new connection, in the same state of autocommit as the lost one."""
        lost, self.connection = self.connection, None
        self._pool().give_back(lost)
        with self.wrap_database_errors:
            self.connection = self.get_new_connection(self.get_connection_params())
            self.connection.autocommit = True
            self.init_connection_state()
            self.connection.autocommit = not self.in_atomic_block
            return self.create_cursor()

    def reserve_connection(self) -> None:
        """From now on this wrapper has one connection of its own, beside the pool's."""
        self.close()
        self._own_pool = Pool(size=1, patience=self.settings_dict["OPTIONS"]["POOL_PATIENCE"])

    def pool_stats(self) -> dict[str, int]:
        """See `Pool.stats`; `waits` and `timeouts` are counted since the process began."""
        pool = self._shared_pool()
        return {**pool.stats(), "waits": pool.waits, "timeouts": pool.timeouts}

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - as in Django
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        self.is_beginning = not autocommit

    def _close(self) -> None:
        if self.connection is not None:
            self._pool().give_back(self.connection)

    def _pool(self) -> Pool:
        return self._own_pool or self._shared_pool()

    def _shared_pool(self) -> Pool:
        settings = self.settings_dict
        pool = pools.get(settings["NAME"])
        if pool is None:
            options = settings["OPTIONS"]
            pool = Pool(size=options["POOL_SIZE"], patience=options["POOL_PATIENCE"])
            pool = pools.setdefault(settings["NAME"], pool)
        return pool


def limit_time(*, is_limited: bool = True) -> None:
    """Applies `TIME_LIMITS` to connections that are made from now on: those of a server. Commands,
    such as migrations, may take as long as they need.
    """
    DatabaseWrapper.has_time_limits = is_limited


def close_pools() -> None:
    """Closes the idle connections of this process."""
    for pool in pools.values():
        pool.close()
