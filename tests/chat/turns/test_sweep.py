"""When a sweep ends turns: not while living processes may have had no chance to store heartbeats,
and even where no process lives for long.
"""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from chat.models import Lease, Reply, Status
from chat.turns import carryover, recover
from tests.chat.asking import make_chat

TERM = timedelta(seconds=recover.LEASE_SECONDS + 1)


@pytest.fixture
def now(time_machine):
    """Stands still, but for shifts."""
    time_machine.move_to(timezone.now(), tick=False)
    return time_machine


def reply_of(user, *, silent_for: float = 0) -> Reply:
    reply = make_chat(user, "A question", "So far", reply={"status": Status.STREAMING}).chat_reply
    Reply.objects.filter(pk=reply.pk).update(
        heartbeat_at=timezone.now() - timedelta(seconds=silent_for)
    )
    return reply


def sweep(*, is_steady: bool = False, wait=lambda _seconds: None) -> None:
    recover.sweep(is_steady=lambda: is_steady, wait=wait)


def is_ended(reply: Reply) -> bool:
    reply.refresh_from_db()
    return reply.status != Status.STREAMING


def test_a_steady_process_ends_them_at_once(alice, now):
    lost, living = reply_of(alice, silent_for=26), reply_of(alice, silent_for=24)
    sweep(is_steady=True)
    assert (is_ended(lost), is_ended(living)) == (True, False)


def test_processes_that_live_for_one_sweep_each_end_them_together(alice, now):
    lost = reply_of(alice)
    ended_after = []
    for number in range(5):
        now.shift(TERM)
        sweep()
        if is_ended(lost):
            ended_after.append(number)
    assert ended_after == [3, 4]


def test_a_new_process_alone_knows_nothing_yet(alice, now):
    lost = reply_of(alice, silent_for=3600)
    for _ in range(3):
        sweep()
        now.shift(TERM)
    assert not is_ended(lost)


@pytest.mark.parametrize("pause", [timedelta(hours=8), timedelta(hours=-1)])
def test_a_living_process_has_time_after_a_pause_of_all(alice, now, pause):
    """The machine slept or its clock was set; the writer stores a heartbeat 15 s after it."""
    for _ in range(4):
        sweep()
        now.shift(TERM)
    living = reply_of(alice, silent_for=1)
    now.shift(pause)
    Lease.objects.filter(name="reaper").update(until=timezone.now())
    sweep()
    now.shift(TERM)
    sweep()
    assert not is_ended(living)
    now.shift(timedelta(seconds=4))
    Reply.objects.filter(pk=living.pk).update(heartbeat_at=timezone.now())
    for _ in range(2):
        now.shift(timedelta(seconds=8))
        sweep()
        assert not is_ended(living)


def test_a_heartbeat_between_the_two_looks_saves_a_turn(alice, now):
    """Such as of a writer whose row was locked until now."""
    lost, living = reply_of(alice, silent_for=60), reply_of(alice, silent_for=60)
    row = Reply.objects.filter(pk=living.pk)
    sweep(is_steady=True, wait=lambda _seconds: row.update(heartbeat_at=timezone.now()))
    assert (is_ended(lost), is_ended(living)) == (True, False)


def test_a_task_that_fails_stops_no_other(alice, now, monkeypatch, caplog):
    def away():
        raise OperationalError

    lost = reply_of(alice, silent_for=60)
    monkeypatch.setattr(carryover, "forget_former_usage", away)
    sweep(is_steady=True)
    assert is_ended(lost)
    assert "a task of the sweep failed: OperationalError" in caplog.messages
