"""Requests that arrive at the same moment, or while another transaction is open."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier, Event
from typing import TypeVar

from django.db import connection, transaction

from config.db.sql import fetch_all, is_postgresql

T = TypeVar("T")

WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"


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


@contextmanager
def uncommitted(work: Callable[[], object]) -> Iterator[None]:
    """Within the block, another thread has done the work in a transaction. It is committed when the
    block's own statements wait for its locks.
    """
    is_done = Event()

    def do_and_wait() -> None:
        with closing(connection), transaction.atomic():
            work()
            is_done.set()
            wait_until_awaited()

    with ThreadPoolExecutor(1) as threads:
        other = threads.submit(do_and_wait)
        assert is_done.wait(10) or other.result(0)
        yield
        other.result(20)


def wait_until_awaited() -> None:
    """SQLite does not say who waits, so there it is long enough for the reads of a request."""
    if not is_postgresql():
        time.sleep(0.3)
        return
    for _ in range(1000):
        if fetch_all(WAITING, [connection.settings_dict["NAME"]]):
            return
        time.sleep(0.01)
    raise TimeoutError
