"""Requests that arrive at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(*calls: Callable[[], T]) -> list[T]:
    """What the calls return, in their order. They start together, each in a thread with a database
    connection of its own. Raises what one of them raised.
    """
    barrier = Barrier(len(calls), timeout=60)

    def run(call: Callable[[], T]) -> T:
        try:
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [begun.result() for begun in [threads.submit(run, call) for call in calls]]
