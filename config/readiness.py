"""Whether the database takes writes: one that is read-only, or whose disk is full, still reads."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error, connection, transaction
from django.utils import timezone

from chat.models import Lease

SECONDS = 5.0
_NAME = "readiness"
_SQLITE_PATIENCE = 200  # milliseconds


class WriteProbe:
    """Tries a write, at most one in `seconds` however often it is asked: the same row of a table is
    changed. Between two tries the result is that of the last one.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._tried = -math.inf
        self._failure = ""

    def failure(self) -> str:
        """The name of the error with which the last write failed, or ""."""
        if time.monotonic() - self._tried >= self._seconds and self._lock.acquire(blocking=False):
            try:
                self._failure = _try()
                self._tried = time.monotonic()
            finally:
                self._lock.release()
        return self._failure

    def forget(self) -> None:
        self._tried, self._failure = -math.inf, ""


def _try() -> str:
    try:
        with _not_queueing(), transaction.atomic():
            _write()
    except Error as error:
        cause = error.__cause__ or error
        name = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
        return "" if name == "SQLITE_BUSY" else name  # another writer has the lock
    return ""


def _write() -> None:
    until = timezone.now() + timedelta(seconds=SECONDS)
    if not Lease.objects.filter(name=_NAME).update(until=until):
        Lease.objects.bulk_create([Lease(name=_NAME, until=until)], ignore_conflicts=True)


@contextmanager
def _not_queueing() -> Iterator[None]:
    """On SQLite, which would wait for its other writer, and the process with it."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {_SQLITE_PATIENCE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


probe = WriteProbe()
