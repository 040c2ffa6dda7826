"""Small receivers on loopback: an OTLP collector, and a server that takes Sentry's envelopes."""

import contextlib
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """Keeps the bodies that were sent to it, unpacked."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, bytes]] = []
        self._more = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with receiver._more:
                    receiver.bodies.append((self.path, body))
                    receiver._more.notify_all()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, number: int, seconds: float = 60) -> list[tuple[str, bytes]]:
        """The bodies, once there are so many."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.bodies) >= number, seconds)
            return list(self.bodies)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    try:
        yield made
    finally:
        made.close()
