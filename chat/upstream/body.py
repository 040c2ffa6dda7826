"""The bytes of a response as they arrive: everything that is there, in one read.

urllib3 and http.client hand out a chunked body one chunk at a time, which for an answer is one
token at a time. Reading the buffered socket below them and unframing here costs a fraction of
that, and lets all tokens that have arrived travel on together.
"""

import select
import ssl
from collections.abc import Callable
from typing import Any

from gevent.monkey import get_original
from urllib3.response import HTTPResponse

from chat.upstream import limits

_LONGEST_SIZE_LINE = 4096
# The real one: under gevent the module's own would hand over to the hub for a look that takes none.
_poll: Callable[[], Any] = get_original("select", "poll")


class Garbled(Exception):  # noqa: N818
    """Bytes that break HTTP/1.1's framing, or more of them than anybody wants."""


class Chunks:
    """Takes the chunked transfer coding (RFC 9112, 7.1) off, whatever the reads cut it into.

    `broken` says that what follows is no chunk; what came before it is still given out.
    """

    def __init__(self) -> None:
        self.ended = False
        self.broken = False
        self._rest = b""
        self._due = 0
        self._in_gap = False  # between a chunk's bytes and the line end behind them
        self._in_trailers = False

    def feed(self, received: bytes) -> bytes:
        received = self._rest + received
        payload: list[bytes] = []
        at = 0
        while at < len(received) and not (self.ended or self.broken):
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
        if len(self._rest) > _LONGEST_SIZE_LINE and not self.ended:
            self.broken = True
        return b"".join(payload)

    def _take_line(self, line: bytes) -> None:
        if self._in_gap:
            self._in_gap = False
            self.broken = bool(line)
        elif self._in_trailers:
            self.ended = not line
        else:
            self._take_size(line.split(b";", 1)[0].strip())

    def _take_size(self, digits: bytes) -> None:
        if not digits or digits.strip(b"0123456789abcdefABCDEF"):
            self.broken = True
            return
        self._due = int(digits, 16)
        self._in_trailers = not self._due


class Body:
    """`read` waits for at least a byte and returns what is there; `b""` is the end. `is_whole` says
    whether the framing says so too, `is_cut` whether it promised more.
    """

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        # Neither library has a public door to the buffered socket; both kept it here for years.
        http: Any = response._fp  # noqa: SLF001
        self._http = http
        self._file: Any = http.fp  # None where http.client saw that there is no body
        self._socket: Any = self._file.raw._sock if self._file else None  # noqa: SLF001
        self._chunks = Chunks() if http.chunked else None
        self._left: int | None = http.length
        self._has_begun = False
        self._total = 0
        self.is_whole = self._file is None
        self.is_cut = False

    def read(self) -> bytes:
        """Raises OSError (TimeoutError for a wait beyond the timeout), and Garbled."""
        while not (self.is_whole or self.is_cut):
            if self._chunks and self._chunks.broken:
                raise Garbled
            received = self._receive()
            if not received:
                self._end()
            elif payload := self._unframe(received):
                return payload
        return b""

    def has_more(self) -> bool:
        """Whether `read` would find something at once. A read takes all that is buffered, so what
        counts is the socket.
        """
        if self.is_whole or self.is_cut:
            return True
        poll = _poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def set_timeout(self, seconds: float) -> None:
        if self._socket:
            self._socket.settimeout(seconds)

    def close(self) -> None:
        """Gives the connection back for the next request, or closes it where bytes are due."""
        if self.is_whole:
            self._http.close()
        else:
            self._response.close()
        self._response.release_conn()

    def _receive(self) -> bytes:
        received = self._receive_some()
        if received and isinstance(self._socket, ssl.SSLSocket):
            received += self._receive_more_records(self._socket)
        self._total += len(received)
        if self._total > limits.MAX_BODY_BYTES:
            raise Garbled
        return received

    def _receive_some(self) -> bytes:
        """First what came with the head. The file would hold a buffer of that size through every
        wait, which was most of what a waiting stream weighed; gevent's socket asks for one only
        when there is something to read.
        """
        received: bytes
        if self._has_begun:
            received = self._socket.recv(limits.READ_BYTES)
        else:
            received = self._file.read1(len(self._file.peek()))
            self._has_begun = True
        return received

    def _receive_more_records(self, tls: ssl.SSLSocket) -> bytes:
        """A TLS socket gives one record a read, and a record is often one token."""
        timeout = tls.gettimeout()
        records: list[bytes] = []
        tls.settimeout(0)
        try:
            while record := tls.recv(limits.READ_BYTES):
                records.append(record)
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        finally:
            tls.settimeout(timeout)
        return b"".join(records)

    def _unframe(self, received: bytes) -> bytes:
        if self._chunks:
            received = self._chunks.feed(received)
            self.is_whole = self._chunks.ended
        elif self._left is not None:
            received = received[: self._left]
            self._left -= len(received)
            self.is_whole = not self._left
        return received

    def _end(self) -> None:
        # Without chunks or a length, the end of the connection is the end of the body.
        self.is_whole = self._chunks is None and self._left is None
        self.is_cut = not self.is_whole
