"""Servers that no fault of fakeopenai plays: each connection is one function's affair."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from chat.upstream import Answer, endpoint, open_answer

Handler = Callable[[socket.socket], None]
Ask = Callable[..., Answer]

HELLO = "Hello"
ANSWER = "You said: Hello"


@pytest.fixture
def ask(upstream) -> Ask:
    """An answer to one message, of the running fakeopenai unless the settings say otherwise."""

    def make(prompt: str = HELLO, model: str = "fake", **given) -> Answer:
        messages = [{"role": "user", "content": prompt}]
        return open_answer(model=model, messages=messages, temperature=0.5, max_tokens=50, **given)

    return make


@contextlib.contextmanager
def _listening(handler: Handler) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection = server.accept()[0]
                    connection.settimeout(5)
                    with connection, contextlib.suppress(OSError):
                        handler(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=6)


@pytest.fixture
def serve(upstream, settings) -> Iterator[Callable[[Handler], str]]:
    """Lets the settings point at a server whose connections are handled by a function, one after
    the other.
    """
    with contextlib.ExitStack() as stack:

        def start(handler: Handler) -> str:
            settings.OPENAI_BASE_URL = stack.enter_context(_listening(handler))
            return settings.OPENAI_BASE_URL

        yield start
        endpoint.forget()  # so that handlers see the end


def read_request(connection: socket.socket) -> bytes:
    """The head and body of one request; b"" when the client has closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return b""
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields.get(b"content-length", 0)):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def response(body: bytes, *fields: str, content_type: str = "text/event-stream") -> bytes:
    """A 200 with a length, unless the fields say how else the body ends."""
    framed = any("Transfer-Encoding" in field or "Connection" in field for field in fields)
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {content_type}", *fields]
    lines += [] if framed else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def said(text: str, *, done: bool = True) -> bytes:
    """The events of a whole answer."""
    piece = b'data: {"choices": [{"delta": {"content": "%b"}}]}\n\n' % text.encode()
    end = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    return piece + end if done else piece
