"""What a stream costs: so many answers at once, told at a pace, each followed by a reader.

    python -m bench.streams --database postgres://… [--redis redis://…] [N:CHUNKS:SECONDS …]

Prints for each load how many readers got all of their answer, the time to the first piece, how
much later than paced pieces came, and CPU and memory of the web process, each turn counted whole
(sign-in, quota, retrieval, storage, mirroring). One line each; README.md says how it is measured.
"""

import argparse
import contextlib
import os
import selectors
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench import load, servers

DEFAULT = ["50:100:0.02", "500:100:0.02", "2000:50:0.2", "5000:10:2"]
READ_BYTES = 65536


@dataclass
class Reader:
    """A connection and what came over it; times in seconds."""

    asked: float = 0.0
    first: float = 0.0
    ended: float = 0.0
    last: float = 0.0
    gaps: list[float] = field(default_factory=list)
    tail: bytes = b""
    chunks: int = 0
    is_whole: bool = False

    def take(self, received: bytes, now: float, pause: float) -> None:
        seen = self.tail + received
        if b'"CHUNK"' in seen:
            if not self.first:
                self.first = now
            elif self.last:
                self.gaps.append(now - self.last - pause)
            self.last = now
        self.chunks += received.count(b'"type":"CHUNK"')
        if b'"type":"END"' in seen:
            self.is_whole, self.ended = True, now
        self.tail = received[-32:]


@contextlib.contextmanager
def paced(chunks: int, seconds: float) -> Iterator[int]:
    port = servers.free_port()
    command = ("-m", "bench.paced", str(port), str(chunks), str(seconds))
    with servers._process(servers.HERE, {**os.environ}, None, *command):  # noqa: SLF001
        servers._wait_for(port)  # noqa: SLF001
        yield port


def follow(port: int, tokens: list[str], *, count: int, pause: float, limit: float) -> list[Reader]:
    """Ask `count` times, spread over a second for each thousand, and read all answers."""
    readers: dict[socket.socket, Reader] = {}
    chooser, started = selectors.DefaultSelector(), time.perf_counter()
    opened, open_now = 0, 0
    while open_now or opened < count:
        now = time.perf_counter()
        if now - started > limit:
            break
        while opened < count and opened <= (now - started) * 1000:
            connection = _ask(port, tokens[opened % len(tokens)])
            readers[connection] = Reader(asked=time.perf_counter())
            chooser.register(connection, selectors.EVENT_READ)
            opened, open_now = opened + 1, open_now + 1
        for key, _ in chooser.select(0.01):
            connection = key.fileobj
            received, now = connection.recv(READ_BYTES), time.perf_counter()
            reader = readers[connection]
            reader.take(received, now, pause)
            if not received or reader.is_whole:
                chooser.unregister(connection)
                connection.close()
                open_now -= 1
    return list(readers.values())


def _ask(port: int, token: str) -> socket.socket:
    body = b'{"content": "Where does a sentence come to rest?"}'
    raw = load.request("POST", "/chat", token=token, body=body)
    raw = raw.replace(b"Accept: application/json", b"Accept: text/event-stream")
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(raw)
    return connection


def quantiles(values: list[float]) -> str:
    if len(values) < 2:
        return "-"
    cuts = statistics.quantiles(values, n=100)
    return f"{cuts[49] * 1000:.0f} / {cuts[98] * 1000:.0f}"


def run(options: argparse.Namespace, given: str) -> str:
    numbers = given.split(":")
    count, chunks, seconds = int(numbers[0]), int(numbers[1]), float(numbers[2])
    with (
        paced(chunks, seconds) as upstream,
        servers.server(
            "here",
            root=servers.HERE,
            database=options.database,
            redis=options.redis,
            upstream=upstream,
            connections=16,
        ) as server,
    ):
        tokens = server.seeds["askers"]
        follow(server.port, tokens, count=10, pause=seconds, limit=30 + chunks * seconds)
        cpu, memory = server.cpu(), server.memory()
        limit = 60 + count / 500 + chunks * seconds * 3
        most = [memory]
        readers = follow(server.port, tokens, count=count, pause=seconds, limit=limit)
        most.append(server.peak())
        spent = server.cpu() - cpu
    whole = sum(reader.is_whole for reader in readers)
    gaps = [gap for reader in readers for gap in reader.gaps]
    first = [reader.first - reader.asked for reader in readers if reader.first]
    return (
        f"| {count} | {chunks} × {seconds * 1000:.0f} ms | {whole} | {quantiles(first)} "
        f"| {quantiles(gaps)} | {spent / count * 1000:.2f} | {spent / count / chunks * 1e6:.0f} "
        f"| {max(most):.0f} | {(max(most) - memory) / count * 1024:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("loads", nargs="*", default=DEFAULT, metavar="N:CHUNKS:SECONDS")
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--redis", default="", metavar="URL")
    options = parser.parse_args()
    if len(servers.CORES) > 1:
        os.sched_setaffinity(0, servers.CORES[1:])
    print(
        "| streams | chunks | whole | first piece p50 / p99 ms | later than paced p50 / p99 ms "
        "| CPU ms a stream | CPU µs a chunk | MB at most | kB a stream |"
    )
    print("|---" * 9 + "|")
    for given in options.loads:
        print(run(options, given))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
