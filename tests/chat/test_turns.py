"""Ends of turns that no request sees: one winner, one settlement, on the reserved day."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone

from chat import generation, quota, turns
from chat.models import Chat, DailyUsage, Reply, Status
from chat.problems import TurnCrashed
from chat.streams import registry
from tests.chat.asking import ask, make_chat, used
from tests.factories import make_quote

CRASH = TurnCrashed()
WISH = turns.Wish(model="fake", temperature=1, max_tokens=10)


def start(user, content="Hello"):
    return turns.start_turn(user=user, question=turns.Question(content=content, wish=WISH))


@pytest.fixture(autouse=True)
def _nothing_stays_open():
    yield
    assert len(registry) == 0


def close(turn):
    registry.close(turn.reply.stream_id)


def test_start_stores_and_takes(alice):
    turn = start(alice)
    reply = Reply.objects.get()
    assert (reply.status, reply.content, reply.chat) == (Status.STREAMING, "", turn.chat)
    assert Chat.objects.get().chat_reply == reply
    assert reply.charged_day == timezone.localdate()
    assert used(alice) == 1
    close(turn)


def test_end_is_claimed_once(alice):
    turn = start(alice)
    assert turns.finish_turn(turn, content="x", finish_reason="stop", status=Status.DONE)
    assert not turns.fail_turn(turn.reply, failure=CRASH, content="")
    assert not turns.finish_turn(turn, content="y", finish_reason="stop", status=Status.STOPPED)
    close(turn)
    turns.stop_turn(turn.reply)
    reply = Reply.objects.get()
    assert (reply.status, reply.content) == (Status.DONE, "x")
    assert used(alice) == 1


def test_failure_gives_back_once(alice):
    turn = start(alice)
    again = Reply.objects.get()
    assert turns.fail_turn(turn.reply, failure=CRASH, content="so far")
    assert not turns.fail_turn(again, failure=CRASH, content="")
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
    turn = start(alice)
    barrier, wins = Barrier(10, timeout=20), []

    def go():
        reply = Reply.objects.select_related("chat").get(pk=turn.reply.pk)
        barrier.wait()
        wins.append(turns.fail_turn(reply, failure=CRASH, content=""))
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
        turn = start(alice)
    with time_machine.travel(datetime(2026, 3, 1, 15, 1, tzinfo=UTC)):
        second = start(alice)
        turns.fail_turn(turn.reply, failure=CRASH, content="")
        turns.finish_turn(second, content="x", finish_reason="stop", status=Status.DONE)
    for each in (turn, second):
        close(each)
    assert {str(row.day): row.used for row in DailyUsage.objects.all()} == {
        "2026-03-01": 0,
        "2026-03-02": 1,
    }


def test_nothing_is_stored_when_nothing_is_left(alice, settings):
    settings.DAILY_CHAT_LIMIT = 0
    with pytest.raises(turns.QuotaExhausted):
        start(alice)
    assert not Chat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_unit_is_not_taken_when_the_question_cannot_be_stored(alice, monkeypatch):
    def broken(*args):
        raise DatabaseError

    monkeypatch.setattr(quota, "taking", broken)
    with pytest.raises(DatabaseError):
        start(alice)
    assert used(alice) == 0
    assert not Chat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_quote_withdrawn_while_it_is_cited(as_alice, alice, bob, upstream, monkeypatch):
    """The citation stays without its quote, and the answer is kept."""
    quote = make_quote(bob, "The rest is silence.", is_apply=True)
    finish = turns.finish_turn

    def withdraw_first(turn, **fields):
        monkeypatch.undo()
        quote.delete()
        return finish(turn, **fields)

    monkeypatch.setattr(turns, "finish_turn", withdraw_first)
    body = ask(as_alice, "silence? [[say: The rest is silence.]]").json()
    assert body["chat_reply"]["status"] == "done"


def test_crash_while_writing_is_a_500_that_costs_nothing(as_alice, alice, upstream, monkeypatch):
    def crash(**_fields):
        raise RuntimeError

    monkeypatch.setattr(generation, "build_messages", crash)
    as_alice.raise_request_exception = False
    response = ask(as_alice)
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert response.json()["chat"]["chat_reply"]["status"] == "failed"
    assert used(alice) == 0


def test_reaper_ends_what_has_gone_silent(alice):
    silent, alive = start(alice), start(alice)
    long_ago = timezone.now() - timedelta(minutes=10)
    Reply.objects.filter(pk=silent.reply.pk).update(heartbeat_at=long_ago, content="so far")
    assert turns.reap(silent_for=timedelta(minutes=5)) == 1
    assert turns.reap(silent_for=timedelta(minutes=5)) == 0
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
    turns.reap(silent_for=timedelta(minutes=5))
    body = as_alice.get(f"/chat/{chat.pk}").json()
    assert body["chat_reply"]["status"] == "interrupted"


def test_heartbeat_stores_what_is_there(alice):
    turn = start(alice)
    assert turns.beat([(turn.reply.pk, "so far")]) == {turn.reply.pk: False}
    assert turns.beat([(turn.reply.pk, None)]) == {turn.reply.pk: False}
    assert Reply.objects.get().content == "so far"
    turns.fail_turn(turn.reply, failure=CRASH, content="so far")
    assert turns.beat([(turn.reply.pk, "more")]) == {}
    assert Reply.objects.get().content == "so far"
    close(turn)
