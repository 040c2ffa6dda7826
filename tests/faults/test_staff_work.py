"""Long work of staff on one process with SQLite: it keeps nobody else waiting. What is compared is
the order in which answers come, never how long they take.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.environment import SETTINGS
from tests.faults.stack import Stack, stack
from tests.faults.staff import Staff, kill_worker, lines_of, manage, others
from tests.live import ROOT, environment

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(SETTINGS["DATABASE_URL"]), reason="tells nothing of PostgreSQL"),
]

LINES = 800
SEED = """
from accounts.models import User
from quotes.models import Quote
who = User.objects.get(email="person1@example.com")
Quote.objects.bulk_create([Quote(user=who, content="{what}, %d" % n) for n in range({count})])
"""
UNFINISHED = "SELECT count(*) FROM quotes_staffjob WHERE state IN ('waiting', 'running')"
ADDED = "SELECT count(*) FROM quotes_quote"


@pytest.fixture(scope="module")
def daesa():
    with stack(database_server="", redis="", workers=1) as running:
        yield running


def wait_until(daesa: Stack, sql: str, value: object, seconds: float = 240) -> float:
    end = time.monotonic() + seconds
    while daesa.value(sql) != value:
        assert time.monotonic() < end, (sql, daesa.value(sql))
        time.sleep(0.05)
    return time.monotonic()


def test_an_import_lets_the_others_ask(daesa):
    staff, before = Staff(daesa), daesa.value(ADDED)
    with others(daesa) as meanwhile:
        begun = time.monotonic()
        status, place = staff.upload(lines_of(LINES))
        assert (status, "/admin/quotes/staffjob/" in place) == (302, True)
        finished = wait_until(daesa, UNFINISHED, 0)
    assert daesa.value(ADDED) - before == LINES
    last_job = "SELECT state, changed FROM quotes_staffjob ORDER BY id DESC LIMIT 1"
    assert daesa.rows(last_job) == [("done", LINES)]
    assert meanwhile.statuses() <= {200, 201}
    assert meanwhile.answered("live", begun, finished) >= 20
    assert meanwhile.answered("asked", begun, finished) >= 5


def test_reviewing_a_page_lets_the_others_in_and_all_pages_are_refused(daesa):
    staff = Staff(daesa)
    manage(daesa, "shell", "-v0", "-c", SEED.format(count=5000, what="In review"))
    keys = [key for (key,) in daesa.rows("SELECT id FROM quotes_quote ORDER BY id DESC LIMIT 100")]
    applied = "SELECT count(*) FROM quotes_quote WHERE is_apply"
    with others(daesa) as meanwhile:
        assert staff.act("apply", keys, select_across="1")[0] == 302
        assert daesa.value(applied) == 0
        begun = time.monotonic()
        assert staff.act("apply", keys)[0] == 302
        finished = time.monotonic()
    assert daesa.value(applied) == 100
    assert meanwhile.answered("live", begun, finished) >= 3


def test_a_command_that_loads_many_lines_lets_the_others_write(daesa, tmp_path):
    """Answers between its first line and its last, while it is the other process's database."""
    before = daesa.value(ADDED)
    path = tmp_path / "lines.jsonl"
    path.write_bytes(lines_of(4000).replace(b"its own", b"the command"))
    command = [sys.executable, "manage.py", "load_quotes", str(path), "--no-near", "--apply"]
    env = environment(DATA_DIR=str(Path(daesa.database).parent))
    with others(daesa) as meanwhile:
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as loading:  # noqa: S603
            while daesa.value(ADDED) == before and loading.poll() is None:
                time.sleep(0.01)
            begun = time.monotonic()
            finished = wait_until(daesa, ADDED, before + 4000)
        assert loading.returncode == 0
    assert meanwhile.statuses() <= {200, 201}
    assert meanwhile.answered("asked", begun, finished) >= 3


def test_deleting_many_lines_and_a_long_history_lets_the_others_in(daesa):
    staff = Staff(daesa)
    manage(daesa, "shell", "-v0", "-c", SEED.format(count=4000, what="To be deleted"))
    count = daesa.value(ADDED)
    keys = [key for (key,) in daesa.rows("SELECT id FROM quotes_quote LIMIT 1")]
    with others(daesa) as meanwhile:
        begun = time.monotonic()
        status, _ = staff.act("delete_selected", keys, select_across="1", count=str(count))
        assert status == 302
        finished = wait_until(daesa, UNFINISHED, 0)
    assert daesa.value(ADDED) == 0
    assert meanwhile.answered("live", begun, finished) >= 10
    assert meanwhile.answered("asked", begun, finished) >= 3


def test_after_a_kill_the_next_process_does_the_rest_once():
    with stack(database_server="", redis="", workers=1) as daesa:
        staff = Staff(daesa)
        status, job = staff.upload(lines_of(LINES))
        assert (status, "/admin/quotes/staffjob/" in job) == (302, True)
        while daesa.value(ADDED) == 0:
            time.sleep(0.02)
        kill_worker(daesa)
        assert daesa.value(UNFINISHED) == 1
        assert daesa.value(ADDED) < LINES
        wait_until(daesa, UNFINISHED, 0)
        assert daesa.value(ADDED) == LINES
        jobs = daesa.rows("SELECT state, changed, attempts FROM quotes_staffjob")
        assert jobs == [("done", LINES, 2)]
