"""Whose answers are given to whom, and what goes with an account."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.history.deletion import clear_conversation, clear_history
from chat.live.registry import registry
from chat.models import Conversation, Reply, StoredAnswer
from chat.stored import claims
from chat.turns.start import start_turn
from chat.turns.types import NewQuestion
from tests.chat.asking import OPTIONS, ask

pytestmark = pytest.mark.django_db

SECRET = "What does my doctor say of my knee?"


def is_stored(response):
    assert response.status_code == 201, response.content
    return response.json()["chat_reply"]["answered_from"] is not None


def test_by_default_only_ones_own(as_alice, as_bob, upstream):
    ask(as_alice)
    assert not is_stored(ask(as_bob))
    assert is_stored(ask(as_alice))
    assert is_stored(ask(as_bob))
    assert len(upstream.requests()) == 2


def test_nobody_waits_for_anothers_turn(alice, as_bob, upstream):
    """Else the time that it takes would tell that somebody asks the same."""
    turn = start_turn(user=alice, question=NewQuestion(content=SECRET, options=OPTIONS))
    assert claims.answer_or_claim(turn.wanted, turn.reply, turn.live) is None
    began = time.monotonic()
    given = {"temperature": OPTIONS.temperature, "max_tokens": OPTIONS.max_tokens}
    assert not is_stored(ask(as_bob, SECRET, **given))
    assert time.monotonic() - began < claims.LOST_AFTER.total_seconds() / 2
    assert StoredAnswer.objects.count() == 2
    registry.close(turn.reply.stream_id)


def statements(client, question):
    with CaptureQueriesContext(connection) as queries:
        assert not is_stored(ask(client, question))
    return [query["sql"].split(" ")[:3] for query in queries if "SAVEPOINT" not in query["sql"]]


def test_it_takes_the_same_statements_whether_or_not_another_has_asked(as_alice, as_bob):
    ask(as_alice, SECRET)
    ask(as_bob, "Something to begin with")
    assert statements(as_bob, SECRET) == statements(as_bob, "What does my doctor say of my hip?")


def test_shared_where_the_site_says_so(as_alice, as_bob, alice, upstream, settings):
    settings.ANSWER_CACHE_SHARED = True
    ask(as_alice)
    response = ask(as_bob)
    assert is_stored(response)
    assert len(upstream.requests()) == 1
    assert alice.email not in response.content.decode()
    assert alice.nickname not in response.content.decode().replace("bob", "")


def test_what_a_personal_prompt_has_made_is_not_shared(as_alice, as_bob, upstream, settings):
    settings.ANSWER_CACHE_SHARED = True
    own = {"system_prompt": "I am a lawyer."}
    ask(as_alice, **own)
    assert not is_stored(ask(as_bob, **own))
    assert is_stored(ask(as_alice, **own))
    assert len(upstream.requests()) == 2


def test_what_followed_something_is_not_shared(as_alice, as_bob, settings):
    settings.ANSWER_CACHE_SHARED = True
    first = ask(as_alice, "Something").json()
    ask(as_alice, SECRET, parent=first["id"])
    history = [{"role": "user", "content": "My knee hurts."}]
    ask(as_alice, SECRET, conversation_history=history)
    assert not is_stored(ask(as_bob, SECRET))


def test_no_longer_shared(as_alice, as_bob, settings):
    settings.ANSWER_CACHE_SHARED = True
    ask(as_alice)
    settings.ANSWER_CACHE_SHARED = False
    assert not is_stored(ask(as_bob))


def delete_chat(client, user):
    assert client.delete(f"/chat/{Reply.objects.get().chat_id}").status_code == 204


def delete_conversation(client, user):
    assert client.delete(f"/conversations/{Conversation.objects.get().pk}").status_code == 204


@pytest.mark.parametrize(
    "delete",
    [
        delete_chat,
        delete_conversation,
        lambda client, user: clear_history(user),
        lambda client, user: clear_conversation(Conversation.objects.get()),
        lambda client, user: user.delete(),
    ],
)
def test_it_goes_with_its_question(as_alice, as_bob, alice, upstream, settings, delete):
    settings.ANSWER_CACHE_SHARED = True
    ask(as_alice)
    assert StoredAnswer.objects.exists()
    delete(as_alice, alice)
    assert not StoredAnswer.objects.exists()
    assert not is_stored(ask(as_bob))
    assert len(upstream.requests()) == 2


def test_a_given_answer_stays_where_its_source_goes(as_alice, as_bob, alice, settings):
    settings.ANSWER_CACHE_SHARED = True
    ask(as_alice)
    chat = ask(as_bob).json()
    clear_history(alice)
    assert as_bob.get(f"/chat/{chat['id']}").json()["chat_reply"] == chat["chat_reply"]
