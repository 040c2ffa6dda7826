"""A conversation that is too long for the model is asked once more, with fewer turns."""

from functools import partial

import pytest
from prometheus_client import REGISTRY

from chat.live.registry import registry
from chat.live.streams import STOP
from chat.models import Reply, Status
from chat.upstream import close_default_upstream
from tests.chat.asking import ask, ask_streaming, text_of, used
from tests.chat.upstream.hostile import HostileServer, sized
from tests.ledger import assert_ledger_is_exact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

ADAPTED = "daesa_upstream_requests_adapted_total"
SHORT = "fake-short-context"
TURNS = [
    {"role": role, "content": f"{role} {number} " * 20}
    for number in range(3)
    for role in ("user", "assistant")
]
REFUSAL = sized(b'{"error": {"message": "prompt is too long"}}', status="400 Bad Request")


def test_it_is_asked_again_with_the_newest_turns(as_alice, alice, upstream):
    count = partial(REGISTRY.get_sample_value, ADAPTED, {"by": "fewer_turns"})
    before = count() or 0
    events = ask_streaming(as_alice, "[[say: Yes]]", model=SHORT, conversation_history=TURNS)
    assert text_of(events) == "Yes"
    assert count() == before + 1
    first, second = (request["messages"] for request in upstream.requests())
    assert first[1:-1] == TURNS
    assert second == [first[0], *TURNS[-2:], first[-1]]
    assert used(alice) == 1
    assert_ledger_is_exact()


def test_stored_turns_are_left_out_alike(as_alice, alice, upstream, settings):
    settings.DAILY_CHAT_LIMIT = 10
    place = {"conversation": ask(as_alice, "One " * 100).json()["conversation"]}
    for text in ("Two " * 100, "Three"):
        ask(as_alice, text, **place)
    assert ask(as_alice, "Four", model=SHORT, **place).status_code == 201
    contents = [message["content"][:5] for message in upstream.requests()[-1]["messages"]]
    assert contents[1:] == ["Three", "You s", "Four"]
    assert used(alice) == 4
    assert_ledger_is_exact()


@pytest.mark.parametrize(
    ("history", "requests"), [([], 1), (TURNS, 2), ([TURNS[0]], 2), ([TURNS[1]], 2)]
)
def test_it_is_asked_at_most_twice_and_costs_nothing(as_alice, alice, upstream, history, requests):
    response = ask(as_alice, "Hello", model="fake-context", conversation_history=history)
    assert (response.status_code, response.json()["code"]) == (422, "upstream_context_too_long")
    assert len(upstream.requests()) == requests
    assert used(alice) == 0
    assert_ledger_is_exact()


def test_a_stop_ends_it(as_alice, alice, settings):
    """The stop comes after the refusal was sent and before it is read."""
    asked = []

    def stop_and_refuse(wire) -> None:
        asked.append(wire)
        registry.get(Reply.objects.get().stream_id).cancel(STOP)
        wire.send(REFUSAL)

    with HostileServer(stop_and_refuse).running() as settings.OPENAI_BASE_URL:
        events = ask_streaming(as_alice, "Hello", conversation_history=TURNS)
        close_default_upstream()
    assert events[-1].data["type"] == "END"
    assert (Reply.objects.get().status, len(asked)) == (Status.STOPPED, 1)
    assert used(alice) == 1
    assert_ledger_is_exact()


def test_a_refusal_in_the_middle_of_the_answer_is_final(as_alice, alice, settings):
    asked = []
    piece = b'data: {"choices": [{"delta": {"content": "Half"}}]}\n\n'
    error = b'data: {"error": {"message": "prompt is too long"}}\n\n'

    def half(wire) -> None:
        asked.append(wire)
        wire.send(sized(piece + error))

    with HostileServer(half).running() as settings.OPENAI_BASE_URL:
        events = ask_streaming(as_alice, "Hello", conversation_history=TURNS)
        close_default_upstream()
    assert events[-1].data["problem"]["code"] == "upstream_context_too_long"
    assert (text_of(events), len(asked)) == ("Half", 1)
    assert used(alice) == 0
    assert_ledger_is_exact()
