"""An upstream that uses almost no CPU: one fixed answer, kept connections, no faults (`fakeopenai`
plays those). It implements only what Daesa uses of the OpenAI chat API.

    python -m bench.stub PORT
"""

import json
import sys
from collections.abc import Iterator

from gevent.server import StreamServer
from gevent.socket import socket

LINE = "A harbour is where every sentence comes to rest."  # a line of the seed data
LONG, LONG_STORED = "long", "long-stored"  # models with an answer of a usual length
STORED = "stored"
ANSWER = f'The board has an answer to that: "{LINE}" It was written for a ship that came home late.'

MORE = " It says what the one who wrote it saw, and the rest is left to you."


def _chunk(**fields: object) -> bytes:
    return b"data: " + json.dumps({"object": "chat.completion.chunk", **fields}).encode() + b"\n\n"


def _content_chunk(text: str) -> bytes:
    return _chunk(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None}])


def _events(answer: str) -> list[bytes]:
    words = [word + " " for word in answer.split(" ")]
    return [
        *(_content_chunk(word) for word in words[:-1]),
        _content_chunk(words[-1].strip()),
        _chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
        _chunk(choices=[], usage={"prompt_tokens": 200, "completion_tokens": len(words)}),
        b"data: [DONE]\n\n",
    ]


def _head(content_type: str, framing: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{framing}\r\n\r\n".encode()


def _plain(body: dict[str, object]) -> bytes:
    encoded = json.dumps(body).encode()
    return _head("application/json", f"Content-Length: {len(encoded)}") + encoded


WHOLE = _plain(
    {
        "object": "chat.completion",
        "choices": [{"message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 200, "completion_tokens": 20},
    }
)
MODELS = _plain({"object": "list", "data": [{"id": "stub", "object": "model"}]})


def _stream(answer: str) -> bytes:
    return (
        _head("text/event-stream", "Transfer-Encoding: chunked")
        + b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in _events(answer))
        + b"0\r\n\r\n"
    )


STREAM, LONG_STREAM = _stream(ANSWER), _stream(ANSWER + MORE * 20)


def _answer_to(head: bytes, body: bytes) -> bytes:
    if head.startswith(b"GET"):
        return MODELS
    body = body.replace(b" ", b"")
    if b'"stream":true' not in body:
        return WHOLE
    return LONG_STREAM if b'"model":"long' in body else STREAM


def requests(connection: socket) -> Iterator[tuple[bytes, bytes]]:
    """The head and body of each request on a connection, until it closes."""
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            if not (more := connection.recv(65536)):
                return
            received += more
        head, _, received = received.partition(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"content-length:")
        due = int(length.split(b"\r\n", 1)[0] or 0)
        while len(received) < due:
            received += connection.recv(65536)
        yield head, received[:due]
        received = received[due:]


def serve(connection: socket, _address: object) -> None:
    for head, body in requests(connection):
        connection.sendall(_answer_to(head, body))


if __name__ == "__main__":
    StreamServer(("127.0.0.1", int(sys.argv[1])), serve).serve_forever()
