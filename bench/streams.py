"""What a stream costs: many answers at once, sent at a fixed pace, each followed by a reader.

    python -m bench.streams --database postgres://… [--redis redis://…] [N:CHUNKS:SECONDS[:RATE] …]

N answers of so many chunks, so many seconds apart, RATE of them asked for in a second (1000).

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
from dataclasses import dataclass, field, replace
from typing import cast

from bench import load, profiled, servers

DEFAULT = ["50:100:0.02", "500:100:0.02", "500:100:0.02:100", "2000:250:0.2:40", "5000:40:2:100"]
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


@dataclass(frozen=True)
class Streams:
    count: int
    chunks: int
    seconds: float
    rate: float = 1000.0

    @property
    def longest(self) -> float:
        """Seconds after which it is given up."""
        return 60 + self.count / self.rate + self.chunks * self.seconds * 2


def follow(port: int, tokens: list[str], wanted: Streams) -> list[Reader]:
    """Ask so many times, at that rate, and read all answers."""
    readers: dict[socket.socket, Reader] = {}
    chooser, started = selectors.DefaultSelector(), time.perf_counter()
    opened, open_now = 0, 0
    while open_now or opened < wanted.count:
        now = time.perf_counter()
        if now - started > wanted.longest:
            break
        while opened < wanted.count and opened <= (now - started) * wanted.rate:
            connection = _ask(port, tokens[opened % len(tokens)])
            readers[connection] = Reader(asked=time.perf_counter())
            chooser.register(connection, selectors.EVENT_READ)
            opened, open_now = opened + 1, open_now + 1
        for key, _ in chooser.select(0.01):
            connection = cast("socket.socket", key.fileobj)
            received, now = connection.recv(READ_BYTES), time.perf_counter()
            reader = readers[connection]
            reader.take(received, now, wanted.seconds)
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
    count, chunks, *others = given.split(":")
    wanted = Streams(int(count), int(chunks), *map(float, others))
    with (
        paced(wanted.chunks, wanted.seconds) as upstream,
        servers.server(
            "here",
            root=servers.HERE,
            database=options.database,
            redis=options.redis,
            upstream=upstream,
            connections=16,
            app="bench.profiled" if options.profile else "config.wsgi",
        ) as server,
    ):
        tokens = server.seeds["askers"]
        follow(server.port, tokens, replace(wanted, count=10))
        if options.profile:
            profiled.collect(server.port)
        cpu, memory = server.cpu(), server.memory()
        readers = follow(server.port, tokens, wanted)
        most, spent = max(memory, server.peak()), server.cpu() - cpu
        if options.profile:
            each = spent / wanted.count * 1000
            profiled.tell(profiled.collect(server.port), cpu=each, count=wanted.count)
    whole = sum(reader.is_whole for reader in readers)
    gaps = [gap for reader in readers for gap in reader.gaps]
    first = [reader.first - reader.asked for reader in readers if reader.first]
    each = spent / wanted.count
    return (
        f"| {wanted.count} | {wanted.chunks} × {wanted.seconds * 1000:.0f} ms | {wanted.rate:.0f} "
        f"| {whole} | {quantiles(first)} | {quantiles(gaps)} | {each * 1000:.2f} "
        f"| {each / wanted.chunks * 1e6:.0f} | {most:.0f} "
        f"| {(most - memory) / wanted.count * 1024:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("loads", nargs="*", default=DEFAULT, metavar="N:CHUNKS:SECONDS[:RATE]")
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--redis", default="", metavar="URL")
    parser.add_argument("--profile", action="store_true", help="where the time of a stream goes")
    options = parser.parse_args()
    if len(servers.CORES) > 1:
        os.sched_setaffinity(0, servers.CORES[1:])
    print(
        "| streams | chunks | a second | whole | first piece p50 / p99 ms "
        "| later than paced p50 / p99 ms | CPU ms a stream | CPU µs a chunk | MB at most "
        "| kB a stream |"
    )
    print("|---" * 10 + "|")
    for given in options.loads:
        print(run(options, given))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
