"""What can be broken: a Redis of one's own, and a line to a server that can be cut."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.live import free_port


class OwnRedis:
    """A redis-server that keeps nothing on disk: killed and started again, it is empty."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        wait_for_port(self.port)

    def send(self, number: int) -> None:
        if self._process:
            self._process.send_signal(number)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def own_redis() -> Iterator[OwnRedis]:
    redis = OwnRedis()
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()


class OwnPostgreSQL:
    """A PostgreSQL server that may be restarted, or crash, without anybody else noticing. Its
    programs refuse to run as root, so then they run as the user `postgres` of its package.
    """

    def __init__(self, programs: Path, directory: Path, tls: tuple[str, str] | None) -> None:
        self._programs = programs
        self._directory = directory
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._settings = f"-p {self.port} -k {directory} -c listen_addresses=127.0.0.1"
        self._run("initdb", "-D", f"{directory}/data", "-U", "postgres", "-A", "trust")
        if tls:
            self._use_tls(*tls)
        self.start()

    def _use_tls(self, certificate: str, key: str) -> None:
        """The user `postgres` comes as before; all others by TLS with a password."""
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            path = Path(shutil.copy(source, self._directory / "data" / name))
            path.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(path, "postgres")
        rules = "host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        (self._directory / "data" / "pg_hba.conf").write_text(rules)
        self._settings += " -c ssl=on"

    def start(self) -> None:
        self._control("start", "-o", self._settings)

    def restart(self, how: str) -> None:
        """`fast` ends all connections; `immediate` is a crash, with recovery at the start."""
        self._control("restart", "-m", how)

    def stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def _control(self, *command: str) -> None:
        data, log = self._directory / "data", self._directory / "log"
        self._run("pg_ctl", *command, "-D", str(data), "-l", str(log), "-w")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def postgresql_programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)


@contextlib.contextmanager
def own_postgresql(programs: Path, tls: tuple[str, str] | None = None) -> Iterator[OwnPostgreSQL]:
    """`tls`: the files of a certificate and its key."""
    with tempfile.TemporaryDirectory(prefix="daesa-pg-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        server = OwnPostgreSQL(programs, Path(name), tls)
        try:
            yield server
        finally:
            server.stop()


class Line:
    """A TCP line to a server. While it is cut, nothing passes and nobody gets a new one. While it
    is silent, nothing passes and nobody is told, as behind a network that drops packets.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        # Two threads a connection and the test's own see what follows.
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._is_cut = False
        self._cut_after: int | None = None
        self._passing_on = threading.Event()
        self._passing_on.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            pairs = list(self._pairs)
        for pair in pairs:
            self._drop(pair)

    def cut_after(self, size: int) -> None:
        """Cut once so many more bytes have gone to the server, wherever that is in a command."""
        with self._lock:
            self._cut_after = size

    def silence(self) -> None:
        self._passing_on.clear()

    @property
    def is_cut(self) -> bool:
        return self._is_cut

    def mend(self) -> None:
        with self._lock:
            self._cut_after = None
            self._is_cut = False
        self._passing_on.set()

    def close(self) -> None:
        self.cut()
        self._passing_on.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        self._passing_on.wait()
        pair = (client, socket.create_connection(self._target))
        with self._lock:
            self._pairs.add(pair)
            is_cut = self._is_cut
        if is_cut:
            self._drop(pair)
            return
        for source, sink in (pair, pair[::-1]):
            threading.Thread(target=self._pass, args=(pair, source, sink), daemon=True).start()

    def _pass(
        self, pair: tuple[socket.socket, socket.socket], source: socket.socket, sink: socket.socket
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self._passing_on.wait()
                passing = self._passing(piece) if source is pair[0] else piece
                sink.sendall(passing)
                if len(passing) < len(piece):
                    self.cut()
                    return
        self._drop(pair)

    def _passing(self, piece: bytes) -> bytes:
        """What of a piece for the server goes through before the line is cut."""
        with self._lock:
            if self._cut_after is None:
                return piece
            passing = piece[: self._cut_after]
            self._cut_after -= len(passing)
            return passing

    def _drop(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextlib.contextmanager
def line(host: str, port: int) -> Iterator[Line]:
    made = Line(host, port)
    try:
        yield made
    finally:
        made.close()


def wait_for_port(port: int, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]
