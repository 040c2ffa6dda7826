"""How many answers may be written in this process, and followed at once.

How many may be written for a person at once is looked at where a unit is taken: `chat.quota`.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from chat.problems import ProcessFull, TooManyStreams
from chat.streams import registry

if TYPE_CHECKING:
    from accounts.models import User

READERS_PER_STREAM = 4  # tabs and devices that follow one answer

_lock = threading.Lock()
_readers: Counter[int] = Counter()


def check_process() -> None:
    """Raises `ProcessFull`. Asked before a unit is taken."""
    if len(registry) >= settings.MAX_STREAMS_PER_PROCESS:
        raise ProcessFull


@contextmanager
def reading(user: "User") -> Iterator[None]:
    """Count somebody's open stream. Raises `ProcessFull` or `TooManyStreams`."""
    with _lock:
        if _readers.total() >= settings.MAX_STREAMS_PER_PROCESS:
            raise ProcessFull
        if _readers[user.pk] >= settings.MAX_STREAMS_PER_USER * READERS_PER_STREAM:
            raise TooManyStreams
        _readers[user.pk] += 1
    try:
        yield
    finally:
        with _lock:
            _readers[user.pk] -= 1
            if not _readers[user.pk]:
                del _readers[user.pk]


def open_streams() -> int:
    """Streams that are followed in this process."""
    return _readers.total()
