"""Models that `UPSTREAMS` gives to groups: for others they are as if there were none."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from chat.models import Conversation, Reply
from tests.chat.asking import ask, make_chat, used
from tests.upstream import Several

pytestmark = pytest.mark.django_db(transaction=True)
RESEARCH = frozenset({"research"})


@pytest.fixture(autouse=True)
def _servers(several: Several, alice):
    """Everybody has `fake`; `deep`, and `fake` at a, are for the group of alice alone."""
    alice.groups.add(Group.objects.create(name="research"))
    several.use(
        several.server("a", model={"groups": RESEARCH, "capabilities": frozenset({"vision"})}),
        several.server("b", label="The second"),
        several.server("c", model={"name": "deep", "groups": RESEARCH}),
    )


def test_who_is_offered_what(as_alice, as_bob):
    seen: dict[str, Any] = {"takes": ["text"], "capabilities": []}
    fake = {"id": "fake", "default": True, **seen, "takes": ["text", "image"]}
    board = {"id": "board", "default": False, **seen, "takes": []}
    assert as_bob.get("/models").json()["results"] == [fake, board]
    deep = {"id": "deep", "default": False, **seen}
    assert as_alice.get("/models").json()["results"] == [fake, deep, board]


def test_for_others_it_is_unknown(as_bob, bob):
    given, unknown = (ask(as_bob, model=model) for model in ("deep", "none"))
    assert given.status_code == unknown.status_code == 400
    bodies = [response.json() for response in (given, unknown)]
    for body in bodies:
        del body["request_id"]
    assert bodies[0] == bodies[1]
    assert bodies[0]["errors"][0]["code"] == "unknown_model"
    assert used(bob) == 0


def test_members_ask_it(as_alice, several: Several):
    assert ask(as_alice, model="deep").status_code == 201
    assert several.asked() == {"c": 1}


def test_a_server_of_a_group_is_asked_for_its_members(as_alice, as_bob, several: Several):
    assert ask(as_bob).json()["chat_reply"]["server"] == "The second"
    assert several.asked() == {"b": 1}
    assert ask(as_alice).json()["chat_reply"]["server"] == "", "a has no label"
    assert several.asked() == {"a": 1, "b": 1}


def test_a_conversation_keeps_it_only_for_members(as_alice, alice, several: Several):
    chat = ask(as_alice, model="deep").json()
    alice.groups.clear()
    assert ask(as_alice, conversation=chat["conversation"]).json()["chat_reply"]["model"] == "fake"
    assert several.asked() == {"b": 1, "c": 1}


def test_conversations_are_given_it_by_members_alone(as_alice, alice, as_bob, bob):
    hers, his = (Conversation.objects.create(user=user) for user in (alice, bob))
    assert as_alice.patch(f"/conversations/{hers.pk}", {"model": "deep"}).status_code == 200
    response = as_bob.patch(f"/conversations/{his.pk}", {"model": "deep"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "unknown_model"


def test_its_answers_are_continued_by_members_alone(as_alice, alice):
    reply = {"model": "deep", "finish_reason": "length"}
    chat = make_chat(alice, reply=reply)
    alice.groups.clear()
    response = as_alice.post(f"/chat/{chat.pk}/continue", {})
    assert (response.status_code, response.json()["code"]) == (409, "model_not_offered")


def test_who_left_the_group_before_the_answer(as_alice, alice, several: Several, settings):
    """The server is chosen for the groups of that moment."""
    settings.MODEL_GROUPS = {}
    alice.groups.clear()
    response = ask(as_alice, model="deep")
    assert (response.status_code, response.json()["code"]) == (502, "upstream_model_not_found")
    assert several.asked() == {}
    assert used(alice) == 0


def test_a_server_that_is_no_longer_named(as_alice, alice):
    chat = make_chat(alice, reply={"server": "gone"})
    assert as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]["server"] == ""
    Reply.objects.update(server="b")
    assert as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]["server"] == "The second"
