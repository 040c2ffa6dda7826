"""What is stored and charged for answers as other servers send them: `ODD_ANSWERS`."""

import threading

import pytest

from chat.live import follow
from chat.live.readers import Reader
from chat.models import Citation, Reply
from chat.turns import generate
from chat.upstream import close_default_upstream, default_upstream
from fakeopenai.completion import MODEL
from tests.chat.asking import ask, begin_turn, wait_for_end
from tests.chat.upstream.hostile import HostileServer, chunks, head
from tests.chat.upstream.odd_answers import END, ODD_ANSWERS, odd_server, text
from tests.factories import make_quote
from tests.ledger import assert_ledger_is_exact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

USAGE_TIMEOUT = 0.05  # shorter than the pauses of the server


@pytest.fixture(autouse=True)
def _patience(settings, upstream_options):
    """No limit is reached, and only the shortest of the timeouts matters."""
    settings.DAILY_CHAT_LIMIT = settings.DAILY_REFUND_LIMIT = settings.WRITES_PER_MINUTE = 1000
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT = settings.UPSTREAM_CHUNK_TIMEOUT = 10.0
    upstream_options(usage_timeout=USAGE_TIMEOUT, coalesce_seconds=0.0)


def stored(client, number: int) -> tuple[str, str, str, bool]:
    default_upstream().breaker_of(MODEL).succeeded()  # an open breaker would leave the server alone
    ask(client, f"for case {number}")
    reply = wait_for_end()
    assert_ledger_is_exact()
    return reply.status, reply.error_code, reply.content, reply.charged_day is not None


@pytest.mark.parametrize("kind", ODD_ANSWERS)
def test_what_is_stored(as_alice, settings, kind):
    cases = ODD_ANSWERS[kind]
    with odd_server(cases).running() as settings.OPENAI_BASE_URL:
        got = {name: stored(as_alice, number) for number, name in enumerate(cases)}
        close_default_upstream()
    assert got == {name: case.outcome for name, case in cases.items()}
    assert Reply.objects.count() == len(cases)


def test_reasoning_is_neither_judged_nor_sent_back(as_alice, bob, upstream):
    line = make_quote(bob, "So be it then, and let us go home.", is_apply=True).content
    first = ask(as_alice, f"[[say: <think>“{line}”</think>“{line}”]]").json()
    assert first["chat_reply"]["content"] == f"“{line}”"
    assert list(Citation.objects.values_list("start", flat=True)) == [1]
    ask(as_alice, "And then?", conversation=first["conversation"])
    sent = upstream.requests()[-1]["messages"]
    assert [it["content"] for it in sent if it["role"] == "assistant"] == [f"“{line}”"]


def test_a_reader_gets_keep_alives_while_the_model_thinks(alice, settings):
    may_answer = threading.Event()

    def script(wire):
        wire.send(head("Transfer-Encoding: chunked"), chunks(text("<think>Hm. "), end=b""))
        assert may_answer.wait(10)
        wire.send(chunks(text("Hm.</think>", "Hello") + END))

    with HostileServer(script).running() as settings.OPENAI_BASE_URL:
        turn = begin_turn(alice)
        generate.spawn(turn)
        reader = Reader(turn.live, keepalive=0.01)
        pieces = follow.pieces(turn.reply, reader, after=0, is_final=turn.is_final)
        assert next(pieces) == ""
        may_answer.set()
        assert "".join(pieces) == "Hello"
        close_default_upstream()
