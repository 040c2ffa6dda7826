"""The bytes of a response as they arrive: one read returns everything that is there.

urllib3 and http.client return a chunked body one chunk at a time, and an answer has one chunk per
token. Reading the socket below them and removing the framing here costs a fraction of that, and all
tokens that have arrived are processed together.
"""

import ssl
from typing import Any

from urllib3.response import HTTPResponse

from chat.upstream.options import ClientOptions
from chat.upstream.socket_state import is_readable

_READ_BYTES = 64 * 1024
_MAX_SIZE_LINE_BYTES = 4096


class ProtocolViolation(Exception):  # noqa: N818
    """Bytes that break HTTP/1.1's framing, or more of them than the client accepts."""


class ChunkedDecoder:
    """Removes the chunked transfer coding (RFC 9112, 7.1), however the bytes were split.

    `is_broken`: what follows is not a chunk; the payload before it is still returned.
    `has_extra`: there are bytes after the last chunk.
    """

    def __init__(self) -> None:
        self.is_ended = False
        self.is_broken = False
        self.has_extra = False
        self._rest = b""
        self._due = 0
        self._in_gap = False  # between a chunk's bytes and the line end after them
        self._in_trailers = False

    def feed(self, received: bytes) -> bytes:
        if self.is_broken:
            return b""
        received = self._rest + received
        payload: list[bytes] = []
        at = 0
        while at < len(received) and not (self.is_ended or self.is_broken):
            if self._due:
                piece = received[at : at + self._due]
                payload.append(piece)
                at += len(piece)
                self._due -= len(piece)
                self._in_gap = not self._due
                continue
            end = received.find(b"\r\n", at)
            if end < 0:
                break
            self._take_line(received[at:end])
            at = end + 2
        self._rest = received[at:]
        self.has_extra = self.is_ended and bool(self._rest)
        if len(self._rest) > _MAX_SIZE_LINE_BYTES and not self.is_ended:
            self.is_broken = True
        return b"".join(payload)

    def _take_line(self, line: bytes) -> None:
        if self._in_gap:
            self._in_gap = False
            self.is_broken = bool(line)
        elif self._in_trailers:
            self.is_ended = not line
        else:
            self._take_size(line.split(b";", 1)[0].strip())

    def _take_size(self, digits: bytes) -> None:
        if not digits or digits.strip(b"0123456789abcdefABCDEF"):
            self.is_broken = True
            return
        self._due = int(digits, 16)
        self._in_trailers = not self._due


class ResponseBody:
    """`read` waits for at least one byte and returns all that is there; `b""` is the end.

    `is_complete`: the body has ended where its framing says. `is_truncated`: the connection ended
    before that. More than `max_bytes` in total are a ProtocolViolation.
    """

    def __init__(
        self, response: HTTPResponse, *, max_bytes: int = ClientOptions.max_body_bytes
    ) -> None:
        self._response = response
        self._max_bytes = max_bytes
        # Neither library has a public way to the socket; both have kept it here for years.
        http: Any = response._fp  # noqa: SLF001
        self._http = http
        self._file: Any = http.fp  # None where http.client found that there is no body
        self._socket: Any = self._file.raw._sock if self._file else None  # noqa: SLF001
        self._chunks = ChunkedDecoder() if http.chunked else None
        self._left: int | None = http.length
        self._has_begun = False
        self._total = 0
        self._has_extra = False  # there are bytes after the end
        self.is_complete = self._file is None or self._left == 0
        self.is_truncated = False

    def read(self) -> bytes:
        """Raises OSError (TimeoutError after the timeout) and ProtocolViolation."""
        while not (self.is_complete or self.is_truncated):
            if self._chunks and self._chunks.is_broken:
                raise ProtocolViolation
            received = self._receive()
            if not received:
                self._end()
            elif payload := self._remove_framing(received):
                return payload
        return b""

    def has_more(self) -> bool:
        """Whether `read` would return at once. A read takes everything that is buffered, so only
        the socket matters.
        """
        return self.is_complete or self.is_truncated or is_readable(self._socket)

    def set_timeout(self, seconds: float) -> None:
        if self._socket:
            self._socket.settimeout(seconds)

    def close(self) -> None:
        """Returns the connection to the pool if this response has ended where its framing says and
        nothing came after it. Closes it otherwise.
        """
        connection: Any = self._response.connection
        if connection and self._has_extra:
            connection.on_unrequested_bytes()
        if connection and self._has_clear_end() and not connection.is_answered_early:
            connection.may_be_kept = True
            self._http.close()
        else:
            self._response.close()
        self._response.release_conn()

    def _has_clear_end(self) -> bool:
        """False for a body that was never read: bytes that came with its head were not checked."""
        is_read = self._has_begun and self.is_complete and not self._has_extra
        return self._http.has_clear_framing and is_read and not is_readable(self._socket)

    def _receive(self) -> bytes:
        received = self._receive_some()
        if received and isinstance(self._socket, ssl.SSLSocket):
            received += self._receive_more_records(self._socket)
        self._total += len(received)
        if self._total > self._max_bytes:
            raise ProtocolViolation
        return received

    def _receive_some(self) -> bytes:
        """First what came with the head, then from the socket: reading through the file would hold
        a large buffer during every wait, which was most of a waiting stream's memory.
        gevent's socket allocates one only when there is something to read.
        """
        received: bytes
        if self._has_begun:
            received = self._socket.recv(_READ_BYTES)
        else:
            received = self._file.read1(len(self._file.peek()))
            self._has_begun = True
        return received

    def _receive_more_records(self, tls: ssl.SSLSocket) -> bytes:
        """A TLS socket returns one record per read, and a record is often one token."""
        timeout = tls.gettimeout()
        records: list[bytes] = []
        tls.settimeout(0)
        try:
            while record := tls.recv(_READ_BYTES):
                records.append(record)
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        finally:
            tls.settimeout(timeout)
        return b"".join(records)

    def _remove_framing(self, received: bytes) -> bytes:
        if self._chunks:
            received = self._chunks.feed(received)
            self.is_complete = self._chunks.is_ended
            self._has_extra = self._chunks.has_extra
        elif self._left is not None:
            self._has_extra = len(received) > self._left
            received = received[: self._left]
            self._left -= len(received)
            self.is_complete = not self._left
        return received

    def _end(self) -> None:
        # Without chunks or a length, the end of the connection is the end of the body.
        self.is_complete = self._chunks is None and self._left is None
        self.is_truncated = not self.is_complete
