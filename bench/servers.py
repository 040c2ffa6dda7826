"""What is measured, started on loopback and thrown away afterwards: the stub, and a server of one
worker with production settings on a database of its own.
"""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from bench import load
from bench.stub import LONG, LONG_STORED, STORED

HERE = Path(__file__).resolve().parent.parent
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


@dataclass
class Server:
    """A running server. `seeds` is what `bench.seed` has printed."""

    name: str
    port: int
    worker: int
    seeds: dict[str, Any]

    def cpu(self) -> float:
        """Seconds of CPU that the worker has used: all its threads, user and system, to the
        nanosecond (/proc/PID/stat counts the same in hundredths of a second).
        """
        tasks = Path(f"/proc/{self.worker}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def peak(self) -> float:
        """Megabytes that the worker has held at most."""
        status = Path(f"/proc/{self.worker}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def memory(self) -> float:
        """Megabytes that the worker holds."""
        status = Path(f"/proc/{self.worker}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def database_cpu() -> dict[int, float]:
    """Seconds of CPU of each process of PostgreSQL on this machine: nobody else may use it."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            if (process / "comm").read_text() == "postgres\n":
                found[int(process.name)] = int((process / "schedstat").read_text().split()[0]) / 1e9
    return found


@contextlib.contextmanager
def stub() -> Iterator[int]:
    """The upstream; yields its port."""
    port = free_port()
    with _process(HERE, {**os.environ}, None, "-m", "bench.stub", str(port)):
        _wait_for(port)
        yield port


@contextlib.contextmanager
def server(  # noqa: PLR0913 - what there is to choose
    name: str,
    *,
    root: Path,
    database: str,
    redis: str,
    upstream: int,
    connections: int,
    app: str = "config.wsgi",
) -> Iterator[Server]:
    """A server with the code of the checkout `root`, its worker alone on the first core."""
    with (
        tempfile.TemporaryDirectory(prefix="daesa-bench-") as directory,
        _database(database) as url,
    ):
        port = free_port()
        env = _environment(directory, DATABASE_URL=url, REDIS_URL=redis, PORT=str(port))
        env |= {"OPENAI_BASE_URL": f"http://127.0.0.1:{upstream}/v1", "DEFAULT_MODEL": "stub"}
        env |= {"CHAT_MODELS": f"stub,{LONG},{STORED},{LONG_STORED}"}
        env |= {"ANSWER_CACHE": f"{STORED}=exact,{LONG_STORED}=exact"}
        env |= {"DAILY_REFUND_LIMIT": str(10**9)}  # so that stored answers stay free
        env |= {"OPENAI_API_KEY": "stub", "PYTHONPATH": f"{root}{os.pathsep}{HERE}"}
        _run(root, env, "manage.py", "prepare")
        # The checkout's own, because the names of its modules may differ.
        seeds = json.loads(_run(root, env, "bench/seed.py", str(connections)))
        log = Path(directory) / "gunicorn.log"
        gunicorn = ("-m", "gunicorn", "-c", "config/gunicorn.conf.py", app)
        with _process(root, env, log, *gunicorn) as master:
            _wait_for(port, log)
            worker = _only_child(master.pid)
            if len(CORES) > 1:
                os.sched_setaffinity(worker, CORES[:1])
            yield Server(name, port, worker, seeds)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(directory: str, **values: str) -> dict[str, str]:
    """Only what the server needs: nothing of a developer's shell or .env changes the figures."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DAESA_DOTENV": "",
        "DATA_DIR": directory,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "TRUSTED_PROXY_COUNT": "1",
        "MAX_STREAMS_PER_USER": "100000",
        "MAX_STREAMS_PER_PROCESS": "20000",
        **values,
    }


@contextlib.contextmanager
def _database(url: str) -> Iterator[str]:
    """The URL of an empty database on the server that `url` names; "" is SQLite in DATA_DIR."""
    if not url:
        yield ""
        return
    name = f"daesa_bench_{os.getpid()}_{secrets.token_hex(3)}"
    maintenance = psycopg2.connect(url)
    maintenance.autocommit = True
    with contextlib.closing(maintenance), maintenance.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(root: Path, env: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=root, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@contextlib.contextmanager
def _process(
    root: Path, env: dict[str, str], log: Path | None, *command: str
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") if log else contextlib.nullcontext() as output:
        child = subprocess.Popen(
            [sys.executable, *command], cwd=root, env=env, stdout=output, stderr=output
        )
        if len(CORES) > 1:
            os.sched_setaffinity(child.pid, CORES[1:])
        try:
            yield child
        finally:
            child.terminate()
            child.wait(timeout=60)


def _wait_for(port: int, log: Path | None = None, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            load.ask(port, load.request("GET", "/health/live"))
            return
        time.sleep(0.1)
    raise TimeoutError(log.read_text() if log else f"nothing listens on {port}")


def _only_child(master: int) -> int:
    return int(Path(f"/proc/{master}/task/{master}/children").read_text())
