"""A transaction holds locks on rows, for example one that was left open in psql. Questions that do
not need these rows do not wait, and every answer continues.
"""

import contextlib
import time
import urllib.error
from threading import Thread

import psycopg2
import pytest

from tests.faults.reader import Reader, Received
from tests.faults.stack import Stack, stack
from tests.live import call

pytestmark = pytest.mark.live

LONG = "[[chunks: 160]] [[slow: 0.05]]"  # eight seconds
NEWEST = "SELECT max(id) FROM chat_reply WHERE status = 'streaming'"
HEARTBEAT = "SELECT heartbeat_at FROM chat_reply WHERE id = {}"


def wait_for(daesa: Stack, sql: str, former: object = None) -> object:
    """The value, once it is there and another than `former`."""
    end = time.monotonic() + 20
    while (value := daesa.value(sql)) in (None, former):
        assert time.monotonic() < end, sql
        time.sleep(0.05)
    return value


def refusal(daesa: Stack, token: str) -> tuple[int, str | None]:
    try:
        headers = {"Authorization": f"Bearer {token}"}
        call(f"http://127.0.0.1:{daesa.port}/chat", {"content": "Hello"}, **headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Retry-After"]
    raise AssertionError("it was answered")


def test_locked_rows(services):
    """With two connections, both of which wait for the lock of a user."""
    database, redis = services
    with (
        stack(
            database_server=database,
            redis=redis.url,
            workers=1,
            DATABASE_POOL="2",
            DATABASE_LOCK_TIMEOUT="1",
        ) as daesa,
        contextlib.closing(psycopg2.connect(daesa.database)) as other,
        other.cursor() as cursor,
    ):
        received: list[Received] = []
        asking = []
        replies: list[object] = []
        for token in daesa.tokens[:2]:
            reader = Reader(daesa, token)
            asking.append(Thread(target=lambda own=reader: received.append(own.ask(LONG))))
            asking[-1].start()
            replies.append(wait_for(daesa, NEWEST, replies[-1] if replies else None))
        locked, free = replies
        before = daesa.value(HEARTBEAT.format(free))
        cursor.execute("SELECT 1 FROM chat_reply WHERE id = %s FOR UPDATE", [locked])
        cursor.execute("SELECT id FROM accounts_user ORDER BY id OFFSET 2 LIMIT 1 FOR UPDATE")
        refused: list[tuple[int, str | None]] = []
        waiting = [
            Thread(target=lambda: refused.append(refusal(daesa, daesa.tokens[2]))) for _ in range(4)
        ]
        for thread in waiting:
            thread.start()
        wait_for(daesa, HEARTBEAT.format(free), before)
        for thread in waiting:
            thread.join()
        other.rollback()
        for thread in asking:
            thread.join()
        assert refused == [(503, "5")] * 4
        assert [mine.outcome for mine in received] == ["done", "done"]
        daesa.assert_exact()
