"""The database backend: `ENGINE = "config.postgresql"`. Options `POOL_SIZE` and `POOL_PATIENCE`."""

from functools import partial
from typing import Any

from django.db import connections
from django.db.backends.postgresql import base
from django.db.backends.postgresql.creation import DatabaseCreation as PostgreSQLCreation

from config.postgresql.pool import Pool

_pools: dict[str, Pool] = {}


class DatabaseCreation(PostgreSQLCreation):
    def destroy_test_db(self, *args: Any, **kwargs: Any) -> None:
        connections.close_all()  # one may have taken the place of `self.connection` meanwhile
        self.connection.close()
        close_pools()
        super().destroy_test_db(*args, **kwargs)

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:  # noqa: ARG002
        """By force: what a test's thread has left open lasts until Python collects it."""
        with self.connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django itself
            name = self.connection.ops.quote_name(test_database_name)
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("POOL_SIZE")
        params.pop("POOL_PATIENCE")
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        return self._pool().take(partial(super().get_new_connection, conn_params))

    def _close(self) -> None:
        if self.connection is not None:
            self._pool().give_back(self.connection)

    def pool_stats(self) -> dict[str, int]:
        """How this process uses the server: see `Pool.stats`."""
        return self._pool().stats()

    def _pool(self) -> Pool:
        settings = self.settings_dict
        pool = _pools.get(settings["NAME"])
        if pool is None:
            options = settings["OPTIONS"]
            pool = Pool(size=options["POOL_SIZE"], patience=options["POOL_PATIENCE"])
            pool = _pools.setdefault(settings["NAME"], pool)
        return pool


def close_pools() -> None:
    """Close the resting connections of this process."""
    for pool in _pools.values():
        pool.close()
