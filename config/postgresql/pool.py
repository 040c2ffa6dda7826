"""A bounded pool of psycopg2 connections, for threads and for greenlets alike.

Thousands of greenlets share a few connections: each holds one for a transaction or a query, never
while it waits for the upstream. The newest returned is handed out first, so that the others may
rest, and a connection whose server went away is noticed before it is handed out.
"""

import select
import threading
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from gevent.monkey import get_original
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection  # noqa: N812

# The real one: under gevent the module's own would hand over to the hub for a look that takes none.
_poll: Callable[[], Any] = get_original("select", "poll")


class Pool:
    """At most `size` connections; `take` waits up to `patience` seconds for a free one."""

    def __init__(self, *, size: int, patience: float) -> None:
        self.size = size
        self._patience = patience
        self._free: list[Connection] = []
        self._permits = threading.BoundedSemaphore(size)

    def take(self, connect: Callable[[], Connection]) -> Connection:
        """A usable connection, made by `connect` where none is at rest. Raises
        `OperationalError` when all are busy for too long, and what `connect` raises.
        """
        if not self._permits.acquire(timeout=self._patience):
            raise OperationalError(f"all {self.size} database connections are busy")
        try:
            while self._free:
                connection = self._free.pop()
                if _is_quiet(connection):
                    return connection
                connection.close()
            return connect()
        except BaseException:
            self._permits.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Take a connection back; one that is broken or inside a transaction is closed."""
        try:
            idle = connection.info.transaction_status == TRANSACTION_STATUS_IDLE
            if idle and not connection.closed:
                self._free.append(connection)
            else:
                connection.close()
        finally:
            self._permits.release()

    def close(self) -> None:
        """Close the connections at rest."""
        while self._free:
            self._free.pop().close()

    def stats(self) -> dict[str, int]:
        """How many connections there may be, how many are in use, and how many rest."""
        used = self.size - self._permits._value  # noqa: SLF001 - it has no public name
        return {"size": self.size, "used": used, "idle": len(self._free)}


def _is_quiet(connection: Connection) -> bool:
    """Whether nothing waits to be read: a resting server says nothing but good-bye."""
    if connection.closed:
        return False
    poll = _poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
