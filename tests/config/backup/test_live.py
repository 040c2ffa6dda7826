"""A backup of a server that 30 people ask, restored into each database."""

import contextlib
import subprocess
import sys
import threading
import time
import urllib.error
from collections import defaultdict
from collections.abc import Callable, Iterable

import pytest
from django.db import connection

from chat.models import Chat, Reply, Status
from config.backup.restore import ledger_difference
from tests.config.backup.databases import empty_database, restored
from tests.environment import SETTINGS
from tests.faults.stack import stack
from tests.ledger import assert_ledger_is_exact
from tests.live import ROOT, call

PEOPLE = 30
ANSWERS = """SELECT user_id, chat_id, id, status, content FROM chat_reply ORDER BY id"""


def keep_asking(port: int, token: str, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(urllib.error.HTTPError):
            call(
                f"http://127.0.0.1:{port}/chat",
                {"content": "Hello"},
                Authorization=f"Bearer {token}",
            )


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def by_person(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found = defaultdict(list)
    for person, chat in pairs:
        found[person].append(chat)
    return found


@pytest.mark.live
@pytest.mark.django_db(transaction=True)
def test_a_backup_while_thirty_people_ask(tmp_path):
    path = tmp_path / "daesa.zip"
    url, redis = SETTINGS["DATABASE_URL"], SETTINGS["REDIS_URL"]
    with stack(
        database_server=url, redis=redis, workers=1, people=PEOPLE, DATABASE_POOL="5"
    ) as running:
        stop = threading.Event()
        people = [
            threading.Thread(target=keep_asking, args=(running.port, token, stop))
            for token in running.tokens
        ]
        for person in people:
            person.start()
        try:
            asked = "SELECT count(DISTINCT user_id) FROM chat_chat"
            wait_for(lambda: running.value(asked) == PEOPLE)
            command = [sys.executable, "manage.py", "backup", str(path)]
            subprocess.run(command, cwd=ROOT, env=running.env, check=True)  # noqa: S603
            count = len(running.rows(ANSWERS))
            wait_for(lambda: len(running.rows(ANSWERS)) > count)
        finally:
            stop.set()
            for person in people:
                person.join()
        running.wait_until_settled()
        final = running.rows(ANSWERS)
    for engine in ("sqlite", "postgresql") if connection.vendor == "postgresql" else ("sqlite",):
        with empty_database(engine, tmp_path):
            restored(path.read_bytes())
            check_history(final)


def check_history(final: list[tuple[int, int, int, str, str]]) -> None:
    """As it was at one moment: of each person the first questions, none without an answer, and all
    answers as they are, but for those that were being written.
    """
    everything = by_person((person, chat) for person, chat, *_ in final)
    chats = Chat.objects.order_by("pk")
    mine = by_person(chats.values_list("user_id", "pk"))
    assert len(mine) == PEOPLE
    assert all(everything[person][: len(found)] == found for person, found in mine.items())
    assert chats.count() < len(final)
    assert chats.filter(replies=None).count() == 0
    ended = {pk: (status, content) for *_, pk, status, content in final}
    for reply in Reply.objects.exclude(status=Status.INTERRUPTED):
        assert (reply.status, reply.content) == ended[reply.pk]
    assert ledger_difference() == ""
    assert_ledger_is_exact()
