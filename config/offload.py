"""Runs computations of several milliseconds in native threads, so that gevent's event loop can
serve other requests. Without gevent they run in place.

It helps only computations that release Python's global lock: hashes, compression, images.
"""

import os
import threading
from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar

from gevent.monkey import is_module_patched
from gevent.threadpool import ThreadPool

from config.api.problems import ServiceUnavailable
from config.db.connections import release_connection

P = ParamSpec("P")
R = TypeVar("R")

# More at once would make each slower and use more memory.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
MAX_WAIT = 5.0  # seconds that a request waits for a free core


class Cores:
    """Runs at most `count` computations at once. Another one waits at most `max_wait` seconds."""

    def __init__(self, count: int = CORES, *, max_wait: float = MAX_WAIT) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._max_wait = max_wait

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The function's result. The caller's database connection is released before the wait.

        The function runs in another thread, so it must not use the database or anything of gevent
        (locks, sockets, logging). Pass it text, bytes and numbers.

        Raises `ServiceUnavailable` if no core becomes free in time, and what the function raises.
        """
        release_connection()
        if not self._free.acquire(timeout=self._max_wait):
            raise ServiceUnavailable
        try:
            if is_module_patched("threading"):
                return _threads().apply(function, args, kwargs)  # type: ignore[no-any-return]
            return function(*args, **kwargs)
        finally:
            self._free.release()


cores = Cores()
run = cores.run


@cache
def _threads() -> ThreadPool:
    """Not the hub's own pool, where DNS lookups would wait behind hashes."""
    return ThreadPool(CORES)
