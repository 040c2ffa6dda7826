"""Migrated databases with people who have signed in. Making one takes seconds, so a process makes
one per database server; each stack gets a copy.
"""

import atexit
import contextlib
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg2

from tests.live import ROOT, environment

PEOPLE = 8
_SEED = """
from datetime import timedelta
from accounts.models import User
from accounts.tokens import Refresh
for number in range({people}):
    user = User(email=f"person{{number}}@example.com", password="!", daily_limit=10**6)
    user.save()
    token = Refresh.for_user(user).access_token
    token.set_exp(lifetime=timedelta(hours=12))
    print("TOKEN", token)
"""


@dataclass(frozen=True)
class Prepared:
    """`template`: the database's name on PostgreSQL, a folder with its file for SQLite."""

    tokens: list[str]
    template: str


@contextlib.contextmanager
def prepared_database(
    server: str, directory: Path, people: int = PEOPLE
) -> Iterator[tuple[str, list[str]]]:
    """The URL of a database on the server and its people's access tokens. With "" for the server:
    SQLite in the directory, and "" for the URL.
    """
    made = _prepared(server, people)
    if not server:
        shutil.copytree(made.template, directory, dirs_exist_ok=True)
        yield "", made.tokens
        return
    with new_database(server, made.template) as url:
        yield url, made.tokens


@contextlib.contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new database on the server, dropped at the end; "" is for SQLite."""
    if not server:
        yield ""
        return
    name = f"daesa_faults_{secrets.token_hex(4)}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        # A test's own server has ended before this process, with all its databases.
        with contextlib.suppress(psycopg2.OperationalError):
            _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _prepared(server: str, people: int) -> Prepared:
    kept = contextlib.ExitStack()  # until the process ends
    atexit.register(kept.close)
    directory = kept.enter_context(tempfile.TemporaryDirectory(prefix="daesa-prepared-"))
    url = kept.enter_context(new_database(server))
    env = environment(DATA_DIR=directory, DATABASE_URL=url)
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=env, check=True)  # noqa: S603
    seed = subprocess.run(  # noqa: S603
        [*manage, "shell", "-v0", "-c", _SEED.format(people=people)],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    tokens = [row.split()[1] for row in seed.splitlines() if row.startswith("TOKEN ")]
    return Prepared(tokens, url.rpartition("/")[2] or directory)


def _execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
