"""The open streams of this process: how many there may be, and ending those of a user."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from chat.live.errors import ProcessFull, TooManyStreams
from chat.live.streams import KEEPALIVE_SECONDS, Live

if TYPE_CHECKING:
    from accounts.models import User

READERS_PER_STREAM = 4  # tabs and devices that follow one answer

_lock = threading.Lock()
_readers: defaultdict[int, set["Reader"]] = defaultdict(set)


class Reader:
    """An open stream. `live` is the text that it waits for, if there is one. After `keepalive`
    seconds without text it gets a comment. `access_id` names the session or the tokens by which it
    was opened (`accounts.sessions.access_id`).
    """

    def __init__(
        self,
        live: Live | None = None,
        access_id: str = "",
        *,
        keepalive: float = KEEPALIVE_SECONDS,
    ) -> None:
        self.live = live
        self.access_id = access_id
        self.keepalive = keepalive
        self.is_dismissed = False
        self.thought = 0  # characters of the reasoning that it has got

    def dismiss(self) -> None:
        """End the stream where it is. A client that still has access can resume it."""
        self.is_dismissed = True
        if self.live:
            self.live.wake()


@contextmanager
def reading(user: "User", live: Live | None = None, *, access_id: str = "") -> Iterator[Reader]:
    """Count a user's open stream. Raises `ProcessFull` or `TooManyStreams`."""
    reader = Reader(live, access_id)
    with _lock:
        if open_streams() >= settings.MAX_STREAMS_PER_PROCESS:
            raise ProcessFull
        if len(_readers[user.pk]) >= settings.MAX_STREAMS_PER_USER * READERS_PER_STREAM:
            raise TooManyStreams
        _readers[user.pk].add(reader)
    try:
        yield reader
    finally:
        with _lock:
            _readers[user.pk].remove(reader)
            if not _readers[user.pk]:
                del _readers[user.pk]


def dismiss_readers(user_id: int, access_id: str = "") -> None:
    """End the streams that a user has open in this process: all, or those of one session."""
    with _lock:
        readers = list(_readers.get(user_id, ()))
    for reader in readers:
        if not access_id or reader.access_id == access_id:
            reader.dismiss()


def open_streams() -> int:
    """How many streams are open in this process."""
    return sum(map(len, list(_readers.values())))
