"""An HTTP proxy on loopback, with CONNECT and absolute-form, and with a password if one is given.
Whatever host a client asks for, it is connected to one server.
"""

import contextlib
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator

from tests.chat.upstream.conftest import read_head

REFUSAL = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


class HTTPProxy:
    def __init__(self, target: tuple[str, int], credentials: bytes = b"") -> None:
        self.seen: list[str] = []  # request lines
        self._target = target
        self._credentials = b"Basic " + b64encode(credentials) if credentials else b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head, rest = read_head(client)
            line, *fields = head.split(b"\r\n")
            self.seen.append(line.decode())
            given = dict(field.split(b": ", 1) for field in fields)
            if self._credentials != given.get(b"Proxy-Authorization", b""):
                client.sendall(REFUSAL)
                return
            with socket.create_connection(self._target) as server:
                method, url, version = line.split(b" ")
                if method == b"CONNECT":
                    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                else:
                    path = b"/" + url.split(b"/", 3)[3]
                    server.sendall(b"\r\n".join([b" ".join([method, path, version]), *fields]))
                    server.sendall(b"\r\n\r\n" + rest)
                threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()
                _pass_on(client, server)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def http_proxy(target: tuple[str, int], credentials: bytes = b"") -> Iterator[HTTPProxy]:
    proxy = HTTPProxy(target, credentials)
    thread = threading.Thread(target=proxy.accept)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join(timeout=5)
