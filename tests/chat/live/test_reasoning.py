"""Reasoning: sent to readers by events of its own, and no part of the answer."""

import json

import pytest

from chat.live.registry import registry
from chat.live.streams import MOST_REASONING, Live
from chat.models import Reply
from tests.chat.asking import EVENT_STREAM, ask, ask_streaming, events_of, follow, text_of, used

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]

THOUGHT = "Hm, “Nobody has ever said this”, I think."


def thought_of(events):
    """The reasoning as a reader joins it."""
    text = ""
    for event in events:
        if event.data["type"] == "REASONING":
            text = text[: event.data["start"]] + event.data["content"]
    return text


@pytest.mark.parametrize(
    ("question", "thought"),
    [
        (f"[[say: So.]] [[think: {THOUGHT}]]", THOUGHT),
        ("[[say: So.]] [[fault: think]]", "\nHm. "),
    ],
)
def test_it_has_events_of_its_own_and_is_not_in_the_answer(as_alice, question, thought):
    events = ask_streaming(as_alice, question)
    assert thought_of(events) == thought
    assert text_of(events) == events[-1].data["full_content"] == "So."
    kinds = [event.data["type"] for event in events]
    assert kinds.index("REASONING") < kinds.index("CHUNK")
    reasoning = [event for event in events if event.data["type"] == "REASONING"]
    assert {event.id for event in reasoning} == {0}, "a reader that resumes has no text yet"
    assert all(event.data["seconds"] >= 0 for event in reasoning)
    reply = Reply.objects.get()
    assert reply.content == "So."
    assert not reply.citations.exists()
    assert thought not in json.dumps(as_alice.get(f"/chat/{reply.chat_id}").json()["chat_reply"])


def test_a_later_reader_gets_it_from_its_beginning_while_the_answer_is_written(as_alice):
    question = f"[[say: So it is.]] [[think: {THOUGHT}]] [[slow: 0.1]]"
    started = ask(as_alice, question, headers={"Prefer": "respond-async"}).json()
    live = registry.all()[0]
    while not live.length:
        pass
    events = events_of(follow(as_alice, started["stream_id"], 0))
    assert thought_of(events) == THOUGHT
    assert text_of(events) == "So it is."
    again = events_of(follow(as_alice, started["stream_id"]))
    assert thought_of(again) == "", "it is stored nowhere"
    assert text_of(again) == "So it is."


def test_an_answer_of_reasoning_alone_shows_it_and_fails(as_alice, alice):
    response = as_alice.post(
        "/chat", {"content": "[[fault: unseen]] Why so?"}, headers={"Accept": EVENT_STREAM}
    )
    events = events_of(response)
    assert thought_of(events).startswith("You said: ")
    assert events[-1].data["problem"]["code"] == "upstream_empty"
    assert used(alice) == 1


def test_a_live_text_keeps_so_much_of_it():
    live = Live()
    for _ in range(5):
        live.think("x" * (MOST_REASONING // 4 + 1))
    assert live.reasoning == "x" * MOST_REASONING


def test_a_reader_that_waits_is_woken_by_it():
    live = Live()
    reader = live.follow(0, patience=60)
    live.think("Hm")
    assert next(reader) == ""
    live.append("So")
    assert next(reader) == "So"
    live.end()
    assert list(reader) == []
