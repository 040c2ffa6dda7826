"""The line that a request is on, so that somebody else can cut it at any moment: while it waits
for the head, between two attempts, or in the middle of the answer.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# urllib3 opens connections out of our sight; they find the line of their request here.
current: "ContextVar[Line | None]" = ContextVar("line", default=None)


class Line:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._wakes: threading.Event | None = None  # who sleeps; most lines never do
        self.is_cut = False

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Within it, requests are on this line."""
        token = current.set(self)
        try:
            yield
        finally:
            current.reset(token)

    def take(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self.is_cut:
                _hang_up(connected)

    def leave(self) -> None:
        """From here on the connection may be another request's."""
        with self._lock:
            self._socket = None

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            if self._wakes:
                self._wakes.set()
            if self._socket:
                _hang_up(self._socket)

    def is_cut_within(self, seconds: float) -> bool:
        """Sleeps so long, unless the line is cut."""
        with self._lock:
            wakes = self._wakes = threading.Event()
            if self.is_cut:
                wakes.set()
        try:
            return wakes.wait(seconds)
        finally:
            self._wakes = None


def _hang_up(connected: socket.socket) -> None:
    """Whoever is reading sees the end of the file. Through a second descriptor, so that it is the
    same for plain sockets and TLS.
    """
    try:
        with socket.socket(fileno=os.dup(connected.fileno())) as twin:
            twin.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended by itself
