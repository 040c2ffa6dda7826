"""DELETE /chat/stream/{stream_id}"""

import time
from threading import Thread

import pytest
from django.db import connection

from chat.models import Reply, Status
from tests.chat.asking import EVENT_STREAM, ask, make_chat, used

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

SLOW = "[[say: one two three four five six seven eight nine ten]] [[slow: 0.2]]"


def test_stop_keeps_what_was_written_and_charges_it(as_alice, alice, upstream):
    very_slow = SLOW.replace("0.2", "3")
    response = as_alice.post("/chat", {"content": very_slow}, headers={"Accept": EVENT_STREAM})
    blocks = iter(response.streaming_content)
    seen = [next(blocks), next(blocks)]
    stream_id = Reply.objects.get().stream_id
    started = time.monotonic()
    assert as_alice.delete(f"/chat/stream/{stream_id}").status_code == 204
    assert time.monotonic() - started < 20, "the whole answer takes 27 s"
    seen += list(blocks)
    reply = Reply.objects.get()
    assert reply.status == Status.STOPPED
    assert reply.finish_reason == "stopped"
    assert 0 < len(reply.content) < len("one two three four five six seven eight nine ten")
    assert "one two three four five six seven eight nine ten".startswith(reply.content)
    assert b'"type":"END"' in seen[-1]
    assert used(alice) == 1


def test_stop_closes_the_upstream(as_alice, upstream):
    stream_id = as_alice.post("/chat/stream", {"content": SLOW}).json()["stream_id"]
    end = time.monotonic() + 30
    while upstream.stats()["open"] == 0 and time.monotonic() < end:
        time.sleep(0.02)
    assert as_alice.delete(f"/chat/stream/{stream_id}").status_code == 204
    end = time.monotonic() + 30
    while upstream.stats()["open"] and time.monotonic() < end:
        time.sleep(0.02)
    assert upstream.stats()["open"] == 0
    assert upstream.stats()["aborted"] == 1


def test_stopping_what_has_ended_does_nothing(as_alice, alice):
    reply = make_chat(alice, answer="Whole").chat_reply
    assert as_alice.delete(f"/chat/stream/{reply.stream_id}").status_code == 204
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.DONE, "Whole")


def test_whole_answer_that_is_stopped_from_elsewhere(as_alice, alice, client_for, upstream):
    """The waiting request gets the part that was kept."""
    got = []

    def go():
        got.append(ask(as_alice, SLOW))
        connection.close()

    thread = Thread(target=go)
    thread.start()
    end = time.monotonic() + 30
    while not upstream.requests() and time.monotonic() < end:
        time.sleep(0.02)
    stream_id = Reply.objects.get().stream_id
    assert client_for(alice).delete(f"/chat/stream/{stream_id}").status_code == 204
    thread.join(timeout=5)
    assert got[0].status_code == 201
    assert got[0].json()["chat_reply"]["status"] == "stopped"
    assert used(alice) == 1
