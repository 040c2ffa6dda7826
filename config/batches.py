"""Long work in short transactions with pauses, so that requests do not wait for it.

A worker runs all its requests in one thread, so work without a wait blocks the others, and an open
transaction blocks SQLite's other writers. `paced` lets other requests run between two items;
`batch` is one short transaction followed by a pause. Pauses are as long as the work before them.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

from django.db import connection, models, transaction
from gevent.monkey import is_module_patched

from config.db.connections import release_connection

T = TypeVar("T")

ROWS = 100  # per batch: 20 to 40 ms where each row is indexed
_KEYS_PER_QUERY = 5000  # the query may sort all remaining rows each time
_SLICE = 0.02  # seconds of work without a pause
_MIN_PAUSE, _MAX_PAUSE = 0.002, 0.5  # seconds


def paced(items: Iterable[T]) -> Iterator[T]:
    """The items, with a pause after each `_SLICE` of work. Only under gevent; the system schedules
    threads and processes itself. No pause inside a transaction, for which others may be waiting.
    """
    if not is_module_patched("time"):
        yield from items
        return
    since = monotonic()
    for item in items:
        yield item
        worked = monotonic() - since
        if worked > _SLICE and not connection.in_atomic_block:
            _pause(worked)
            since = monotonic()


@contextmanager
def batch() -> Iterator[None]:
    """A transaction, then a pause. SQLite's writers poll for the lock, so taking it again at once
    would lock other processes out.
    """
    with transaction.atomic(durable=True):
        begun = monotonic()
        yield
    if connection.vendor == "sqlite" or is_module_patched("time"):
        _pause(monotonic() - begun)


def divided(items: Sequence[T], size: int = ROWS) -> Iterator[Sequence[T]]:
    """The items in groups of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def delete_in_batches(
    rows: "models.QuerySet[Any]", *, delete: Callable[[Sequence[Any]], None] | None = None
) -> int:
    """Deletes in batches in the order of the query, until no row is left: by `delete`, which gets
    the keys, or with Django's cascade. Returns the number of rows, without those that depended on
    them. Not atomic.
    """
    delete = delete or (lambda some: _cascade(rows.model, some))
    deleted = 0
    while keys := list(rows.values_list("pk", flat=True)[:_KEYS_PER_QUERY]):
        for some in divided(keys):
            with batch():
                delete(some)
        deleted += len(keys)
    return deleted


def _cascade(model: "type[models.Model]", keys: Sequence[Any]) -> None:
    model._base_manager.filter(pk__in=keys).delete()  # noqa: SLF001


def _pause(worked: float) -> None:
    release_connection()
    time.sleep(min(max(worked, _MIN_PAUSE), _MAX_PAUSE))
