"""Another database in the place of the default one, for commands that fill or try one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from config.db.sqlite.base import close_kept


@contextmanager
def default_is(settings: Mapping[str, Any]) -> Iterator[None]:
    """Within the block, the default connection is to the database of these settings. For the whole
    process, so only where nothing else uses the database meanwhile.
    """
    former = connections.settings[DEFAULT_DB_ALIAS]
    wrapper = connections[DEFAULT_DB_ALIAS]
    wrapper.close()
    with _own_pool(str(settings["NAME"])):
        connections.settings[DEFAULT_DB_ALIAS] = dict(settings)
        del connections[DEFAULT_DB_ALIAS]
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS].close()
            close_kept(Path(settings["NAME"]))
            connections.settings[DEFAULT_DB_ALIAS] = former
            connections[DEFAULT_DB_ALIAS] = wrapper


@contextmanager
def _own_pool(name: str) -> Iterator[None]:
    """Pools are kept by the database's name, and these connections may have other options."""
    from config.db.postgresql.base import pools  # noqa: PLC0415 - needs psycopg2

    former = pools.pop(name, None)
    try:
        yield
    finally:
        if own := pools.pop(name, None):
            own.close()
        if former:
            pools[name] = former
