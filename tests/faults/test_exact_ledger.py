"""All that may cost a unit or none, at once, while workers and a model server are killed: the units
used are those that the rules charge, and each is held by an answer.

200 questions of eight people, in three waves that overlap: the same ones again (stored answers,
shared), ones that are cut off and continued (which costs a unit here), ones that fail after their
first words. Two model servers stand in for each other, and conversations get titles.

The answers of killed workers are ended after 12 s and not after 25: where one was written after
all, its end comes too late, and the ledger must be exact as well.
"""

import contextlib
import http.client
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.faults.parts import wait_for_port
from tests.faults.reader import Reader, Received, headers_of
from tests.faults.stack import Stack, stack
from tests.live import ROOT, environment, free_port, process

pytestmark = pytest.mark.live

WAVES, SIZE = 3, 67  # a worker is killed in each wave but the last
ENDED = SIZE // 4  # answers of a wave that end before that
PATIENCE = 150.0  # seconds in which a reader has its answer, whatever breaks
DIFFERENT = 12  # questions that are asked again and again

# What each user is charged by the rules: ADR 0002, 0041 and 0049. It does not look at the columns
# that say which units an answer holds. The question fixes the model, so there is no small talk.
CHARGED = """
SELECT user_id, sum(
  CASE WHEN status IN ('done', 'stopped') AND answered_from IS NULL THEN 1 ELSE 0 END
  + CASE WHEN status = 'done' AND continued_from IS NOT NULL THEN 1 ELSE 0 END
) FROM chat_reply GROUP BY user_id
"""
# A title takes a unit of the site and none of a user. One whose worker was killed leaves no trace,
# but each conversation asks for one title at most.
OF_SITE = """
SELECT (SELECT sum(used) FROM chat_siteusage) - (SELECT sum(used) FROM chat_dailyusage),
  (SELECT count(*) FROM chat_conversation WHERE title_by = 'model'),
  (SELECT count(*) FROM chat_conversation)
"""
USED = "SELECT user_id, sum(used) FROM chat_dailyusage GROUP BY user_id"
REAP = """
import time
from chat.models import Reply, Status
from chat.stored.claims import LOST_AFTER
from chat.turns import recover
while Reply.objects.filter(status=Status.STREAMING).exists():
    recover.reap(silent_for=LOST_AFTER)
    time.sleep(0.5)
"""
CHECK = """
from django.core.management import call_command
from tests.ledger import assert_ledger_is_exact
assert_ledger_is_exact()
call_command("check_ledger", "--nothing-deleted")
"""
HAPPENED = {
    "a stored answer was given": "answered_from IS NOT NULL",
    "the first server answered": "server = 'a' AND status = 'done'",
    "the second server answered": "server = 'b' AND status = 'done'",
    "an answer was continued": "continued_from IS NOT NULL",
    "an answer failed": "status = 'failed'",
    "an answer was interrupted": "status = 'interrupted'",
}


def question(number: int) -> str:
    """Six of ten are asked again and again, two are cut off, and two asked once. One of twenty
    fails: so few that no circuit breaker opens for that.
    """
    kind = number % 10
    if kind < 6:
        same = number % DIFFERENT
        return f"What of lamp {same}? [[say: Lamp {same} burns all night.]] {slowly(same)}"
    once = f"Once {number} [[say: A lantern that is carried about.]] {slowly(number)}"
    if kind < 8:
        return f"{once} [[fault: length]] [[then-say: by night.]]"
    return f"{once} [[fault: die]]" if number % 20 == 8 else once


def slowly(number: int) -> str:
    """Half a second to two, so that some answers are being written when others have ended."""
    return f"[[chunks: 10]] [[slow: {0.05 * (1 + number % 4):.2f}]]"


class Wave:
    """Asks so many questions at once, and continues the answers that were cut off. `ended` counts
    those whose answer has ended, in whichever way.
    """

    def __init__(self, daesa: Stack, numbers: range) -> None:
        self._daesa = daesa
        self.ended = 0
        self.errors: list[BaseException] = []
        self._threads = [Thread(target=self._ask, args=(number,)) for number in numbers]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()
        assert not self.errors, self.errors[:3]

    def wait_for_some(self) -> None:
        end = time.monotonic() + PATIENCE
        while self.ended < ENDED:
            assert time.monotonic() < end, f"{self.ended} have ended, {self.errors[:3]}"
            time.sleep(0.02)

    def _ask(self, number: int) -> None:
        token = self._daesa.tokens[number % len(self._daesa.tokens)]
        try:
            received = Reader(self._daesa, token, PATIENCE).ask(question(number))
            self.ended += 1  # that two add at once and one is lost does not matter
            if received.outcome == "done" and "[[then-say" in received.question:
                self._continue(received, token)
        except BaseException as error:  # noqa: BLE001 - reported by the test
            self.errors.append(error)

    def _continue(self, received: Received, token: str) -> None:
        """Until there is a response: what it says does not matter here."""
        assert received.last
        path = f"/chat/{received.last['chat']['id']}/continue"
        headers = {**headers_of(token), "Accept": "application/json"}
        headers["Idempotency-Key"] = str(uuid.uuid4())
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._daesa.port}{path}", b"{}", headers
        )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                try:
                    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310 - loopback
                except urllib.error.HTTPError as refusal:
                    refusal.close()
                return
            time.sleep(0.1)


@contextlib.contextmanager
def two_servers() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The TOML that names them, and the process of the first one."""
    ports = {"a": free_port(), "b": free_port()}
    with contextlib.ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        children = []
        for name, port in ports.items():
            command = ("-m", "fakeopenai", "--port", str(port))
            log = Path(folder, f"{name}.log")
            children.append(running.enter_context(process(*command, env=environment(), log=log)))
        for port in ports.values():
            wait_for_port(port)
        tables = (
            f'[[server]]\nname = "{name}"\nbase_url = "http://127.0.0.1:{port}/v1"\n'
            f'key_env = "OPENAI_API_KEY"\npriority = {priority}\n'
            '[[server.model]]\nname = "fake"\n'
            for priority, (name, port) in enumerate(ports.items(), start=1)
        )
        yield "\n".join(tables), children[0]


def kill_one(daesa: Stack) -> None:
    end = time.monotonic() + PATIENCE
    while not (workers := daesa.workers()):  # the only one has just been killed
        assert time.monotonic() < end
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.kill(random.choice(workers), signal.SIGKILL)  # noqa: S311


def run(daesa: Stack, code: str) -> None:
    """In a process with the settings of the server."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=ROOT,
        env=daesa.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def all_at_once(daesa: Stack, first_server: subprocess.Popen[bytes]) -> None:
    waves = []
    for number in range(WAVES):
        waves.append(Wave(daesa, range(number * SIZE, (number + 1) * SIZE)))
        waves[-1].wait_for_some()
        if number < WAVES - 1:
            kill_one(daesa)
        if number == WAVES - 2:
            first_server.kill()
    run(daesa, REAP)
    for wave in waves:
        wave.join()
    daesa.wait_until_settled()
    assert daesa.value("SELECT count(*) FROM chat_chat") == WAVES * SIZE
    assert dict(daesa.rows(USED)) == dict(daesa.rows(CHARGED))
    run(daesa, CHECK)
    for what, condition in HAPPENED.items():
        count = daesa.value(f"SELECT count(*) FROM chat_reply WHERE {condition}")  # noqa: S608
        sys.stderr.write(f"{what}: {count}\n")
        assert count, what
    wait_for_titles(daesa)
    [(for_titles, titles, conversations)] = daesa.rows(OF_SITE)
    assert titles <= for_titles <= conversations


def wait_for_titles(daesa: Stack) -> None:
    """They come after the answers."""
    end = time.monotonic() + PATIENCE
    while not daesa.value("SELECT count(*) FROM chat_conversation WHERE title_by = 'model'"):
        assert time.monotonic() < end, "no conversation has a title of the model"
        time.sleep(0.1)


@contextlib.contextmanager
def deployment(
    *, database: str, redis: str, workers: int
) -> Iterator[tuple[Stack, subprocess.Popen[bytes]]]:
    with (
        two_servers() as (servers, first),
        stack(
            database_server=database,
            redis=redis,
            workers=workers,
            UPSTREAMS=servers,
            OPENAI_BASE_URL="",
            TITLE_MODEL="fake",
            ANSWER_CACHE="exact",
            ANSWER_CACHE_SHARED="true",
            CONTINUATION_UNITS="1",
            SITE_DAILY_LIMIT="100000",
        ) as daesa,
    ):
        yield daesa, first


def test_on_postgresql(services):
    database, redis = services
    with deployment(database=database, redis=redis.url, workers=3) as (daesa, first_server):
        all_at_once(daesa, first_server)


@pytest.mark.any_database
def test_on_sqlite():
    with deployment(database="", redis="", workers=1) as (daesa, first_server):
        all_at_once(daesa, first_server)
