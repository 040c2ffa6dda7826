"""The client: as many kept-alive connections as asked for, each sending its next request when its
last one is answered. Plain sockets, so that it takes little of the machine that it measures.
"""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Load:
    """What a round saw. `latencies` in seconds, of the answers with the expected status."""

    seconds: float = 0.0
    errors: int = 0
    latencies: list[float] = field(default_factory=list)


def request(method: str, path: str, *, token: str = "", body: bytes = b"") -> bytes:
    """A request as a proxy with TLS in front would pass it on."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        "User-Agent: bench",
        "Accept: application/json",
        "X-Forwarded-For: 192.0.2.1",
        "X-Forwarded-Proto: https",
    ]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def drive(port: int, requests: Sequence[bytes], *, status: int, seconds: float) -> Load:
    """Sends each request again and again on a connection of its own, for so many seconds."""
    total, lock, start = Load(), threading.Lock(), time.perf_counter()

    def run(raw: bytes) -> None:
        own = _repeat(port, raw, status=status, until=start + seconds)
        with lock:
            total.errors += own.errors
            total.latencies += own.latencies

    threads = [threading.Thread(target=run, args=(raw,)) for raw in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total.seconds = time.perf_counter() - start
    return total


def _repeat(port: int, raw: bytes, *, status: int, until: float) -> Load:
    own, connection = Load(), _connect(port)
    while (sent := time.perf_counter()) < until:
        try:
            is_right = exchange(connection, raw)[0] == status
        except OSError:
            is_right = False
            connection.close()
            connection = _connect(port)
        if is_right:
            own.latencies.append(time.perf_counter() - sent)
        else:
            own.errors += 1
    connection.close()
    return own


def ask(port: int, raw: bytes) -> tuple[int, bytes]:
    """One request on a connection of its own: status and body."""
    with _connect(port) as connection:
        return exchange(connection, raw)


def exchange(connection: socket.socket, raw: bytes) -> tuple[int, bytes]:
    connection.sendall(raw)
    received = _receive(connection)
    while b"\r\n\r\n" not in received:
        received += _receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length:")
    due = int(length.split(b"\r\n", 1)[0])
    while len(body) < due:
        body += _receive(connection)
    return int(head[9:12]), body


def _receive(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
