"""Daesa as it is deployed (gunicorn, PostgreSQL and Redis or SQLite, fakeopenai), to be broken."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg2

from tests.faults.parts import children_of, wait_for_port
from tests.faults.prepared import PEOPLE, prepared_database
from tests.live import call, environment, free_port, process


@dataclass
class Stack:
    port: int
    master: subprocess.Popen[bytes]
    upstream: str
    database: str
    tokens: list[str]
    log: Path
    env: dict[str, str]
    _running: ExitStack

    def start_master(self) -> None:
        """Another one, in place of a master that has died."""
        self.master = self._running.enter_context(gunicorn(self.env, self.log))

    def workers(self) -> list[int]:
        return children_of(self.master.pid)

    def upstream_stats(self) -> dict[str, int]:
        return dict(call(f"{self.upstream.removesuffix('/v1')}/_/stats"))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        is_file = not self.database.startswith("postgres")
        connection = sqlite3.connect(self.database) if is_file else psycopg2.connect(self.database)
        with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def value(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def texts(self) -> dict[str, str]:
        """What is stored of each answer, by its stream."""
        rows = self.rows("SELECT CAST(stream_id AS TEXT), content FROM chat_reply")
        return {str(UUID(stream_id)): content for stream_id, content in rows}

    def status_of(self, stream_id: str) -> str:
        """SQLite stores the id without hyphens."""
        rows = self.rows("SELECT CAST(stream_id AS TEXT), status FROM chat_reply")
        return {str(UUID(key)): status for key, status in rows}[stream_id]

    def statuses(self) -> dict[str, int]:
        return dict(self.rows("SELECT status, count(*) FROM chat_reply GROUP BY status"))

    def used(self) -> int:
        return int(self.value("SELECT coalesce(sum(used), 0) FROM chat_dailyusage"))

    def wait_until_settled(self, seconds: float = 60) -> None:
        """Until no answer is being written any more."""
        end = time.monotonic() + seconds
        while self.value("SELECT count(*) FROM chat_reply WHERE status = 'streaming'"):
            assert time.monotonic() < end, self.statuses()
            time.sleep(0.2)

    def assert_exact(self) -> None:
        """Units used = answers done or stopped, and no other answer holds one."""
        statuses = self.statuses()
        assert self.used() == statuses.get("done", 0) + statuses.get("stopped", 0), statuses
        held = "SELECT count(*) FROM chat_reply WHERE charged_day IS NOT NULL"
        assert self.value(held) == self.used()


@contextlib.contextmanager
def stack(
    *,
    database_server: str,
    redis: str,
    workers: int = 2,
    database_port: int | None = None,
    people: int = PEOPLE,
    **settings: str,
) -> Iterator[Stack]:
    """`database_port`: where the server reaches its database instead, such as by a line that can
    be cut; the tests look at it directly.
    """
    with (
        tempfile.TemporaryDirectory(prefix="daesa-faults-") as name,
        prepared_database(database_server, Path(name), people) as (database, tokens),
        ExitStack() as running,
    ):
        directory, port, upstream_port = Path(name), free_port(), free_port()
        seen_by_server = database
        if database_port:
            url = urlsplit(database)
            seen_by_server = database.replace(f":{url.port}/", f":{database_port}/")
        upstream = f"http://127.0.0.1:{upstream_port}/v1"
        defaults = {
            "DATA_DIR": name,
            "PORT": str(port),
            "DATABASE_URL": seen_by_server,
            "REDIS_URL": redis,
            "WEB_CONCURRENCY": str(workers),
            "OPENAI_BASE_URL": upstream,
            "OPENAI_API_KEY": "fake",
            "DEFAULT_MODEL": "fake",
            "MAX_STREAMS_PER_USER": "1000",
            "DAILY_REFUND_LIMIT": "1000",
        }
        env = environment(**{**defaults, **settings})
        (directory / "static").mkdir(exist_ok=True)
        fake = ("-m", "fakeopenai", "--port", str(upstream_port), "--attached")
        running.enter_context(process(*fake, env=env, log=directory / "fake.log"))
        log = directory / "gunicorn.log"
        master = running.enter_context(gunicorn(env, log))
        wait_for_port(port, 30)
        wait_for_port(upstream_port)
        seen_by_tests = database or str(directory / "daesa.sqlite3")
        made = Stack(port, master, upstream, seen_by_tests, tokens, log, env, running)
        try:
            _wait_for_workers(made, workers)
            yield made
        finally:
            sys.stderr.write(log.read_text()[-6000:])


@contextlib.contextmanager
def beside(first: Stack, *, workers: int = 1, **settings: str) -> Iterator[Stack]:
    """Another machine: a DATA_DIR and a port of its own, the same PostgreSQL, Redis and upstream.
    `settings` are how it reaches them, where it does otherwise.
    """
    with tempfile.TemporaryDirectory(prefix="daesa-beside-") as name, ExitStack() as running:
        directory, port = Path(name), free_port()
        env = {**first.env, "DATA_DIR": name, "PORT": str(port), "WEB_CONCURRENCY": str(workers)}
        env |= settings
        (directory / "static").mkdir()
        log = directory / "gunicorn.log"
        master = running.enter_context(gunicorn(env, log))
        made = replace(first, port=port, master=master, log=log, env=env, _running=running)
        wait_for_port(port, 30)
        try:
            _wait_for_workers(made, workers)
            yield made
        finally:
            sys.stderr.write(log.read_text()[-6000:])


def gunicorn(env: dict[str, str], log: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return process("-m", "gunicorn", "-c", "config/gunicorn.conf.py", env=env, log=log)


def _wait_for_workers(made: Stack, workers: int) -> None:
    end = time.monotonic() + 20
    answers = 0
    while answers < workers * 3 and time.monotonic() < end:
        with contextlib.suppress(OSError):
            call(f"http://127.0.0.1:{made.port}/health/live")
            answers += 1
    time.sleep(0.5)


def dumps(body: Any) -> bytes:
    return json.dumps(body).encode()
