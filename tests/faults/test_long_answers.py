"""Answers of any length and shape, on a worker as it is deployed: nobody else waits for them."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.architecture.linear.shapes import Shape
from tests.environment import SETTINGS
from tests.faults.parts import own_redis
from tests.faults.reader import Reader, Received, assert_texts
from tests.faults.stack import Stack, stack
from tests.live import ROOT, call, environment
from tests.long_answers import SHAPES, SIZE, question

pytestmark = pytest.mark.live

WRITERS = 3  # of long answers at once


@contextmanager
def one_worker() -> Iterator[Stack]:
    """On the services of this test run, or on none."""
    if not SETTINGS["DATABASE_URL"]:
        with stack(database_server="", redis="", workers=1) as daesa:
            yield daesa
        return
    with (
        own_redis() as redis,
        stack(database_server=SETTINGS["DATABASE_URL"], redis=redis.url, workers=1) as daesa,
    ):
        yield daesa


@dataclass
class Site:
    """What was asked and received, by writers of long answers and by others beside them."""

    daesa: Stack
    left: list[Shape] = field(default_factory=lambda: list(SHAPES))
    long: list[Received] = field(default_factory=list)
    short: list[Received] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)
    enough: threading.Event = field(default_factory=threading.Event)

    def write(self, number: int) -> None:
        while self.left:
            shape = self.left.pop()
            received = Reader(self.daesa, self.daesa.tokens[number]).ask(question(shape))
            assert received.text == shape(SIZE), shape
            self.long.append(received)

    def ask(self) -> None:
        while not self.enough.is_set():
            self.short.append(Reader(self.daesa, self.daesa.tokens[-1]).ask("[[chunks: 3]]"))

    def look(self) -> None:
        while not self.enough.is_set():
            received = call(f"http://127.0.0.1:{self.daesa.port}/health/live")
            self.looks[received["status"]] += 1


def test_others_are_answered_meanwhile():
    """All long answers are whole; others asked and looked meanwhile, and the worker is still the
    same one. (One that does not answer is ended by gunicorn.)
    """
    with one_worker() as daesa, ThreadPoolExecutor() as pool:
        [worker], site = daesa.workers(), Site(daesa)
        writing = [pool.submit(site.write, number) for number in range(WRITERS)]
        beside = [pool.submit(work) for work in (site.ask, site.look)]
        wait(writing)
        site.enough.set()
        for work in [*writing, *beside]:
            work.result()
        assert [received.outcome for received in site.long] == ["done"] * len(SHAPES)
        assert {received.outcome for received in site.short} == {"done"}
        assert not [received.trouble for received in [*site.long, *site.short] if received.trouble]
        assert min(len(site.short), site.looks["ok"]) >= WRITERS
        assert daesa.workers() == [worker]
        assert_texts(daesa, [*site.long, *site.short])
        daesa.assert_exact()


def test_judging_gives_way_and_ends(tmp_path):
    """In shares of what judging may take: what is done once its time is over, and the longest that
    another, who is ready at any time, waits for a turn.
    """
    (tmp_path / "static").mkdir()
    env = environment(
        DATA_DIR=str(tmp_path), DEBUG="true", DJANGO_SETTINGS_MODULE="config.settings"
    )
    command = [sys.executable, "-m", "tests.faults.judging"]
    received = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=env, check=True, capture_output=True, text=True
    ).stdout
    rows = [json.loads(line) for line in received.splitlines()]
    assert len(rows) == len(SHAPES) + 1
    for row in rows:
        assert row["spent"] < 2, row
        assert row["longest"] < 0.5, row
    assert max(row["turns"] for row in rows) > 10
    assert max(row["judged"] for row in rows) > 100
