"""The connections that are kept for later requests, which may be another user's.

HTTP/1.1 ties a response to its request only by the order on the connection. Bytes that are left on
a connection, or arrive late, would become the next user's answer. So a connection is kept only
after a response that was read to its framed end (`chat.upstream.response_body`), it is reused only
after a time of silence, and a server that has ever sent bytes without a request gets a new
connection for each request.
"""

import logging
import threading
from collections import deque
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from chat.upstream.connection import SecureUpstreamConnection, UpstreamConnection
from chat.upstream.options import ClientOptions
from chat.upstream.socket_state import has_unrequested_bytes, is_readable

logger = logging.getLogger("chat.upstream")


class UpstreamPool(HTTPConnectionPool):
    """Replaces urllib3's own store, which keeps every connection that is returned."""

    ConnectionCls = UpstreamConnection

    def __init__(self, *args: Any, options: ClientOptions, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock = options.clock
        self._silence = options.silence_before_reuse
        self._max_kept = options.kept_connections
        self._lock = threading.Lock()
        self._idle: deque[tuple[float, UpstreamConnection]] = deque()  # the longest idle one first
        self._is_trusted = True

    def _get_conn(self, timeout: float | None = None) -> Any:  # noqa: ARG002 - urllib3's signature
        while connection := self._take_silent():
            if not is_readable(connection.sock):
                return connection
            if has_unrequested_bytes(connection.sock):
                self._distrust()
            connection.close()
        fresh: Any = self._new_conn()
        fresh.on_unrequested_bytes = self._distrust
        return fresh

    def _put_conn(self, conn: Any) -> None:
        if conn is None:
            return
        with self._lock:
            is_kept = (
                conn.may_be_kept
                and conn.sock is not None
                and self._is_trusted
                and self.pool is not None  # the pool is not closed
                and len(self._idle) < self._max_kept
            )
            if is_kept:
                self._idle.append((self._clock(), conn))
        if not is_kept:
            conn.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, deque()
        for _, connection in idle:
            connection.close()
        super().close()

    def _take_silent(self) -> Any:
        with self._lock:
            if self._idle and self._clock() - self._idle[0][0] >= self._silence:
                return self._idle.popleft()[1]
        return None

    def _distrust(self) -> None:
        if self._is_trusted:
            self._is_trusted = False
            logger.error("sent bytes without a request; its connections are no longer kept")


class SecureUpstreamPool(UpstreamPool, HTTPSConnectionPool):
    ConnectionCls = SecureUpstreamConnection
