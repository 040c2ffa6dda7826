"""GET /conversations/{id}/statistics."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Chat, Citation, Conversation, Reply, Status
from tests.chat.asking import ask, make_chat

pytestmark = pytest.mark.django_db


def took(seconds: float, **fields) -> dict:
    """The fields of a reply that was written in so many seconds."""
    begun = timezone.now()
    return {"finished_at": begun + timedelta(seconds=seconds), "created_at": begun, **fields}


def add(conversation: Conversation, user, **reply) -> Chat:
    chat = make_chat(user, conversation=conversation, reply=reply)
    if "created_at" in reply:  # `auto_now_add` sets its own
        Reply.objects.filter(chat=chat).update(created_at=reply["created_at"])
    return chat


def statistics(client, conversation: Conversation):
    return client.get(f"/conversations/{conversation.pk}/statistics").json()


def test_the_numbers_of_a_conversation(as_alice, alice):
    conversation = Conversation.objects.create(user=alice)
    first = add(
        conversation, alice, **took(2, prompt_tokens=10, completion_tokens=5, model="large")
    )
    add(conversation, alice, **took(8, prompt_tokens=30, completion_tokens=7))
    add(conversation, alice, **took(4))
    add(conversation, alice, **took(90, status=Status.FAILED, model="board"))
    add(conversation, alice, **took(70, status=Status.STOPPED, prompt_tokens=3))
    # Another answer to the first question counts, though it is not shown.
    Reply.objects.create(user=alice, chat=first, model="large", status=Status.STREAMING)
    for verdict, match in (("verbatim", "exact"), ("verbatim", "folded"), ("unknown", "")):
        Citation.objects.create(
            reply=first.chat_reply, text="A", start=0, end=1, verdict=verdict, match=match
        )
    make_chat(alice, reply={"prompt_tokens": 1000, "completion_tokens": 1000})  # another one's
    body = statistics(as_alice, conversation)
    times = [body.pop("first_asked_at"), body.pop("last_asked_at")]
    assert times == [as_alice.get(f"/chat/{chat.pk}").json()["created_at"] for chat in _ends(first)]
    here = f"http://testserver/conversations/{conversation.pk}"
    assert body == {
        "conversation": conversation.pk,
        "turns": 5,
        "answers": 6,
        "states": [
            {"status": "streaming", "answers": 1},
            {"status": "done", "answers": 3},
            {"status": "stopped", "answers": 1},
            {"status": "failed", "answers": 1},
        ],
        "models": [
            {"model": "fake", "answers": 3},
            {"model": "large", "answers": 2},
            {"model": "board", "answers": 1},
        ],
        "tokens": {
            "prompt_tokens": 40,
            "completion_tokens": 12,
            "counted_answers": 2,
            "uncounted_answers": 4,
        },
        "seconds": {"timed_answers": 3, "median": 4.0, "longest": 8.0},
        "quotations": [
            {"verdict": "verbatim", "quotations": 1},
            {"verdict": "same_words", "quotations": 1},
            {"verdict": "unknown", "quotations": 1},
        ],
        "links": [
            {"rel": "self", "href": f"{here}/statistics", "method": "GET"},
            {"rel": "conversation", "href": here, "method": "GET"},
        ],
    }


def _ends(first: Chat) -> list[Chat]:
    """The first and the last chat of its conversation."""
    last = Chat.objects.filter(conversation=first.conversation).order_by("pk").last()
    return [first, last or first]


def test_an_even_number_of_answers_has_the_median_between_two(as_alice, alice):
    conversation = Conversation.objects.create(user=alice)
    for seconds in (9, 1, 2, 4):
        add(conversation, alice, **took(seconds))
    assert statistics(as_alice, conversation)["seconds"]["median"] == 3.0


@pytest.mark.parametrize(
    "fields",
    [
        {"continuations": 1, "continued_from": 3},
        {"answered_from": timezone.now()},
        {"status": Status.IMPORTED},
        {"finished_at": None},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_whose_seconds_are_not_those_of_the_model(as_alice, alice, fields):
    conversation = Conversation.objects.create(user=alice)
    add(conversation, alice, **{**took(9), **fields})
    body = statistics(as_alice, conversation)
    assert body["seconds"] == {"timed_answers": 0, "median": None, "longest": None}
    assert body["answers"] == 1


def test_nothing_asked_yet(as_alice, alice):
    body = statistics(as_alice, Conversation.objects.create(user=alice))
    assert (body["turns"], body["answers"], body["states"], body["models"]) == (0, 0, [], [])
    assert body["tokens"] == {
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "counted_answers": 0,
        "uncounted_answers": 0,
    }
    assert (body["first_asked_at"], body["last_asked_at"]) == (None, None)


def test_a_real_answer(as_alice, upstream):
    chat = ask(as_alice, "Hello").json()
    body = as_alice.get(f"/conversations/{chat['conversation']}/statistics").json()
    usage = chat["chat_reply"]["usage"]
    assert body["tokens"]["completion_tokens"] == usage["completion_tokens"] > 0
    assert body["models"] == [{"model": "fake", "answers": 1}]
    assert body["seconds"]["timed_answers"] == 1


@pytest.mark.parametrize("count", [0, 1, 60])
def test_as_many_statements_whatever_the_length(as_alice, alice, django_assert_num_queries, count):
    conversation = Conversation.objects.create(user=alice)
    for _ in range(count):
        add(conversation, alice, prompt_tokens=1, completion_tokens=1)
    with django_assert_num_queries(4):  # user, conversation, numbers, allowance
        assert statistics(as_alice, conversation)["turns"] == count


def test_anothers_is_not_found(as_bob, alice):
    conversation = Conversation.objects.create(user=alice)
    assert as_bob.get(f"/conversations/{conversation.pk}/statistics").status_code == 404
    assert as_bob.get(f"/conversations/{conversation.pk + 1}/statistics").status_code == 404
