"""Neither heartbeats nor the reaper wait for rows that another transaction has locked."""

from contextlib import contextmanager
from datetime import timedelta

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone

from chat.live.registry import registry
from chat.models import Reply, Status
from chat.turns import heartbeat, recover
from tests.chat.asking import make_chat

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _waits_end():
    """A statement that waits fails here, instead of waiting for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


@contextmanager
def locked(table: str, pk: int):
    other = psycopg2.connect(**connection.get_connection_params())
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [pk])  # noqa: S608
            yield
        other.rollback()  # the server sees a connection that is closed some time later
    finally:
        other.close()


@pytest.fixture
def lives(alice):
    long_ago = timezone.now() - timedelta(hours=1)
    opened = []
    for _ in range(2):
        reply = make_chat(alice, answer="", reply={"status": Status.STREAMING}).chat_reply
        opened.append(registry.open(reply.stream_id, reply_id=reply.pk))
    Reply.objects.update(heartbeat_at=long_ago)
    yield opened
    for live in opened:
        registry.close(live.stream_id)


def stored() -> list[tuple[str, bool]]:
    """The text of each reply, and whether it has a new heartbeat."""
    since = timezone.now() - timedelta(minutes=1)
    return [(reply.content, reply.heartbeat_at > since) for reply in Reply.objects.order_by("pk")]


def test_a_heartbeat_passes_over_a_locked_row(lives, caplog):
    for live in lives:
        live.append("so far")
    with locked("chat_reply", lives[0].reply_id):
        heartbeat.beat(lives)
    assert stored() == [("", False), ("so far", True)]
    assert [live.cancelled for live in lives] == ["", ""]
    assert "heartbeats of 1 answers not stored: their rows are locked" in caplog.messages
    heartbeat.beat(lives)
    assert stored() == [("so far", True), ("so far", True)]


def test_the_lock_of_a_user_delays_no_heartbeat(lives, alice):
    with locked("accounts_user", alice.pk):
        heartbeat.beat(lives)
    assert [is_new for _, is_new in stored()] == [True, True]


def test_the_reaper_leaves_a_locked_row_for_the_next_time(lives):
    with locked("chat_reply", lives[0].reply_id):
        assert recover.reap(silent_for=recover.LOST_AFTER) == 1
    assert recover.reap(silent_for=recover.LOST_AFTER) == 1


def test_a_turn_that_cannot_be_ended_stops_no_other(lives, alice, caplog):
    """Here the unit of one cannot be given back, since its row of the ledger is locked."""
    day = timezone.localdate()
    usage = alice.daily_usage.create(day=day, used=1)
    Reply.objects.filter(pk=lives[0].reply_id).update(charged_day=day)
    with locked("chat_dailyusage", usage.pk):
        assert recover.reap(silent_for=recover.LOST_AFTER) == 1
    assert f"reply {lives[0].reply_id} not ended: OperationalError" in caplog.messages
    assert recover.reap(silent_for=recover.LOST_AFTER) == 1
