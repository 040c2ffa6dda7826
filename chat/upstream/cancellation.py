"""Cancelling a request from another thread at any moment: while it waits for the head of the
response, between two attempts, or in the middle of the answer.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# urllib3 opens connections by itself; they find the handle of their request here.
current: "ContextVar[CancelHandle | None]" = ContextVar("cancel_handle", default=None)


class CancelHandle:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._wakes: threading.Event | None = None  # made for a wait; most requests have none
        self.is_cancelled = False

    @contextmanager
    def active(self) -> Iterator[None]:
        """Within the block, connections attach themselves to this handle."""
        token = current.set(self)
        try:
            yield
        finally:
            current.reset(token)

    def attach(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self.is_cancelled:
                _shut_down(connected)

    def detach(self) -> None:
        """Called before the connection may serve another request, which must not be cancelled."""
        with self._lock:
            self._socket = None

    def cancel(self) -> None:
        with self._lock:
            self.is_cancelled = True
            if self._wakes:
                self._wakes.set()
            if self._socket:
                _shut_down(self._socket)

    def wait(self, seconds: float) -> bool:
        """Sleeps until the time is over or the request is cancelled; whether it was."""
        with self._lock:
            wakes = self._wakes = threading.Event()
            if self.is_cancelled:
                wakes.set()
        try:
            return wakes.wait(seconds)
        finally:
            self._wakes = None


def _shut_down(connected: socket.socket) -> None:
    """Ends a read in another thread with the end of the file. Uses a second descriptor, so that it
    works the same for plain sockets and TLS.
    """
    try:
        with socket.socket(fileno=os.dup(connected.fileno())) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the connection has ended already
