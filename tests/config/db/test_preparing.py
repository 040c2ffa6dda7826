"""Several containers may start at once: one after the other prepares the database. A migration
waits for locks only for a while, and is tried again.
"""

import subprocess
import sys
import threading
from contextlib import closing

import pytest
from django.core.management import CommandError
from django.db import connection, transaction

from config.db import preparing
from config.db.sql import fetch_all
from tests.environment import SETTINGS
from tests.faults.prepared import new_database
from tests.live import ROOT, environment

PROCESSES = 4


@pytest.mark.live
@pytest.mark.django_db
def test_several_processes_prepare_at_once(tmp_path):
    with new_database(SETTINGS["DATABASE_URL"]) as url:
        env = environment(DATA_DIR=str(tmp_path), DEBUG="true", DATABASE_URL=url)
        command = [sys.executable, "manage.py", "prepare"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        begun = [
            subprocess.Popen(command, cwd=ROOT, env=env, **pipes)  # type: ignore[call-overload]  # noqa: S603
            for _ in range(PROCESSES)
        ]
        ended = [process.communicate() for process in begun]
    assert [process.returncode for process in begun] == [0] * PROCESSES, ended
    said = sorted(output.splitlines()[-1] for output, _ in ended)
    # One has added the lines, and the others have found them.
    assert [line.startswith("Seed quotes: added 0") for line in said] == [True] * 3 + [False]
    assert not any("Traceback" in errors for _, errors in ended)


@pytest.mark.django_db(transaction=True)
def test_one_waits_for_the_other():
    order, is_held, said = [], threading.Event(), threading.Event()

    def second() -> None:
        with closing(connection):
            is_held.wait(20)
            with preparing.one_at_a_time(waiting=said.set):
                order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with preparing.one_at_a_time():
        is_held.set()
        assert said.wait(20)
        with preparing.one_at_a_time("rehearsal"):  # another lock
            order.append("first")
    other.join(20)
    assert order == ["first", "second"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_migration_does_not_wait_long_for_a_lock(settings, caplog):
    settings.MIGRATION_LOCK_TIMEOUT = 0.05
    is_locked, is_over = threading.Event(), threading.Event()

    def lock() -> None:
        with closing(connection), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
            is_locked.set()
            is_over.wait(20)

    other = threading.Thread(target=lock)
    other.start()
    assert is_locked.wait(20)
    try:
        with pytest.raises(CommandError, match="keeps a table locked, 2 times in a row"):
            preparing.migrate(attempts=2, pause=0)
    finally:
        is_over.set()
        other.join(20)
    said = [one.getMessage() for one in caplog.records if one.name == preparing.__name__]
    assert [one.partition(":")[0] for one in said] == ["a migration waits for a lock, attempt 1"]
    preparing.migrate(attempts=1)
    limits = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
    assert fetch_all(limits) == [("0", "0")]  # of what follows
