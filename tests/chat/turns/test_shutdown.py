"""A process that shuts down lets its answers end, and interrupts those that take too long."""

import time
from threading import Thread

import pytest

from chat.live.registry import registry
from chat.live.streams import INTERRUPT
from chat.models import Reply, Status
from chat.turns import shutdown
from tests.chat.asking import ask, make_chat, used


@pytest.fixture
def live(alice):
    """An answer that this process writes, with its row."""
    reply = make_chat(alice, answer="", reply={"status": Status.STREAMING}).chat_reply
    opened = registry.open(reply.stream_id, reply_id=reply.pk)
    yield opened
    registry.close(reply.stream_id)


def test_drain_waits_for_the_end(live):
    Thread(target=lambda: (time.sleep(0.1), registry.close(live.stream_id))).start()  # type: ignore[func-returns-value]
    started = time.monotonic()
    shutdown.drain(seconds=60)
    assert time.monotonic() - started < 30
    assert live.cancelled == ""


@pytest.mark.django_db(transaction=True)
def test_drain_cuts_what_takes_too_long(as_alice, alice, upstream):
    as_alice.post("/chat/stream", {"content": "[[chunks: 1000]] [[slow: 0.05]]"})
    end = time.monotonic() + 30
    while not upstream.stats()["open"] and time.monotonic() < end:
        time.sleep(0.02)
    shutdown.drain(seconds=0.3)
    reply = Reply.objects.get()
    assert (reply.status, reply.error_code) == (Status.INTERRUPTED, "interrupted")
    assert reply.content.startswith("1 2 ")
    assert used(alice) == 0


@pytest.mark.django_db(transaction=True)
def test_interrupted_answer_that_is_waited_for(as_alice, alice, upstream):
    """A request that waits for the whole answer reports it, and costs nothing."""
    got = []
    thread = Thread(target=lambda: got.append(ask(as_alice, "[[chunks: 1000]] [[slow: 0.05]]")))
    thread.start()
    end = time.monotonic() + 30
    while not upstream.stats()["open"] and time.monotonic() < end:
        time.sleep(0.02)
    for live in registry.all():
        live.cancel(INTERRUPT)
    thread.join(5)
    assert got[0].status_code == 503
    assert got[0].json()["code"] == "interrupted"
    assert used(alice) == 0
