"""Continuations that fail: the answer is then what it was before."""

import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from chat.live.registry import registry
from chat.live.streams import INTERRUPT, STOP
from chat.models import (
    MOST_CONTINUATIONS,
    Chat,
    Citation,
    Reply,
    Status,
)
from chat.turns import generate, recover
from tests.chat.asking import (
    EVENT_STREAM,
    ask,
    events_of,
    follow,
    text_of,
    used,
    wait_for_end,
)
from tests.chat.continuing import (
    ADDED,
    BEGUN,
    DIED,
    begin,
    cut_off,
    go_on,
    row_of,
)
from tests.ledger import assert_ledger_is_exact
from tests.upstream import IMPATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]


# Fault: (status, code, whether the attempt counts as the continuation)
FAILURES = {
    "500": (502, "upstream_failed", False),
    "die": (502, "upstream_disconnected", False),
    "garbage": (502, "upstream_malformed", False),
    "stall": (504, "upstream_timeout", False),
    "empty": (502, "upstream_empty", False),
    "blank": (502, "upstream_empty", True),
    "filter": (422, "upstream_content_filter", True),
    "filter-400": (422, "upstream_content_filter", True),
}


@pytest.mark.parametrize("fallback", [False, True])
@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("fault", FAILURES)
def test_after_a_failure_the_answer_is_what_it_was(
    as_alice, alice, settings, fault, units, fallback
):
    status, code, counts = FAILURES[fault]
    settings.UPSTREAM_CHUNK_TIMEOUT = IMPATIENCE
    settings.CONTINUATION_UNITS, settings.FALLBACK_TO_BOARD = units, fallback
    chat = cut_off(alice, f"[[then-say: {ADDED * 2}]] [[then-fault: {fault}]]")
    cited = Citation.objects.create(
        reply=chat.chat_reply, text="one", start=0, end=3, verdict="unknown"
    )
    before = row_of(chat)
    response = go_on(as_alice, chat)
    assert (response.status_code, response.json()["code"]) == (status, code)
    body = response.json()["chat"]
    assert body == as_alice.get(f"/chat/{chat.pk}").json()
    reply = body["chat_reply"]
    assert (reply["content"], reply["status"], reply["cut_off"]) == (BEGUN, "done", "length")
    assert reply["continuation"] == {
        "available": not counts,
        "units": units,
        "charged": bool(counts and units),
        "error_code": code,
    }
    assert [one["start"] for one in reply["citations"]] == [cited.start]
    kept = {"continued_from": len(BEGUN), "continuation_day": timezone.localdate()}
    after = row_of(chat)
    assert after == (
        {**before, **(kept if units else {"continued_from": len(BEGUN)})} if counts else before
    )
    assert used(alice) == 1 + (units if counts else 0)
    assert_ledger_is_exact()
    call_command("check_ledger", "--nothing-deleted")


def test_a_failure_in_a_stream_and_for_who_comes_later(as_alice, alice):
    chat = cut_off(alice, f"[[then-say: {ADDED * 2}]] {DIED}")
    events = events_of(go_on(as_alice, chat, Accept=EVENT_STREAM))
    assert text_of(events).startswith(BEGUN + ADDED[:3])
    assert events[-1].data["type"] == "ERROR"
    assert events[-1].data["problem"]["code"] == "upstream_disconnected"
    assert events[-1].data["chat"]["chat_reply"]["content"] == BEGUN
    stream_id = events[0].data["stream_id"]
    again = events_of(follow(as_alice, stream_id, events[-1].id))
    assert [event.data["type"] for event in again] == ["START", "CHUNK", "ERROR"]
    assert text_of(again) == BEGUN


def test_attempts_come_to_an_end(as_alice, alice, upstream):
    chat = cut_off(alice, DIED)
    codes = [go_on(as_alice, chat).status_code for _ in range(MOST_CONTINUATIONS + 1)]
    assert codes == [502] * MOST_CONTINUATIONS + [409]
    assert len(upstream.requests()) == MOST_CONTINUATIONS
    assert (
        as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]["continuation"]["available"] is False
    )


def test_after_a_failure_it_may_succeed(as_alice, alice):
    chat = cut_off(alice, DIED)
    assert go_on(as_alice, chat).status_code == 502
    Chat.objects.filter(pk=chat.pk).update(content=f"Count [[then-say: {ADDED}]]")
    reply = go_on(as_alice, chat).json()["chat_reply"]
    assert (reply["content"], reply["continuation"]["error_code"]) == (BEGUN + ADDED, "")


def test_a_failed_continuation_is_no_failure_of_the_question(as_alice, alice, upstream):
    """A retry of the question gets its answer, not what befell it later."""
    key = {"Idempotency-Key": "the-question"}
    question = f"[[say: {BEGUN * 2}]] [[chunks: 2]] [[fault: length]] {DIED}"
    first = ask(as_alice, question, headers=key)
    chat = Chat.objects.get(pk=first.json()["id"])
    assert go_on(as_alice, chat).status_code == 502
    assert ask(as_alice, question, headers=key).status_code == 201
    stream = ask(as_alice, question, headers={**key, "Accept": EVENT_STREAM})
    assert events_of(stream)[-1].data["type"] == "END"
    assert len(upstream.requests()) == 2


@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("asked_to_stop", [False, True])
def test_lost_with_its_process(as_alice, alice, settings, units, asked_to_stop):
    settings.CONTINUATION_UNITS = units
    chat = cut_off(alice)
    before = row_of(chat)
    turn = begin(alice, chat)
    registry.close(turn.reply.stream_id)
    assert used(alice) == 1 + units
    Reply.objects.update(
        content=f"{BEGUN}six",
        stop_requested=asked_to_stop,
        heartbeat_at=timezone.now() - timedelta(hours=1),
    )
    assert recover.reap(silent_for=recover.LOST_AFTER) == 1
    after = row_of(chat)
    assert after == {**before, "stop_requested": asked_to_stop}
    reply = as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]
    assert reply["continuation"]["error_code"] == "interrupted"
    last = events_of(follow(as_alice, turn.reply.stream_id))[-1].data
    assert (last["type"], last["problem"]["code"]) == ("ERROR", "interrupted")
    assert used(alice) == 1
    assert_ledger_is_exact()


def wait_for(condition):
    end = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("reason", [STOP, INTERRUPT])
def test_cancelled_amid_its_words(as_alice, alice, settings, reason, units):
    settings.CONTINUATION_UNITS = units
    chat = cut_off(alice, f"[[then-say: {ADDED * 9}]] [[then-chunks: 9]] [[then-slow: 0.3]]")
    go_on(as_alice, chat, Prefer="respond-async")
    live = registry.all()[0]
    wait_for(lambda: live.length > len(BEGUN))
    live.cancel(reason)
    stored = wait_for_end()
    if reason == STOP:
        assert stored.status == Status.STOPPED
        assert stored.content.startswith(BEGUN + ADDED[:3])
        assert used(alice) == 1 + units
        assert go_on(as_alice, chat).json()["code"] == "already_continued"
    else:
        assert (stored.status, stored.content) == (Status.DONE, BEGUN)
        assert used(alice) == 1
    assert_ledger_is_exact()


def test_a_crash(as_alice, alice, monkeypatch):
    chat = cut_off(alice)
    before = row_of(chat)
    monkeypatch.setattr(generate, "build_messages", None)
    response = go_on(as_alice, chat)
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert row_of(chat) == before
