"""A server over raw sockets whose framing is invalid, or valid but unusual.

Each request contains a marker ("for alice 3"), and everything that the server sends for it, extra
bytes too, contains the same marker. So a test recognises text that reaches the wrong user.
"""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.chat.upstream.conftest import said
from tests.upstream import IMPATIENCE, PATIENCE

_MARKER = re.compile(rb"for \w+ \d+")


class Wire:
    """One connection, and the marker of the request that it is answering."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.marker = ""

    def send(self, *parts: bytes) -> None:
        """Sends each part by itself."""
        for part in parts:
            self._connection.sendall(part)

    def pause(self, times: int = 1) -> None:
        threading.Event().wait(0.03 * times)

    def answer(self, extra: str = "") -> bytes:
        """The events of the complete answer."""
        return said(self.marker + extra)


Script = Callable[[Wire], None]


@dataclass(frozen=True)
class Case:
    """`answers`: whether the user gets the answer nevertheless. `is_kept`: whether the next request
    may use the connection. `patience`: seconds for the first byte.
    """

    script: Script
    answers: bool = True
    is_kept: bool = False
    patience: float = PATIENCE


def head(*fields: str, status: str = "200 OK", version: str = "1.1") -> bytes:
    lines = [f"HTTP/{version} {status}", "Content-Type: text/event-stream", *fields, "", ""]
    return "\r\n".join(lines).encode()


def sized(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    return head(f"Content-Length: {len(body)}", *fields, status=status) + body


def chunks(body: bytes, *, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body) + end


def chunked(body: bytes, *fields: str, end: bytes = b"0\r\n\r\n", version: str = "1.1") -> bytes:
    return head("Transfer-Encoding: chunked", *fields, version=version) + chunks(body, end=end)


def after(*interim: bytes) -> Script:
    """Sends the interim responses one by one, and then the answer."""

    def script(wire: Wire) -> None:
        for one in interim:
            wire.send(one)
            wire.pause()
        wire.send(sized(wire.answer()))

    return script


def interim(status: str, *fields: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode()


def once(make: Callable[[bytes], bytes]) -> Script:
    """Sends what `make` returns for the answer, in one packet."""
    return lambda wire: wire.send(make(wire.answer()))


def then_again(make: Callable[[bytes], bytes], *, late: bool) -> Script:
    """Sends the answer, and after it a second one without a request."""

    def script(wire: Wire) -> None:
        first, second = make(wire.answer()), sized(wire.answer(" SECOND"))
        if late:
            wire.send(first)
            wire.pause()
            wire.send(second)
        else:
            wire.send(first + second)

    return script


def refused_then_answered(status: str, body: bytes, *, late: bool) -> Script:
    def script(wire: Wire) -> None:
        refusal = sized(body, status=status)
        if late:
            wire.send(refusal)
            wire.pause()
            wire.send(sized(wire.answer(" LATE")))
        else:
            wire.send(refusal + sized(wire.answer(" LATE")))

    return script


def in_pieces(wire: Wire) -> None:
    """Sends one byte at a time, including the heads."""
    whole = interim("102 Processing") + interim("103 Early Hints", "Link: </a>") + sized(b"")
    body = wire.answer()
    for byte in whole.replace(b"Content-Length: 0", b"Content-Length: %d" % len(body)) + body:
        wire.send(bytes([byte]))


def gone_after_interim(wire: Wire) -> None:
    wire.send(interim("102 Processing"))
    raise ConnectionError


def endless_interim(wire: Wire) -> None:
    for _ in range(200):
        wire.send(interim("102 Processing"))


def interim_beyond_timeout(wire: Wire) -> None:
    """Each response comes in time, but all of them take longer than the timeout."""
    for _ in range(40):
        wire.send(interim("102 Processing"))
        wire.pause()
    wire.send(sized(wire.answer()))


ERROR = b'{"error": {"message": "no"}}'
DELAYED = {False: "", True: ", late"}

CASES: dict[str, Case] = {
    "102": Case(after(interim("102 Processing")), is_kept=True),
    "103 with fields": Case(
        after(interim("103 Early Hints", "Link: </a>", "Content-Length: 5")), is_kept=True
    ),
    "100, 102, 103": Case(
        after(*map(interim, ["100 Continue", "102 Processing", "103 Early Hints"])), is_kept=True
    ),
    "102 ten times": Case(after(*[interim("102 Processing")] * 10), is_kept=True),
    "199, unknown": Case(after(interim("199 Whatever")), is_kept=True),
    "102 and answer in one packet": Case(
        once(lambda it: interim("102 Processing") + sized(it)), is_kept=True
    ),
    "102, in pieces of a byte": Case(in_pieces, is_kept=True),
    "102 and a chunked answer": Case(
        once(lambda it: interim("102 Processing") + chunked(it)), is_kept=True
    ),
    "101": Case(after(interim("101 Switching Protocols", "Upgrade: x")), answers=False),
    "102, then closed": Case(gone_after_interim, answers=False),
    "102, endless": Case(endless_interim, answers=False),
    "102 for longer than a head may take": Case(
        interim_beyond_timeout, answers=False, patience=IMPATIENCE
    ),
    "a plain length": Case(once(sized), is_kept=True),
    "plain chunks": Case(once(chunked), is_kept=True),
    "chunks with trailers": Case(
        once(lambda it: chunked(it, end=b"0\r\nX-Sum: 1\r\n\r\n")), is_kept=True
    ),
    "the same length twice": Case(
        once(lambda it: sized(it, f"Content-Length: {len(it)}")), is_kept=True
    ),
    "a length and chunks": Case(once(lambda it: chunked(it, "Content-Length: 7"))),
    "chunks and a length that fits them": Case(
        once(lambda it: chunked(it, f"Content-Length: {len(chunks(it))}"))
    ),
    "two lengths": Case(
        once(lambda it: sized(it, f"Content-Length: {len(it) + 9}")), answers=False
    ),
    "two lengths in one field": Case(
        once(lambda it: head(f"Content-Length: {len(it)}, 7") + it), answers=False
    ),
    "a length that is not a number": Case(
        once(lambda it: head(f"Content-Length: +{len(it)}") + it), answers=False
    ),
    "a length with an underscore": Case(
        once(lambda it: head(f"Content-Length: {len(it) // 10}_{len(it) % 10}") + it),
        answers=False,
    ),
    "another coding": Case(
        once(lambda it: head("Transfer-Encoding: gzip, chunked") + chunks(it)), answers=False
    ),
    "two codings": Case(once(lambda it: chunked(it, "Transfer-Encoding: chunked")), answers=False),
    "a length that is too short": Case(
        once(lambda it: head(f"Content-Length: {len(it) - 20}") + it), answers=False
    ),
    "a length that is too long": Case(
        once(lambda it: head(f"Content-Length: {len(it) + 20}") + it)
    ),
    "chunks by HTTP/1.0": Case(
        once(lambda it: chunked(it, "Connection: keep-alive", version="1.0"))
    ),
    "a length by HTTP/1.0": Case(
        once(lambda it: head(f"Content-Length: {len(it)}", version="1.0") + it)
    ),
    "a length and Connection: close": Case(once(lambda it: sized(it, "Connection: close"))),
    "a chunk size that is not a number": Case(
        once(lambda it: head("Transfer-Encoding: chunked") + b"zz\r\n" + it), answers=False
    ),
    "no body": Case(once(lambda it: head("Content-Length: 0")), answers=False),
    "a body after a length of 0": Case(
        once(lambda it: head("Content-Length: 0") + sized(it)), answers=False
    ),
    "204 with a body": Case(once(lambda it: sized(it, status="204 No Content")), answers=False),
    "205 with a body": Case(once(lambda it: sized(it, status="205 Reset Content")), answers=False),
    "304 with a body": Case(once(lambda it: sized(it, status="304 Not Modified")), answers=False),
    "a redirect": Case(
        once(lambda it: sized(it, "Location: /v1/other", status="302 Found")), answers=False
    ),
    **{
        f"a second answer after {name}{DELAYED[late]}": Case(then_again(make, late=late))  # type: ignore[arg-type]
        for name, make in {"a length": sized, "chunks": chunked}.items()
        for late in DELAYED
    },
    **{
        f"junk after {name}": Case(once(lambda it, make=make: make(it) + b"\r\njunk"))  # type: ignore[misc]
        for name, make in {"a length": sized, "chunks": chunked}.items()
    },
    **{
        f"{status}, and the answer{DELAYED[late]}": Case(
            refused_then_answered(status, ERROR, late=late), answers=False
        )
        for status in ("400 Bad Request", "401 Unauthorized", "500 Oops", "429 Too Many Requests")
        for late in DELAYED
    },
    "a refusal without a body, and the answer, late": Case(
        refused_then_answered("503 Unavailable", b"", late=True), answers=False
    ),
}


class HostileServer:
    """Answers every request by one script. `connections` counts the connections."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._lock = threading.Condition()
        self._busy = 0
        self.connections = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Yields the base URL."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=self._accept, args=(server,))
            thread.start()
            try:
                scheme = "https" if self._tls else "http"
                yield f"{scheme}://127.0.0.1:{server.getsockname()[1]}/v1"
            finally:
                server.shutdown(socket.SHUT_RDWR)
                thread.join(timeout=5)

    def settle(self) -> None:
        """Waits until the server has sent everything."""
        with self._lock:
            assert self._lock.wait_for(lambda: not self._busy, timeout=20)

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection = server.accept()[0]
                with self._lock:
                    self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        with contextlib.suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
        wire = Wire(connection)
        with connection, contextlib.suppress(OSError):
            while request := self._read(connection):
                wire.marker = request
                try:
                    self._script(wire)
                finally:
                    self._count(-1)

    def _read(self, connection: socket.socket) -> str:
        """The marker of the next request; "" when the client has closed."""
        received = connection.recv(65536)
        if not received:
            return ""
        self._count(1)
        try:
            while not (marker := _whole_marker(received)):
                if not (part := connection.recv(65536)):
                    raise ConnectionError
                received += part
        except OSError:
            self._count(-1)
            raise
        return marker

    def _count(self, change: int) -> None:
        with self._lock:
            self._busy += change
            self._lock.notify_all()


def _whole_marker(received: bytes) -> str:
    start, gap, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", start)
    if not gap or not length or len(body) < int(length[1]):
        return ""
    markers = _MARKER.findall(body)
    return markers[-1].decode() if markers else "unmarked"
