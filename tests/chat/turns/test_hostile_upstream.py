"""Two people ask at once, of an upstream that frames its answers wrongly: each has their own answer
in their own history or a refusal, and the ledger stays exact.
"""

import threading

import pytest
from django.db import connection

from chat.models import Chat, Reply, Status
from chat.upstream import close_default_upstream, default_upstream
from tests.chat.asking import ask, ask_streaming, text_of
from tests.chat.upstream.hostile import CASES, HostileServer
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 2


@pytest.fixture(params=CASES, ids=list(CASES))
def server(request, upstream, settings, pool_clock):
    case = CASES[request.param]
    settings.DAILY_CHAT_LIMIT, settings.UPSTREAM_FIRST_BYTE_TIMEOUT = 100, case.patience
    hostile = HostileServer(case.script)
    with hostile.running() as settings.OPENAI_BASE_URL:
        yield hostile
        close_default_upstream()


def at_once(*work) -> None:
    barrier = threading.Barrier(len(work))

    def one(todo) -> None:
        barrier.wait()
        try:
            todo()
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(todo,)) for todo in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_no_byte_crosses(server, pool_clock, as_alice, as_bob):
    got = []
    for number in range(ROUNDS):
        # An open breaker would leave the server alone.
        default_upstream().breaker_of("fake").succeeded()
        streamed = f"for alice {number}"
        at_once(
            lambda: got.append(("alice", text_of(ask_streaming(as_alice, streamed)))),  # noqa: B023
            lambda: got.append(("bob", ask(as_bob, f"for bob {number}").content.decode())),  # noqa: B023
        )
        server.settle()
        pool_clock.rest()
    assert len(got) == 2 * ROUNDS
    assert not [text for person, text in got if {"alice": "bob", "bob": "alice"}[person] in text]
    for chat in Chat.objects.all():
        for reply in chat.replies.all():
            assert reply.content in {"", chat.content}
            assert reply.status != Status.DONE or reply.content == chat.content
    assert not Reply.objects.filter(status=Status.STREAMING).exists()
    assert_ledger_is_exact()
