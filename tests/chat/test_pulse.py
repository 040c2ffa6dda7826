"""What a process does by the clock."""

import time
from datetime import timedelta
from threading import Thread

import pytest
from django.utils import timezone

from chat import pulse
from chat.models import Lease, Reply, Status
from chat.streams import DISOWN, INTERRUPT, STOP, registry
from tests.chat.asking import ask, make_chat, used


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
        pulse.beat(registry.all())
    reply = Reply.objects.get()
    assert reply.content == "so far"
    assert timezone.now() - reply.heartbeat_at < timedelta(minutes=1)
    assert live.cut == ""


def test_beat_does_not_write_the_same_text_again(live, django_capture_on_commit_callbacks):
    live.append("so far")
    pulse.beat([live])
    Reply.objects.update(content="as it was")
    pulse.beat([live])
    assert Reply.objects.get().content == "as it was"
    live.append(", and further")
    pulse.beat([live])
    assert Reply.objects.get().content == "so far, and further"


def test_one_statement_for_all(alice, django_assert_num_queries):
    replies = [make_chat(alice, reply={"status": Status.STREAMING}).chat_reply for _ in range(30)]
    lives = [registry.open(reply.stream_id, reply_id=reply.pk) for reply in replies]
    with django_assert_num_queries(1):
        pulse.beat(lives)
    for reply in replies:
        registry.close(reply.stream_id)


@pytest.mark.parametrize("jump", [30, -3600], ids=["asleep", "clock set back"])
def test_own_late_heartbeat_says_nothing_of_others(time_machine, jump):
    """After a pause of the whole machine every heartbeat is old, and nobody has gone silent."""
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    rhythm = pulse.Rhythm()
    time_machine.shift(pulse.LOST_AFTER + timedelta(seconds=1))
    rhythm.begin()
    rhythm.stored()
    assert rhythm.is_steady()
    time_machine.shift(jump)
    rhythm.stored()
    assert not rhythm.is_steady()
    time_machine.shift(pulse.LOST_AFTER + timedelta(seconds=1))
    assert rhythm.is_steady()


def test_beat_hears_of_a_stop(live):
    Reply.objects.update(stop_requested=True)
    pulse.beat([live])
    assert live.cut == STOP


@pytest.mark.parametrize("change", ["ended", "deleted"])
def test_beat_hears_that_the_row_is_gone(live, change):
    if change == "ended":
        Reply.objects.update(status=Status.INTERRUPTED)
    else:
        Reply.objects.all().delete()
    pulse.beat([live])
    assert live.cut == DISOWN


def test_nothing_to_say(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        pulse.beat([])


def test_lease_is_one_process_s_at_a_time(db):
    assert pulse._has_lease("reaper")
    assert not pulse._has_lease("reaper")
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert pulse._has_lease("reaper")
    assert not pulse._has_lease("reaper")


def test_drain_waits_for_the_end(live):
    Thread(target=lambda: (time.sleep(0.1), registry.close(live.stream_id))).start()
    started = time.monotonic()
    pulse.drain(seconds=5)
    assert time.monotonic() - started < 2
    assert live.cut == ""


@pytest.mark.django_db(transaction=True)
def test_drain_cuts_what_takes_too_long(as_alice, alice, upstream):
    as_alice.post("/chat/stream", {"content": "[[chunks: 1000]] [[slow: 0.05]]"})
    end = time.monotonic() + 5
    while not upstream.stats()["open"] and time.monotonic() < end:
        time.sleep(0.02)
    pulse.drain(seconds=0.3)
    reply = Reply.objects.get()
    assert (reply.status, reply.error_code) == (Status.INTERRUPTED, "interrupted")
    assert reply.content.startswith("1 2 ")
    assert used(alice) == 0


@pytest.mark.django_db(transaction=True)
def test_interrupted_answer_that_is_waited_for(as_alice, alice, upstream):
    """A caller that waits for the whole answer hears of it, and that it cost nothing."""
    got = []
    thread = Thread(target=lambda: got.append(ask(as_alice, "[[chunks: 1000]] [[slow: 0.05]]")))
    thread.start()
    end = time.monotonic() + 5
    while not upstream.stats()["open"] and time.monotonic() < end:
        time.sleep(0.02)
    for live in registry.all():
        live.cut_short(INTERRUPT)
    thread.join(5)
    assert got[0].status_code == 503
    assert got[0].json()["code"] == "interrupted"
    assert used(alice) == 0
