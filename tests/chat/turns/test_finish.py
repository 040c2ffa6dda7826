"""Ending a turn: one winner, one settlement, on the reserved day."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connection

from chat.answering.citations import Cited
from chat.live.registry import registry
from chat.models import Citation, DailyUsage, Reply, Status
from chat.turns import finish, generate, quota
from chat.turns.errors import TurnCrashed
from chat.turns.stop import stop_turn
from tests.chat.asking import ask, begin_turn, used
from tests.factories import make_quote

CRASH = TurnCrashed()


@pytest.fixture(autouse=True)
def _nothing_stays_open():
    yield
    assert len(registry) == 0


def close(turn):
    registry.close(turn.reply.stream_id)


def test_end_is_claimed_once(alice):
    turn = begin_turn(alice)
    assert finish.finish_turn(turn, content="x", finish_reason="stop", status=Status.DONE)
    assert not finish.fail_turn(turn.reply, failure=CRASH, content="")
    assert not finish.finish_turn(turn, content="y", finish_reason="stop", status=Status.STOPPED)
    close(turn)
    assert stop_turn(turn.reply)
    reply = Reply.objects.get()
    assert (reply.status, reply.content) == (Status.DONE, "x")
    assert used(alice) == 1


def test_failure_gives_back_once(alice):
    turn = begin_turn(alice)
    again = Reply.objects.get()
    assert finish.fail_turn(turn.reply, failure=CRASH, content="so far")
    assert not finish.fail_turn(again, failure=CRASH, content="")
    close(turn)
    reply = Reply.objects.get()
    assert (reply.status, reply.content, reply.error_code, reply.charged_day) == (
        Status.FAILED,
        "so far",
        "internal",
        None,
    )
    assert used(alice) == 0


@pytest.mark.django_db(transaction=True)
def test_ten_failures_at_once_give_back_once(alice):
    start_standing = quota.reserve(user=alice)
    turn = begin_turn(alice)
    barrier, wins = Barrier(10, timeout=20), []

    def go():
        reply = Reply.objects.select_related("chat").get(pk=turn.reply.pk)
        barrier.wait()
        wins.append(finish.fail_turn(reply, failure=CRASH, content=""))
        connection.close()

    threads = [Thread(target=go) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close(turn)
    assert sum(wins) == 1
    assert used(alice) == start_standing.used == 1


def test_day_reserved_is_the_day_given_back(alice):
    with time_machine.travel(datetime(2026, 3, 1, 14, 59, tzinfo=UTC)):
        turn = begin_turn(alice)
    with time_machine.travel(datetime(2026, 3, 1, 15, 1, tzinfo=UTC)):
        second = begin_turn(alice)
        finish.fail_turn(turn.reply, failure=CRASH, content="")
        finish.finish_turn(second, content="x", finish_reason="stop", status=Status.DONE)
    for each in (turn, second):
        close(each)
    assert {str(row.day): row.used for row in DailyUsage.objects.all()} == {
        "2026-03-01": 0,
        "2026-03-02": 1,
    }


@pytest.mark.django_db(transaction=True)
def test_quote_withdrawn_while_it_is_cited(alice, bob):
    """The citation is kept without its quote, and so is the answer."""
    quote = make_quote(bob, "The rest is silence.", is_apply=True)
    turn = begin_turn(alice)
    citation = Citation(reply=turn.reply, quote_id=quote.pk, text="The", start=0, end=3)
    turn.cited = Cited(quote.content, [citation])
    quote.delete()
    assert finish.finish_turn(turn, content="x", finish_reason="stop", status=Status.DONE)
    close(turn)
    assert Reply.objects.get().status == Status.DONE
    assert Citation.objects.get().quote is None


def test_crash_while_writing_is_a_500_that_costs_nothing(as_alice, alice, upstream, monkeypatch):
    def crash(**_fields):
        raise RuntimeError

    monkeypatch.setattr(generate, "build_messages", crash)
    as_alice.raise_request_exception = False
    response = ask(as_alice)
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert response.json()["chat"]["chat_reply"]["status"] == "failed"
    assert used(alice) == 0
