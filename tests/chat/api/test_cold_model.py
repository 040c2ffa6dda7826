"""A server that loads the model before it answers: the first byte may take longer than the next
ones. Until it comes, each reader gets comments, so that no proxy closes the silent connection.
"""

import threading

import pytest

from chat.live import follow
from chat.live.readers import Reader
from chat.models import Reply, Status
from chat.turns import generate
from chat.upstream import close_default_upstream
from tests.chat.asking import begin_turn, make_chat, used
from tests.chat.upstream.conftest import said
from tests.chat.upstream.hostile import HostileServer, sized
from tests.ledger import assert_ledger_is_exact


@pytest.mark.django_db(transaction=True)
def test_a_cold_model_answers(alice, upstream, settings):
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT, settings.UPSTREAM_CHUNK_TIMEOUT = 20, 0.2
    is_loaded = threading.Event()

    def load(wire) -> None:
        assert is_loaded.wait(20)
        wire.send(sized(said("Warm")))

    with HostileServer(load).running() as settings.OPENAI_BASE_URL:
        turn = begin_turn(alice)
        generate.spawn(turn)
        reader = Reader(turn.live, keepalive=0.05)
        pieces = follow.pieces(turn.reply, reader, after=0, is_final=turn.is_final)
        # For longer than a pause between two pieces may take.
        assert [next(pieces) for _ in range(6)] == [""] * 6
        is_loaded.set()
        assert "".join(pieces) == "Warm"
        close_default_upstream()
    assert Reply.objects.get().status == Status.DONE
    assert used(alice) == 1
    assert_ledger_is_exact()


def test_a_reader_who_polls_the_row_gets_them_too(alice):
    """As without Redis, of an answer that another process writes."""
    reply = make_chat(alice, answer="", reply={"status": Status.STREAMING}).chat_reply
    pieces = follow.pieces(reply, Reader(keepalive=0.05), after=0, is_final=lambda: False)
    assert next(pieces) == ""
    Reply.objects.filter(pk=reply.pk).update(status=Status.DONE, content="Warm")
    assert "".join(pieces) == "Warm"
