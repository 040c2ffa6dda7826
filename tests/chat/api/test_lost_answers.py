"""Answers whose process died: what their readers are told, and what stopping them does."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from rest_framework.test import APIRequestFactory

from chat.api import sse
from chat.live.readers import Reader
from chat.live.registry import registry
from chat.models import Reply, Status
from chat.turns import finish, recover
from chat.turns.errors import TurnInterrupted
from chat.turns.stop import stop_turn
from tests.chat.asking import begin_turn, events_of, follow, used
from tests.concurrently import at_once
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

STORED = "So far 왔다"
LENGTH = len(STORED)
ENDED = {Status.DONE: "END", Status.STOPPED: "END", Status.INTERRUPTED: "ERROR"}


def ended(alice, status) -> Reply:
    turn = begin_turn(alice)
    if status == Status.INTERRUPTED:
        finish.fail_turn(turn.reply, failure=TurnInterrupted(), content=STORED)
    else:
        finish.finish_turn(turn, content=STORED, finish_reason="stop", status=status)
    registry.close(turn.reply.stream_id)
    return turn.reply


def lost(alice, *, seconds, **fields) -> Reply:
    """An answer whose process has sent no heartbeat for so long."""
    reply = begin_turn(alice).reply
    registry.close(reply.stream_id)
    heartbeat = timezone.now() - timedelta(seconds=seconds)
    Reply.objects.filter(pk=reply.pk).update(content=STORED, heartbeat_at=heartbeat, **fields)
    return reply


def kinds(events):
    return [(event.id, event.data["type"]) for event in events]


# --- Readers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ENDED)
def test_a_reader_that_lacks_something_gets_it(as_alice, alice, status):
    reply = ended(alice, status)
    [rest, last] = events_of(follow(as_alice, reply.stream_id, 3))
    assert (rest.id, rest.data["content"]) == (LENGTH, STORED[3:])
    assert kinds([last]) == [(LENGTH + 1, ENDED[status])]
    assert kinds(events_of(follow(as_alice, reply.stream_id, LENGTH))) == kinds([last])
    assert_ledger_is_exact()


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("ahead", [1, 2, 1000])
def test_a_reader_that_has_more_than_is_stored_begins_again(as_alice, alice, status, ahead):
    """204 is only for the end of a whole answer. Its id may also tell of one lost character."""
    response = follow(as_alice, ended(alice, status).stream_id, LENGTH + ahead)
    if status != Status.INTERRUPTED and ahead == 1:
        assert response.status_code == 204
        return
    events = events_of(response)
    assert kinds(events) == [(0, "START"), (LENGTH, "CHUNK"), (LENGTH + 1, ENDED[status])]
    assert events[1].data["content"] == STORED
    assert events[2].data["chat"]["chat_reply"]["content"] == STORED
    assert_ledger_is_exact()


def test_nothing_is_left(as_alice, alice):
    reply = ended(alice, Status.INTERRUPTED)
    Reply.objects.update(content="")
    events = events_of(follow(as_alice, reply.stream_id, 5))
    assert kinds(events) == [(0, "START"), (1, "ERROR")]


def test_a_reader_waits_for_the_end_of_a_lost_answer(alice):
    """It gets the headers and a comment at once, comments while it waits, and then the truth."""
    reply, request = lost(alice, seconds=1), APIRequestFactory().get("/")
    request.user = alice
    events = sse.events(request, reply, Reader(keepalive=0.1), after=LENGTH + 3, turn=None)
    assert [next(events), next(events)] == [sse.KEEPALIVE] * 2
    assert recover.reap(silent_for=timedelta()) == 1
    rest = [block for block in events if block != sse.KEEPALIVE]
    assert [block.partition(b"\n")[0] for block in rest] == [
        b"id: 0",
        b"id: %d" % LENGTH,
        b"id: %d" % (LENGTH + 1),
    ]
    assert b'"type":"ERROR"' in rest[-1]
    assert_ledger_is_exact()


# --- Stopping -----------------------------------------------------------------------------------


@pytest.mark.parametrize("requested", [False, True])
def test_stopping_a_lost_answer_ends_and_refunds_it(alice, requested):
    reply = lost(alice, seconds=60, stop_requested=requested)
    assert stop_turn(reply, at_most=0.1)
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.INTERRUPTED, STORED)
    assert used(alice) == 0
    assert_ledger_is_exact()


def test_what_has_not_ended_yet_is_told(client_for, alice):
    """The process may have died just now, or be busy. The reaper ends it, without a charge."""
    reply = lost(alice, seconds=1)
    path = f"/chat/stream/{reply.stream_id}"
    accepted = ["*/*", "text/event-stream", "application/json"]
    requests = [partial(client_for(alice).delete, path, headers={"Accept": it}) for it in accepted]
    here = f"http://testserver{path}"
    for response in at_once(*requests):
        assert (response.status_code, response["Content-Type"]) == (202, "application/json")
        assert response.json() == {
            "stream_id": str(reply.stream_id),
            "status": "stopping",
            "chat": reply.chat_id,
            "links": [
                {"rel": "stream", "href": here, "method": "GET"},
                {"rel": "stop", "href": here, "method": "DELETE"},
                {"rel": "chat", "href": f"http://testserver/chat/{reply.chat_id}", "method": "GET"},
            ],
        }
    reply.refresh_from_db()
    assert (reply.status, reply.stop_requested) == (Status.STREAMING, True)
    assert_ledger_is_exact()
    assert recover.reap(silent_for=timedelta()) == 1
    reply.refresh_from_db()
    assert (reply.status, used(alice)) == (Status.INTERRUPTED, 0)
    assert_ledger_is_exact()


def test_a_writer_of_this_process_that_does_not_end(alice):
    turn = begin_turn(alice)
    assert not stop_turn(turn.reply, at_most=0.1)
    registry.close(turn.reply.stream_id)  # its end could not be stored
    assert not stop_turn(turn.reply, at_most=0.1)
    assert_ledger_is_exact()


def test_a_question_is_asked_once_the_lost_answer_above_it_was_stopped(as_alice, alice, upstream):
    reply = lost(alice, seconds=60)
    body = {"content": "Go on", "parent": reply.chat_id}
    refused = as_alice.post("/chat", body)
    assert (refused.status_code, refused.json()["stream_id"]) == (409, str(reply.stream_id))
    assert stop_turn(reply, at_most=0.1)
    assert as_alice.post("/chat", body).status_code == 201
    assert [message["content"] for message in upstream.requests()[-1]["messages"][1:]] == [
        "Hello",
        STORED,
        "Go on",
    ]
    assert_ledger_is_exact()
