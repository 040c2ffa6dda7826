"""An upstream that tells its answer at a pace: `python -m bench.paced PORT CHUNKS SECONDS`.

All answers tick together from one timer each, as packets of one event; so one process paces
thousands of them.
"""

import json
import socket
import sys
from collections import deque
from time import monotonic

import gevent
from gevent.server import StreamServer

from bench.stub import MODELS, requests


def _framed(event: bytes) -> bytes:
    data = b"data: " + event + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def _chunk(**fields: object) -> bytes:
    return json.dumps({"object": "chat.completion.chunk", **fields}).encode()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = _framed(_chunk(choices=[{"index": 0, "delta": {"content": "token "}}]))
TAIL = (
    _framed(_chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    + _framed(_chunk(choices=[], usage={"prompt_tokens": 200, "completion_tokens": 100}))
    + _framed(b"[DONE]")
    + b"0\r\n\r\n"
)


class Pace:
    """Answers that are being sent, each with the time of its next piece."""

    def __init__(self, chunks: int, seconds: float) -> None:
        self.chunks, self.seconds = chunks, seconds
        self._due: deque[tuple[float, socket.socket, int, gevent.event.Event]] = deque()

    def tell(self, connection: socket.socket) -> None:
        done = gevent.event.Event()
        connection.sendall(HEAD + PIECE)
        self._due.append((monotonic() + self.seconds, connection, self.chunks - 1, done))
        done.wait()

    def run(self) -> None:
        while True:
            while self._due and self._due[0][0] <= monotonic():
                due, connection, left, done = self._due.popleft()
                try:
                    connection.sendall(PIECE if left else TAIL)
                except OSError:
                    left = 0
                if left:
                    self._due.append((due + self.seconds, connection, left - 1, done))
                else:
                    done.set()
            gevent.sleep(0.001)


def main() -> None:
    port, chunks, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    pace = Pace(chunks, seconds)

    def serve(connection: socket.socket, _address: object) -> None:
        for head, _body in requests(connection):
            if head.startswith(b"GET"):
                connection.sendall(MODELS)
            else:
                pace.tell(connection)

    gevent.spawn(pace.run)
    StreamServer(("127.0.0.1", port), serve, backlog=8192).serve_forever()


if __name__ == "__main__":
    main()
