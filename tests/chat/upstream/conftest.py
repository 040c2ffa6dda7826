"""The clients under test, and servers with faults that fakeopenai cannot play: a function handles
each connection.
"""

import contextlib
import datetime as dt
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chat.upstream import Answer, ChatMessage, ClientOptions, Upstream
from tests.upstream import PATIENCE, Clock, FakeUpstream

Handler = Callable[[socket.socket], None]
MakeUpstream = Callable[..., Upstream]

HELLO = "Hello"
ANSWER = "You said: Hello"


class Ask:
    """Asks for an answer to one message. A test may replace `upstream`."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    def __call__(self, prompt: str = HELLO, model: str = "fake", **given) -> Answer:
        messages: list[ChatMessage] = [{"role": "user", "content": prompt}]
        return self.upstream.open_answer(
            model=model,
            messages=messages,
            temperature=0.5,
            max_tokens=50,
            **given,
        )


@pytest.fixture
def make_upstream(upstream: FakeUpstream) -> Iterator[MakeUpstream]:
    """Makes clients of fakeopenai, or of another URL, which are closed after the test. Keyword
    arguments are `ClientOptions`.
    """
    made: list[Upstream] = []

    def make(base_url=upstream.url, key="fake", *, transport=None, **options) -> Upstream:
        names = ("connect_timeout", "first_byte_timeout", "chunk_timeout", "health_timeout")
        patience = dict.fromkeys(names, PATIENCE)
        backoff = {"backoff_base": 0.01, "backoff_cap": 0.02}
        given = ClientOptions(**{**patience, **backoff, **options})
        made.append(Upstream(base_url, key, options=given, transport=transport))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def ask(make_upstream: MakeUpstream) -> Ask:
    """Asks fakeopenai, unless a test replaces `ask.upstream`."""
    return Ask(make_upstream())


@pytest.fixture
def clock() -> Clock:
    """To be given to `make_upstream`."""
    return Clock()


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
def serve(ask: Ask, make_upstream: MakeUpstream) -> Iterator[Callable[..., str]]:
    """Starts a server whose connections are handled by a function, one after the other, and lets
    `ask` ask it, with the given `ClientOptions`. Returns its URL.
    """
    with contextlib.ExitStack() as stack:

        def start(handler: Handler, **options) -> str:
            url = stack.enter_context(_listening(handler))
            ask.upstream = make_upstream(url, **options)
            return url

        yield start
        ask.upstream.close()  # ends the connections, so that the handlers return


def read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head of one request, and what came after it; nothing when the client has closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return b"", b""
        received += part
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def read_request(connection: socket.socket) -> bytes:
    """The head and body of one request; b"" when the client has closed."""
    head, body = read_head(connection)
    if not head:
        return b""
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields.get(b"content-length", 0)):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def response(body: bytes, *fields: str, content_type: str = "text/event-stream") -> bytes:
    """A 200 with a Content-Length, unless the fields give another framing."""
    framed = any("Transfer-Encoding" in field or "Connection" in field for field in fields)
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {content_type}", *fields]
    lines += [] if framed else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def said(text: str, *, done: bool = True) -> bytes:
    """The events of a complete answer; without `done`, those before its end."""
    piece = b'data: {"choices": [{"delta": {"content": "%b"}}]}\n\n' % text.encode()
    end = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    return piece + end if done else piece


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The path of a self-signed certificate for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + signed.public_bytes(pem))
    return path
