"""Changing the tables: one process at a time, and without keeping others waiting for long."""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from config.db.errors import first_line
from config.db.sql import execute, fetch_one, is_postgresql

logger = logging.getLogger(__name__)

# Of `pg_advisory_lock`; any numbers that no other program on this database uses.
_KEYS = {"prepare": 0x6461657361, "rehearsal": 0x6461657362}
_POLL_SECONDS = 0.2
ATTEMPTS = 10  # to migrate while others keep locks
PAUSE_SECONDS = 2.0  # between two attempts, in which the statements that waited behind ours run
_LOCK_NOT_AVAILABLE, _TOOK_TOO_LONG = "55P03", "57014"  # SQLSTATE


@contextmanager
def one_at_a_time(
    what: str = "prepare", waiting: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Within the block, no other process is in such a block for the same database. Calls `waiting`
    once if it has to wait. The lock ends with the process, however that ends. `what`: `prepare` or
    `rehearsal`.
    """
    lock = _advisory_lock if is_postgresql() else _file_lock
    with lock(what, waiting):
        yield


@contextmanager
def _advisory_lock(what: str, waiting: Callable[[], object]) -> Iterator[None]:
    """On a connection of its own, outside of any transaction. It polls: `pg_advisory_lock` would be
    a statement that runs while it waits, and a CREATE INDEX CONCURRENTLY of the process that has
    the lock waits for the end of all running statements.
    """
    import psycopg2  # noqa: PLC0415 - only where PostgreSQL is

    params: dict[str, Any] = connection.get_connection_params()
    own = psycopg2.connect(**params)
    own.autocommit = True
    try:
        with own.cursor() as cursor:

            def is_locked() -> bool:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [_KEYS[what]])
                [(locked,)] = cursor.fetchall()
                return bool(locked)

            _wait_until(is_locked, waiting)
            yield
    finally:
        own.close()


@contextmanager
def _file_lock(what: str, waiting: Callable[[], object]) -> Iterator[None]:
    name = str(connection.settings_dict["NAME"])
    if name.startswith((":memory:", "file:")):
        yield
        return
    file = os.open(f"{name}-{what}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def is_locked() -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    try:
        _wait_until(is_locked, waiting)
        yield
    finally:
        os.close(file)


def _wait_until(is_locked: Callable[[], bool], waiting: Callable[[], object]) -> None:
    if is_locked():
        return
    waiting()
    while not is_locked():
        time.sleep(_POLL_SECONDS)


def migrate(*, verbosity: int = 0, attempts: int = ATTEMPTS, pause: float = PAUSE_SECONDS) -> None:
    """Applies all migrations. On PostgreSQL, a statement waits for a lock at most
    `MIGRATION_LOCK_TIMEOUT` seconds, so that the statements that queue behind it wait no longer
    than that; what was not applied is tried again. Raises `CommandError`.
    """
    if not is_postgresql():
        _migrate(verbosity)
        return
    for attempt in range(1, attempts + 1):
        try:
            with _time_limits():
                _migrate(verbosity)
        except OperationalError as error:
            why = _reason_to_wait(error)
            if attempt == attempts:
                raise CommandError(
                    f"Another transaction keeps a table locked, {attempts} times in a row: {why}. "
                    "End it (pg_stat_activity shows it), and try again"
                ) from error
            logger.warning("a migration waits for a lock, attempt %d: %s", attempt, why)
            time.sleep(pause)
        else:
            return


def _migrate(verbosity: int) -> None:
    call_command("migrate", verbosity=verbosity, interactive=False)


def _reason_to_wait(error: OperationalError) -> str:
    """What the error says, where another transaction has a lock. Raises all other errors."""
    why, state = first_line(error), getattr(error.__cause__, "pgcode", "")
    if state == _TOOK_TOO_LONG:
        raise CommandError(f"{why}. See MIGRATION_STATEMENT_TIMEOUT") from error
    if state != _LOCK_NOT_AVAILABLE:
        raise error
    return why


@contextmanager
def _time_limits() -> Iterator[None]:
    """For the session: migrations use several transactions."""
    limits = {
        "lock_timeout": settings.MIGRATION_LOCK_TIMEOUT,
        "statement_timeout": settings.MIGRATION_STATEMENT_TIMEOUT,
    }
    before = {name: fetch_one("SELECT current_setting(%s)", [name]) for name in limits}
    for name, seconds in limits.items():
        if seconds:
            execute("SELECT set_config(%s, %s, false)", [name, str(round(seconds * 1000))])
    try:
        yield
    finally:
        with suppress(OperationalError):
            for name, former in before.items():
                execute("SELECT set_config(%s, %s, false)", [name, former[0] if former else "0"])
