"""Connections to SQLite are kept for the next request, without anything of the last one."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.db.utils import ConnectionHandler

from config import environment
from config.db.sqlite import base


@contextmanager
def directly(path: Path) -> Iterator[sqlite3.Connection]:
    """As another program has it open."""
    with closing(sqlite3.connect(path)) as theirs:
        yield theirs
        theirs.commit()


@pytest.fixture
def path(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    path = tmp_path / "lines.sqlite3"
    with directly(path) as ours:
        ours.execute("PRAGMA journal_mode=WAL")
        ours.execute("CREATE TABLE lines (id INTEGER PRIMARY KEY, next REFERENCES lines)")
        ours.executemany("INSERT INTO lines (id) VALUES (?)", [(n,) for n in range(1000)])
    with django_db_blocker.unblock():
        yield path
    for _, connection in base._kept[:]:
        connection.close()
    base._kept.clear()


def wrapper(path: Path) -> Any:
    """One such as each thread has."""
    options = environment.database(f"sqlite:///{path}", data_dir=path.parent, pool=1, limits="")
    return ConnectionHandler({"default": options})["default"]


def opened(path: Path) -> Any:
    one = wrapper(path)
    one.ensure_connection()
    return one


def count(one: Any) -> int:
    with one.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM lines").fetchone()[0])


def kept(path: Path) -> list[Any]:
    file = (str(path), path.stat().st_dev, path.stat().st_ino)
    return [connection for opened, connection in base._kept if opened == file]


def delete_all(path: Path) -> None:
    with directly(path) as theirs:
        theirs.execute("DELETE FROM lines")


def test_the_next_one_gets_the_same_connection(path):
    first = opened(path)
    connection = first.connection
    first.close()
    assert first.connection is None
    assert opened(path).connection is connection
    assert opened(path).connection is not connection


def test_the_oldest_is_closed_where_there_are_too_many(path):
    some = [opened(path) for _ in range(base.MOST_KEPT + 2)]
    connections = [one.connection for one in some]
    for one in some:
        one.close()
    assert kept(path) == connections[2:]
    for connection in connections[:2]:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_a_cursor_that_was_not_read_to_its_end_does_not_hold_the_past(path):
    first = opened(path)
    cursor = first.cursor()
    cursor.execute("SELECT id FROM lines")
    cursor.fetchone()
    first.close()
    with pytest.raises(sqlite3.ProgrammingError):
        cursor.cursor.fetchone()
    delete_all(path)
    assert count(opened(path)) == 0
    with directly(path) as theirs:
        [busy, *_] = theirs.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0


def test_one_inside_a_transaction_is_closed(path):
    first = opened(path)
    first.connection.execute("BEGIN IMMEDIATE")
    first.connection.execute("DELETE FROM lines")
    first.close()
    assert kept(path) == []
    assert count(opened(path)) == 1000


def test_another_file_of_the_same_name_gets_a_connection_of_its_own(path):
    opened(path).close()
    assert len(kept(path)) == 1
    other = path.with_name("other.sqlite3")
    with directly(other) as theirs:
        theirs.execute("CREATE TABLE lines (id INTEGER PRIMARY KEY)")
    for file in path.parent.glob("lines.sqlite3*"):
        file.unlink()
    other.replace(path)
    assert count(opened(path)) == 0
    assert kept(path) == []


def test_a_file_that_was_renamed_gets_a_connection_of_its_own(path):
    """The log of writes of the kept one has the former name."""
    first = opened(path)
    connection = first.connection
    first.close()
    renamed = path.rename(path.with_name("renamed.sqlite3"))
    assert opened(renamed).connection is not connection


def test_all_can_be_closed_before_the_file_is_moved(path):
    for one in [opened(path), opened(path)]:
        with one.cursor() as cursor:
            cursor.execute("INSERT INTO lines (next) VALUES (1)")
        one.close()
    log = path.with_name(f"{path.name}-wal")
    assert log.exists()
    base.close_kept(path)
    assert not log.exists()


def test_a_file_that_was_deleted_is_not_read_any_more(path):
    opened(path).close()
    for file in path.parent.glob("lines.sqlite3*"):
        file.unlink()
    with pytest.raises(OperationalError, match="no such table"):
        count(opened(path))


def test_after_an_error_none_is_kept(path):
    idle, failing = opened(path), opened(path)
    idle.close()
    with pytest.raises(OperationalError), failing.cursor() as cursor:
        cursor.execute("SELECT * FROM nothing")
    failing.close()
    assert kept(path) == []


def test_a_cursor_of_a_connection_that_has_failed_is_left_alone(path):
    one = opened(path)
    cursor = one.cursor()
    with pytest.raises(OperationalError):
        cursor.execute("SELECT * FROM nothing")
    one.close()
    assert count(one) == 1000
    one.close()
    assert len(kept(path)) == 1
    with pytest.raises(sqlite3.ProgrammingError):
        cursor.cursor.fetchone()


def test_refused_rows_are_no_such_error(path):
    first = opened(path)
    with pytest.raises(IntegrityError), first.cursor() as cursor:
        cursor.execute("INSERT INTO lines (id, next) VALUES (5000, 6000)")
    connection = first.connection
    first.close()
    assert kept(path) == [connection]
    second = opened(path)
    with pytest.raises(IntegrityError), second.cursor() as cursor:
        cursor.execute("INSERT INTO lines (id, next) VALUES (5000, 6000)")


def test_a_fork_leaves_them_to_its_parent(path):
    opened(path).close()
    child = os.fork()
    if child == 0:
        os._exit(len(kept(path)))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert len(kept(path)) == 1
