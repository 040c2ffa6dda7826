"""Runs code under gevent. In a child process, because gevent's patches cannot be undone."""

import os
import subprocess
import sys

from django.db import connection

from tests.live import ROOT

BEGIN = """
from gevent import monkey
monkey.patch_all()
import faulthandler
faulthandler.dump_traceback_later(60, exit=True)
import django
django.setup()
from django.db import connections
connections.settings["default"]["NAME"] = {database!r}
"""
# How often another greenlet ran between two items, each of which takes 25 ms.
COUNTING = """
import time
import gevent

rounds = []

def others():
    while True:
        rounds.append(1)
        gevent.sleep(0)

def rounds_between(items):
    seen = []
    for _ in items:
        seen.append(len(rounds))
        end = time.monotonic() + 0.025
        while time.monotonic() < end:
            pass
    return [after - before for before, after in zip(seen, seen[1:])]

gevent.spawn(others)
gevent.sleep(0)
"""


def under_gevent(code: str) -> str:
    """What the code prints. It uses the test's database: only tests with `transaction=True` have
    rows there that another process sees.
    """
    begin = BEGIN.format(database=str(connection.settings_dict["NAME"]))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", begin + code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def lets_others_run(items: str) -> list[bool]:
    """Whether another greenlet ran between each two items of this expression."""
    imports, _, expression = items.rpartition("\n")
    printed = f"print(*[count > 0 for count in rounds_between({expression})])"
    words = under_gevent(f"{COUNTING}\n{imports}\n{printed}").split()
    return [word == "True" for word in words]
