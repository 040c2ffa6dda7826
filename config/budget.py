"""Long computations that yield to other requests and stop when their time is used up.

gevent switches between the requests of a worker only when one waits, so a long computation has to
yield explicitly.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

SLICE = 0.005  # CPU seconds between two yields


class OutOfTime(Exception):  # noqa: N818 - it says what happened
    """The budget's time is used up."""


class Clock(Protocol):
    """What a budget needs of the module `time`."""

    def thread_time(self) -> float: ...
    def sleep(self, seconds: float, /) -> None: ...


class Budget:
    """CPU seconds for one computation, by default unlimited. `is_exceeded`: some of the work was
    skipped, because of the time or (set by the caller) because there was too much of it.

    A call into C cannot be interrupted, so bound its input beforehand.
    """

    def __init__(self, seconds: float = float("inf"), *, clock: Clock = time) -> None:
        self._clock = clock
        self.is_exceeded = False
        self._left = seconds
        self._slice = SLICE
        self._since = self._clock.thread_time()

    def give_way(self) -> None:
        """Call between two steps; lets other requests run once per `SLICE`."""
        self._count()
        if self._slice <= 0:
            self._slice = SLICE
            self._clock.sleep(0)
            self._since = self._clock.thread_time()

    def check(self) -> None:
        """Like `give_way`, but raises `OutOfTime` when the time is used up."""
        self.give_way()
        if self._left <= 0:
            self.is_exceeded = True
            raise OutOfTime

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """For database statements: other requests run while they wait, so no time is counted."""
        self._count()
        try:
            yield
        finally:
            self._since = self._clock.thread_time()

    def _count(self) -> None:
        now = self._clock.thread_time()
        self._left -= now - self._since
        self._slice -= now - self._since
        self._since = now
