"""A circuit breaker: after several failures in a row it rejects calls for a while, then lets one
probe through at a time until one succeeds.

A request can be the cause of its failure: a server may answer a long conversation with a 500, each
time. So what one person's requests fail with counts only up to a share, and opens no breaker alone.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable


class Breaker:
    """Opens after `failures` failed calls in a row, and lets a probe through every `seconds`."""

    def __init__(
        self, failures: int, seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._most_of_one = failures // 2 + 1
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._by_person: Counter[Hashable] = Counter()  # at most as many as failures that count
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self._limit

    def wait(self) -> float:
        """What `admit` would return, without admitting a probe."""
        return max(0.0, self._open_until - self._clock()) if self.is_open else 0.0

    def admit(self) -> float:
        """0 where the call may proceed, else the seconds until the next probe.

        A probe delays the next one by a whole period, so a probe that never reports blocks nothing.
        """
        if not self.is_open:
            return 0.0
        with self._lock:
            now = self._clock()
            if self.is_open and now < self._open_until:
                return self._open_until - now
            self._open_until = now + self._seconds
            return 0.0

    def succeeded(self) -> None:
        if self._failures:
            with self._lock:
                self._failures = 0
                self._by_person.clear()

    def failed(self, person: Hashable = None) -> bool:
        """Whether this failure has opened it. `person` is whose request failed; None where the
        request cannot be the cause.
        """
        with self._lock:
            was_open = self.is_open
            if not was_open and (person is None or self._by_person[person] < self._most_of_one):
                self._failures += 1
                self._by_person[person] += 1
            if self.is_open:
                self._open_until = self._clock() + self._seconds
            return self.is_open and not was_open
