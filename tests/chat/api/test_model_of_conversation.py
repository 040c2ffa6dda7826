"""A conversation keeps the model that was last chosen in it."""

import pytest

from chat.models import Conversation
from tests.chat.asking import ask

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _models(upstream, settings):
    settings.CHAT_MODELS = ["fake", "large", "board"]
    settings.PLAN_MODELS = ["large"]
    settings.DEFAULT_MODEL = "fake"


def begin(client, **given) -> int:
    return client.post("/conversations", given).json()["id"]


def answered_by(client, conversation: int, **given) -> str:
    response = ask(client, conversation=conversation, **given)
    assert response.status_code == 201, response.json()
    return response.json()["chat_reply"]["model"]


def test_the_model_of_the_last_question_that_named_one_answers(as_alice):
    conversation = begin(as_alice)
    assert answered_by(as_alice, conversation) == "fake"
    assert Conversation.objects.get().model == ""
    assert answered_by(as_alice, conversation, model="board") == "board"
    assert answered_by(as_alice, conversation) == "board"
    assert as_alice.get(f"/conversations/{conversation}").json()["model"] == "board"
    assert answered_by(as_alice, conversation, model="fake") == "fake"
    assert Conversation.objects.get().model == "fake"
    other = begin(as_alice)
    assert answered_by(as_alice, other) == "fake"


def test_a_conversation_that_a_question_begins_keeps_its_model(as_alice):
    chat = ask(as_alice, model="board").json()
    assert Conversation.objects.get().model == "board"
    again = as_alice.post(f"/chat/{chat['id']}/replies").json()
    assert again["chat_reply"]["model"] == "board"
    other = as_alice.post(f"/chat/{chat['id']}/replies", {"model": "fake"}).json()
    assert other["chat_reply"]["model"] == "fake"
    assert Conversation.objects.get().model == "board"  # another answer chooses for itself alone


def test_it_is_chosen_without_a_question(as_alice):
    conversation = begin(as_alice, model="board")
    path = f"/conversations/{conversation}"
    assert answered_by(as_alice, conversation) == "board"
    assert as_alice.patch(path, {"model": ""}).json()["model"] == ""
    assert answered_by(as_alice, conversation) == "fake"


def test_one_that_is_no_longer_offered_gives_way_to_the_default(as_alice, settings):
    conversation = begin(as_alice, model="board")
    settings.CHAT_MODELS = ["fake"]
    assert answered_by(as_alice, conversation) == "fake"
    body = as_alice.get(f"/conversations/{conversation}").json()
    assert body["model"] == "board"  # it may be offered again
    assert as_alice.put(f"/conversations/{conversation}", body).status_code == 200
    settings.CHAT_MODELS = ["fake", "board"]
    assert answered_by(as_alice, conversation) == "board"


def test_one_that_the_user_may_not_ask(as_alice, alice):
    conversation = begin(as_alice)
    Conversation.objects.update(model="large")  # chosen while the user had a plan with it
    assert answered_by(as_alice, conversation) == "fake"
    path = f"/conversations/{begin(as_alice)}"
    for response in (
        as_alice.patch(path, {"model": "large"}),
        as_alice.post("/conversations", {"model": "large"}),
    ):
        assert response.status_code == 403
        assert response.json()["code"] == "model_not_allowed"
    alice.plan_models = "large"
    alice.save()
    assert as_alice.patch(path, {"model": "large"}).status_code == 200


@pytest.mark.parametrize(
    ("model", "code"), [("none-such", "unknown_model"), ("x" * 101, "max_length"), (None, "null")]
)
def test_bad_models(as_alice, model, code):
    path = f"/conversations/{begin(as_alice)}"
    for response in (as_alice.patch(path, {"model": model}), as_alice.put(path, {"model": model})):
        assert response.status_code == 400
        [error] = response.json()["errors"]
        assert (error["field"], error["code"]) == ("model", code)
