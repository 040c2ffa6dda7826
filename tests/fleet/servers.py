"""Real servers as hosting offers give them: TLS by an authority of one's own, Redis Sentinel, and
PgBouncer in transaction mode. Each is a process on loopback that ends with its block.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.faults.parts import OwnPostgreSQL, own_postgresql, postgresql_programs, wait_for_port
from tests.live import free_port

PASSWORD = "p@ss:w/ord%?#,; 비밀"
WRITTEN = quote(PASSWORD, safe="")


def program(name: str, package: str) -> str:
    """The path of a program. Where it is missing the test is skipped, and fails in CI."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        missing(f"the program {name} (Debian: {package})")
    return str(found)


def missing(what: str) -> None:
    if os.environ.get("REQUIRE_SERVICES"):
        pytest.fail(f"there must be {what} here")
    pytest.skip(f"needs {what}")


@dataclass(frozen=True)
class Authority:
    """A certificate authority, and a certificate for 127.0.0.1 and localhost that it has signed."""

    directory: Path

    @property
    def ca(self) -> str:
        return str(self.directory / "ca.crt")

    @property
    def certificate(self) -> str:
        return str(self.directory / "server.crt")

    @property
    def key(self) -> str:
        return str(self.directory / "server.key")


@contextlib.contextmanager
def authority() -> Iterator[Authority]:
    openssl = program("openssl", "openssl")
    with tempfile.TemporaryDirectory(prefix="daesa-ca-") as name:
        made = Authority(Path(name))
        made.directory.chmod(0o755)
        new = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        new += ["-nodes", "-days", "2"]
        root = ["-keyout", f"{name}/ca.key", "-out", made.ca, "-subj", "/CN=Daesa tests"]
        names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
        signed = ["-CA", made.ca, "-CAkey", f"{name}/ca.key", "-subj", "/CN=localhost", *names]
        signed += ["-addext", "basicConstraints=critical,CA:FALSE"]
        for arguments in (root, ["-keyout", made.key, "-out", made.certificate, *signed]):
            subprocess.run([*new, *arguments], check=True, capture_output=True)  # noqa: S603
        yield made


@contextlib.contextmanager
def server(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@contextlib.contextmanager
def redis_with_tls(made: Authority) -> Iterator[str]:
    """A Redis that takes TLS alone, and a password. Yields its URL."""
    port = free_port()
    settings = ["--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port), "--save", ""]
    settings += ["--tls-cert-file", made.certificate, "--tls-key-file", made.key]
    settings += ["--tls-ca-cert-file", made.ca, "--tls-auth-clients", "no"]
    settings += ["--requirepass", PASSWORD]
    with server(program("redis-server", "redis-server"), *settings):
        wait_for_port(port)
        yield f"rediss://:{WRITTEN}@127.0.0.1:{port}/0"


class SentinelGroup:
    """A master, a replica, and a Sentinel that watches both."""

    def __init__(self, directory: Path, running: contextlib.ExitStack) -> None:
        redis = program("redis-server", "redis-server")
        self._ports = {"master": free_port(), "replica": free_port()}
        sentinel = free_port()
        # A replica gets its master's data as a file.
        common = ["--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
        common += ["--requirepass", "of-redis", "--masterauth", "of-redis"]
        common += ["--repl-diskless-sync-delay", "0"]
        after = ["--replicaof", f"127.0.0.1 {self._ports['master']}"]
        self._processes = {}
        for name, more in (("master", []), ("replica", after)):
            port = ["--port", str(self._ports[name])]
            self._processes[name] = running.enter_context(server(redis, *port, *common, *more))
            wait_for_port(self._ports[name])
        wait_until(lambda: self._replication("master_link_status") == "up")
        settings = directory / "sentinel.conf"
        settings.write_text(
            f"bind 127.0.0.1\nport {sentinel}\n"
            f"sentinel monitor daesa 127.0.0.1 {self._ports['master']} 1\n"
            "sentinel auth-pass daesa of-redis\nsentinel down-after-milliseconds daesa 300\n"
            "sentinel failover-timeout daesa 2000\n"
        )
        running.enter_context(server(redis, str(settings), "--sentinel"))
        wait_for_port(sentinel)
        self._sentinel = Redis(port=sentinel)
        wait_until(lambda: self._state()["num-slaves"] == 1)
        nobody = free_port()  # the first one listed is away
        self.url = f"redis+sentinel://:of-redis@127.0.0.1:{nobody},127.0.0.1:{sentinel}/daesa/0"

    def kill_master(self) -> None:
        self._processes["master"].kill()

    def wait_for_new_master(self) -> None:
        port = self._ports["replica"]
        wait_until(lambda: self._state()["port"] == port)
        wait_until(lambda: self._replication("role") == "master")

    def _replication(self, name: str) -> Any:
        """Of the replica."""
        told: Any = Redis(port=self._ports["replica"], password="of-redis").info("replication")
        return told[name]

    def _state(self) -> Any:
        return self._sentinel.sentinel_master("daesa")


@contextlib.contextmanager
def sentinel_group() -> Iterator[SentinelGroup]:
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        yield SentinelGroup(Path(name), running)


@contextlib.contextmanager
def postgresql_with_tls(made: Authority) -> Iterator[OwnPostgreSQL]:
    """A cluster that takes TLS alone from its user `daesa`, who has `PASSWORD`."""
    programs = postgresql_programs()
    if programs is None:
        missing("the programs of PostgreSQL (Debian: postgresql)")
        raise AssertionError
    with own_postgresql(programs, tls=(made.certificate, made.key)) as cluster:
        yield cluster


@contextlib.contextmanager
def pgbouncer(database_server: str, *, pool_size: int = 3) -> Iterator[int]:
    """PgBouncer in transaction mode for every database of the server. Yields its port."""
    found = program("pgbouncer", "pgbouncer")
    url, port = urlsplit(database_server), free_port()
    target = f"host={url.hostname} port={url.port} user={url.username}"
    if url.password:
        target += f" password={url.password}"
    with tempfile.TemporaryDirectory(prefix="daesa-pgbouncer-") as name:
        settings = Path(name, "pgbouncer.ini")
        settings.write_text(
            f"[databases]\n* = {target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nauth_type = any\npool_mode = transaction\n"
            f"default_pool_size = {pool_size}\nmax_client_conn = 200\nunix_socket_dir =\n"
        )
        command = [found, "-q", str(settings)]
        if os.geteuid() == 0:  # which it refuses
            shutil.chown(name, "postgres")
            command[1:1] = ["-u", "postgres"]
        with server(*command):
            wait_for_port(port)
            yield port


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(RedisError):
            if holds():
                return
        time.sleep(0.05)
    raise TimeoutError
