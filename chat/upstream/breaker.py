"""A circuit breaker: after several failures in a row nobody is let through for a while, then one
probe at a time, until one succeeds.
"""

import threading
import time
from collections.abc import Callable

from chat.upstream import limits


class Breaker:
    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= limits.BREAKER_FAILURES

    def admit(self) -> float:
        """Seconds to wait before asking; 0 lets the caller through.

        A probe pushes the next one a whole period away, so one that never reports blocks nothing.
        """
        if not self.is_open:
            return 0.0
        with self._lock:
            now = self._clock()
            if self.is_open and now < self._closed_until:
                return self._closed_until - now
            self._closed_until = now + limits.BREAKER_SECONDS
            return 0.0

    def succeeded(self) -> None:
        if self._failures:
            with self._lock:
                self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self.is_open:
                self._closed_until = self._clock() + limits.BREAKER_SECONDS
