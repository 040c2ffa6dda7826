"""One person's failing requests shut nobody out: not from the model, and not from another."""

from functools import partial

import pytest
from prometheus_client import REGISTRY

from chat.models import Status
from chat.upstream import ClientOptions
from tests.chat.asking import ask, used
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

FAILURES = ClientOptions.breaker_failures


@pytest.fixture(autouse=True)
def _many_questions(upstream, upstream_options, settings):
    settings.DAILY_CHAT_LIMIT = settings.DAILY_REFUND_LIMIT = 20
    settings.UPSTREAM_FIRST_BYTE_TIMEOUT = 0.2
    upstream_options(retries=0)


@pytest.mark.parametrize(
    "fault", ["500", "close", "timeout", "error-first", "context", "400", "429"]
)
def test_others_are_answered(as_alice, as_bob, alice, bob, fault):
    codes = {ask(as_alice, f"[[fault: {fault}]]").json()["code"] for _ in range(FAILURES)}
    assert codes.isdisjoint({"upstream_unavailable"})
    assert ask(as_bob, "Hello").json()["chat_reply"]["status"] == Status.DONE
    assert ask(as_alice, "Hello").json()["chat_reply"]["status"] == Status.DONE
    assert (used(alice), used(bob)) == (1, 1)
    assert_ledger_is_exact()


def test_a_model_that_fails_for_several_people_is_left_alone_for_a_while(
    as_alice, as_bob, as_carol, upstream, caplog
):
    opened = partial(
        REGISTRY.get_sample_value, "daesa_upstream_breakers_opened_total", {"model": "fake-500"}
    )
    before = opened() or 0
    for client in [as_alice] * FAILURES + [as_bob] * 2:
        assert ask(client, "Hello", model="fake-500").json()["code"] == "upstream_failed"
    upstream.clear()
    response = ask(as_carol, "Hello", model="fake-500")
    assert response.json()["code"] == "upstream_unavailable"
    assert upstream.requests() == []
    assert opened() == before + 1
    assert "opened model=fake-500 code=upstream_failed" in caplog.text
    assert ask(as_carol, "Hello").json()["chat_reply"]["status"] == Status.DONE
    assert_ledger_is_exact()
