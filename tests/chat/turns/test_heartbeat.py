"""What a process stores of its answers periodically, and what it learns then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.live.registry import registry
from chat.live.streams import LOST_OWNERSHIP, STOP
from chat.models import Reply, Status
from chat.turns import heartbeat
from chat.turns.errors import TurnCrashed
from chat.turns.finish import fail_turn
from chat.turns.recover import LOST_AFTER
from tests.chat.asking import begin_turn, make_chat


@pytest.fixture
def live(alice):
    """An answer that this process writes, with its row."""
    reply = make_chat(alice, answer="", reply={"status": Status.STREAMING}).chat_reply
    opened = registry.open(reply.stream_id, reply_id=reply.pk)
    yield opened
    registry.close(reply.stream_id)


def test_beat_stores_how_far_it_is(live, django_assert_num_queries):
    Reply.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    live.append("so far")
    with django_assert_num_queries(1):
        heartbeat.beat(registry.all())
    reply = Reply.objects.get()
    assert reply.content == "so far"
    assert timezone.now() - reply.heartbeat_at < timedelta(minutes=1)
    assert live.cancelled == ""


def test_beat_does_not_write_the_same_text_again(live, django_capture_on_commit_callbacks):
    live.append("so far")
    heartbeat.beat([live])
    Reply.objects.update(content="as it was")
    heartbeat.beat([live])
    assert Reply.objects.get().content == "as it was"
    live.append(", and further")
    heartbeat.beat([live])
    assert Reply.objects.get().content == "so far, and further"


def test_one_statement_for_all(alice, django_assert_num_queries):
    replies = [make_chat(alice, reply={"status": Status.STREAMING}).chat_reply for _ in range(30)]
    lives = [registry.open(reply.stream_id, reply_id=reply.pk) for reply in replies]
    with django_assert_num_queries(1):
        heartbeat.beat(lives)
    for reply in replies:
        registry.close(reply.stream_id)


@pytest.mark.parametrize("jump", [30, -3600], ids=["asleep", "clock set back"])
def test_own_late_heartbeat_makes_no_other_stale(time_machine, jump):
    """After a pause of the whole machine every heartbeat is old, though no process has died."""
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    monitor = heartbeat.HeartbeatMonitor()
    time_machine.shift(LOST_AFTER + timedelta(seconds=1))
    monitor.begin()
    monitor.stored()
    assert monitor.is_steady()
    time_machine.shift(jump)
    monitor.stored()
    assert not monitor.is_steady()
    time_machine.shift(LOST_AFTER + timedelta(seconds=1))
    assert monitor.is_steady()


def test_beat_finds_a_stop(live):
    Reply.objects.update(stop_requested=True)
    heartbeat.beat([live])
    assert live.cancelled == STOP


@pytest.mark.parametrize("change", ["ended", "deleted"])
def test_beat_finds_that_the_row_is_gone(live, change):
    if change == "ended":
        Reply.objects.update(status=Status.INTERRUPTED)
    else:
        Reply.objects.all().delete()
    heartbeat.beat([live])
    assert live.cancelled == LOST_OWNERSHIP


def test_without_answers_no_statement(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        heartbeat.beat([])


def test_heartbeat_stores_what_is_there(alice):
    turn = begin_turn(alice)
    assert heartbeat.store([(turn.reply.pk, "so far")]) == {turn.reply.pk: ""}
    assert heartbeat.store([(turn.reply.pk, None)]) == {turn.reply.pk: ""}
    assert Reply.objects.get().content == "so far"
    fail_turn(turn.reply, failure=TurnCrashed(), content="so far")
    assert heartbeat.store([(turn.reply.pk, "more")]) == {}
    assert Reply.objects.get().content == "so far"
    registry.close(turn.reply.stream_id)
