"""Ending turns whose process died."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.live.registry import registry
from chat.models import Lease, Reply, Status
from chat.turns.recover import acquire_lease, reap
from tests.chat.asking import begin_turn, make_chat, used


@pytest.fixture(autouse=True)
def _nothing_stays_open():
    yield
    assert len(registry) == 0


def close(turn):
    registry.close(turn.reply.stream_id)


def test_reaper_ends_turns_without_heartbeat(alice):
    silent, alive = begin_turn(alice), begin_turn(alice)
    long_ago = timezone.now() - timedelta(minutes=10)
    Reply.objects.filter(pk=silent.reply.pk).update(heartbeat_at=long_ago, content="so far")
    assert reap(silent_for=timedelta(minutes=5)) == 1
    assert reap(silent_for=timedelta(minutes=5)) == 0
    for each in (silent, alive):
        close(each)
    silent.reply.refresh_from_db()
    alive.reply.refresh_from_db()
    assert (silent.reply.status, silent.reply.content, silent.reply.error_code) == (
        Status.INTERRUPTED,
        "so far",
        "interrupted",
    )
    assert alive.reply.status == Status.STREAMING
    assert used(alice) == 1


def test_interrupted_answer_says_so(as_alice, alice):
    chat = make_chat(alice, answer="so far", reply={"status": Status.STREAMING})
    Reply.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    reap(silent_for=timedelta(minutes=5))
    body = as_alice.get(f"/chat/{chat.pk}").json()
    assert body["chat_reply"]["status"] == "interrupted"


def test_one_process_at_a_time_has_the_lease(db):
    assert acquire_lease("reaper")
    assert not acquire_lease("reaper")
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert acquire_lease("reaper")
    assert not acquire_lease("reaper")
