"""A bounded pool of psycopg2 connections, for threads and greenlets.

Thousands of greenlets share a few connections: each holds one for a transaction or a query, never
while it waits for the upstream. The most recently returned is handed out first, so that the others
stay idle, and a connection that the server has closed is noticed before it is handed out.

If the server refuses a connection (too many clients, still starting up), the pool tries again after
a pause, or takes a connection that is returned meanwhile.
"""

import select
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg2
from django.db import OperationalError
from gevent.monkey import get_original
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection  # noqa: N812

# The original: gevent's version would switch greenlets for a call that does not wait.
_poll: Callable[[], Any] = get_original("select", "poll")

_FIRST_PAUSE = 0.05  # seconds between two refused attempts to connect
_LONGEST_PAUSE = 0.5
# Errors of the server have a severity (in its language), a colon and two spaces; libpq's own errors
# (no route, connection refused) have one space.
_FROM_SERVER = ":  "
_PERMANENT = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "not permitted to log in",
    "not currently accepting connections",
    "permission denied",
    # PgBouncer's own.
    "no such database",
    "no such user",
    "unsupported startup parameter",
)


class Pool:
    """At most `size` connections; `take` waits up to `patience` seconds for a usable one."""

    def __init__(self, *, size: int, patience: float) -> None:
        self.size = size
        self._patience = patience
        self._free: list[Connection] = []
        self._permits = threading.BoundedSemaphore(size)
        self._returned = threading.Condition(threading.Lock())
        self._refusal = ""
        self._pause = self._next_attempt = 0.0
        self.waits = self.timeouts = 0  # waits for a free connection, and those that took too long

    def take(self, connect: Callable[[], Connection]) -> Connection:
        """A usable connection, made by `connect` if none is idle. Raises `OperationalError` if all
        are busy for too long, and what `connect` raises: at once if the server is away, after
        `patience` seconds if it refuses.
        """
        deadline = monotonic() + self._patience
        if not self._permit():
            raise OperationalError(f"all {self.size} database connections are busy")
        try:
            while True:
                if (connection := self._idle()) or (connection := self._new(connect, deadline)):
                    return connection
                self._wait(deadline)
        except BaseException:
            self._permits.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """Takes a connection back. One that is broken or inside a transaction is closed."""
        try:
            idle = connection.info.transaction_status == TRANSACTION_STATUS_IDLE
            if idle and not connection.closed:
                with self._returned:
                    self._free.append(connection)
                    self._returned.notify()
            else:
                connection.close()
        finally:
            self._permits.release()

    def _permit(self) -> bool:
        if self._permits.acquire(blocking=False):
            return True
        self.waits += 1
        if self._permits.acquire(timeout=self._patience):
            return True
        self.timeouts += 1
        return False

    def _idle(self) -> Connection | None:
        while self._free:
            connection = self._free.pop()
            if is_alive(connection):
                return connection
            connection.close()
        return None

    def _new(self, connect: Callable[[], Connection], deadline: float) -> Connection | None:
        """None if the server refused this attempt, or another one a moment ago: all waiting callers
        share one pause, so that they do not all try a full server.
        """
        with self._returned:
            now, pause = monotonic(), self._pause
            if now >= deadline and self._refusal:
                raise OperationalError(self._refusal)
            if now < self._next_attempt:
                return None
            self._next_attempt = now + pause  # the others wait for the result
        try:
            connection = connect()
        except psycopg2.OperationalError as error:
            if not _is_temporary(error):
                raise
            self._refusal = str(error)
            self._pause = min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE)
            self._next_attempt = monotonic() + self._pause
            return None
        if pause:
            with self._returned:
                self._refusal, self._pause, self._next_attempt = "", 0.0, 0.0
                self._returned.notify_all()
        return connection

    def _wait(self, deadline: float) -> None:
        """Waits until a connection is returned or the next attempt is due."""
        with self._returned:
            until = min(self._next_attempt, deadline) - monotonic()
            self._returned.wait_for(lambda: self._free, timeout=max(0.0, until))

    def close(self) -> None:
        """Closes the idle connections."""
        while self._free:
            self._free.pop().close()

    def stats(self) -> dict[str, int]:
        """The pool's size, and how many connections are in use and idle."""
        used = self.size - self._permits._value  # noqa: SLF001 - it has no public name
        return {"size": self.size, "used": used, "idle": len(self._free)}


def is_alive(connection: Connection) -> bool:
    """Whether nothing is to be read: the server sends an idle connection only its end."""
    if connection.closed:
        return False
    poll = _poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)


def _is_temporary(error: psycopg2.OperationalError) -> bool:
    """Whether the server answered that it accepts no more connections now. psycopg2 has no SQLSTATE
    for failed connections, so this looks at the text.
    """
    text = str(error)
    return _FROM_SERVER in text and not any(reason in text for reason in _PERMANENT)
