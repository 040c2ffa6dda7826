"""A server that loads the model before it answers: the first byte may take longer than the next
ones, and meanwhile each reader gets comments.
"""

import threading

import pytest

from chat.live import follow, streams
from chat.live.readers import Reader
from chat.models import Reply, Status
from chat.upstream import close_default_upstream
from tests.chat.asking import EVENT_STREAM, make_chat, used
from tests.chat.upstream.conftest import said
from tests.chat.upstream.hostile import HostileServer, sized
from tests.ledger import assert_ledger_is_exact

COMMENT = b": keep-alive\n\n"


@pytest.fixture(autouse=True)
def _short_keepalive(monkeypatch):
    monkeypatch.setattr(streams, "KEEPALIVE_SECONDS", 0.05)


@pytest.mark.django_db(transaction=True)
def test_a_cold_model_answers(as_alice, alice, upstream, settings):
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT, settings.UPSTREAM_CHUNK_TIMEOUT = 20, 0.2
    is_loaded = threading.Event()

    def load(wire) -> None:
        assert is_loaded.wait(20)
        wire.send(sized(said("Warm")))

    with HostileServer(load).running() as settings.OPENAI_BASE_URL:
        response = as_alice.post("/chat", {"content": "Hello"}, headers={"Accept": EVENT_STREAM})
        events = iter(response.streaming_content)
        assert b'"type":"START"' in next(events)
        # Comments for longer than a pause between two pieces may take.
        assert {next(events) for _ in range(6)} == {COMMENT}
        is_loaded.set()
        rest = [event for event in events if event != COMMENT]
        close_default_upstream()
    assert b'"content":"Warm"' in rest[0]
    assert b'"type":"END"' in rest[-1]
    assert Reply.objects.get().status == Status.DONE
    assert used(alice) == 1
    assert_ledger_is_exact()


def test_a_reader_who_polls_the_row_gets_them_too(alice, monkeypatch):
    """As without Redis, of an answer that another process writes."""
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.01)
    reply = make_chat(alice, answer="", reply={"status": Status.STREAMING}).chat_reply
    pieces = follow.pieces(reply, Reader(None), after=0, is_final=lambda: False)
    assert next(pieces) == ""
    Reply.objects.filter(pk=reply.pk).update(status=Status.DONE, content="Warm")
    assert "".join(pieces) == "Warm"
