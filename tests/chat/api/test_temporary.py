"""Temporary conversations: in no list, no search and no stored answer, and gone after a day."""

import json
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.export.sections import files_of
from chat.history import deletion
from chat.models import Chat, Conversation, Reply, Status, StoredAnswer
from tests.chat.asking import ask, make_chat, used
from tests.concurrently import at_once
from tests.planner import gather_statistics, plans_of

pytestmark = pytest.mark.django_db


def ask_for_a_while(client, content: str = "A secret question", **body):
    response = ask(client, content, temporary=True, **body)
    assert response.status_code == 201
    return response.json()


def make_temporary(user, **fields) -> Chat:
    conversation = Conversation.objects.create(user=user, title="Words", temporary=True)
    return make_chat(user, "Words", conversation=conversation, **fields)


def path(chat: dict) -> str:
    return f"/conversations/{chat['conversation']}"


def test_the_first_question_asks_for_it_and_it_costs_as_always(as_alice, alice, upstream):
    chat = ask_for_a_while(as_alice)
    assert as_alice.get(path(chat)).json()["temporary"] is True
    assert used(alice) == 1
    more = ask(as_alice, "And more?", conversation=chat["conversation"]).json()
    assert more["conversation"] == chat["conversation"]
    assert used(alice) == 2
    assert as_alice.get(path(chat)).json()["temporary"] is True
    again = ask(as_alice, "Still?", conversation=chat["conversation"], temporary=True)
    assert again.status_code == 201


def test_others_are_not_temporary(as_alice, upstream):
    for body in ({}, {"temporary": False}):
        chat = ask(as_alice, "Hello", **body).json()
        assert as_alice.get(path(chat)).json()["temporary"] is False


def test_one_that_is_there_does_not_become_temporary(as_alice, alice, upstream):
    chat = make_chat(alice)
    refused = (
        ask(as_alice, "Hello", conversation=chat.conversation_id, temporary=True),
        ask(as_alice, "Hello", parent=chat.pk, temporary=True),
        as_alice.patch(f"/conversations/{chat.conversation_id}", {"temporary": True}),
    )
    for response in refused:
        assert response.status_code == 400
        [error] = response.json()["errors"]
        assert (error["field"], error["code"]) == ("temporary", "not_new")
    chat.conversation.refresh_from_db()
    assert chat.conversation.temporary is False
    assert used(alice) == 0


def test_it_is_in_no_list_and_no_search(as_alice, alice):
    hidden, shown = make_temporary(alice), make_chat(alice, "Words of another")
    for query in ("", "q=words", "per_page=5"):
        found = as_alice.get(f"/chat?{query}").json()
        assert (found["count"], [row["id"] for row in found["results"]]) == (1, [shown.pk])
        found = as_alice.get(f"/conversations?{query}").json()
        assert [row["id"] for row in found["results"]] == [shown.conversation_id]
    # By its own number it is found, as its page needs; not what a search finds in it.
    here = f"/chat?conversation={hidden.conversation_id}"
    assert as_alice.get(here).json()["count"] == 1
    assert as_alice.get(f"{here}&q=words").json()["count"] == 0
    assert as_alice.get(f"/chat/{hidden.pk}").status_code == 200
    only = as_alice.get("/conversations?temporary=true").json()["results"]
    assert [row["id"] for row in only] == [hidden.conversation_id]


def test_keeping_it(as_alice, alice):
    chat = make_temporary(alice)
    here = f"/conversations/{chat.conversation_id}"
    before = chat.conversation.updated_at
    assert as_alice.patch(here, {"temporary": False}).json()["temporary"] is False
    assert as_alice.get("/conversations").json()["count"] == 1
    assert as_alice.get("/chat?q=words").json()["count"] == 1
    chat.conversation.refresh_from_db()
    assert chat.conversation.updated_at == before
    assert as_alice.patch(here, {"temporary": False}).status_code == 200


def test_it_cannot_be_pinned_unless_it_is_kept(as_alice, alice):
    here = f"/conversations/{make_temporary(alice).conversation_id}"
    for response in (
        as_alice.patch(here, {"pinned": True}),
        as_alice.post("/conversations", {"pinned": True, "temporary": True}),
    ):
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "pinned"
    kept = as_alice.patch(here, {"pinned": True, "temporary": False}).json()
    assert (kept["pinned"], kept["temporary"]) == (True, False)


def test_an_empty_one(as_alice):
    made = as_alice.post("/conversations", {"temporary": True})
    assert (made.status_code, made.json()["temporary"]) == (201, True)
    assert as_alice.get("/conversations").json()["count"] == 0


def test_anothers_is_not_kept(as_bob, alice):
    chat = make_temporary(alice)
    here = f"/conversations/{chat.conversation_id}"
    assert as_bob.patch(here, {"temporary": False}).status_code == 404
    assert as_bob.get("/conversations?temporary=true").json()["count"] == 0


# --- Deleting -----------------------------------------------------------------------------------


def age(chat: Chat, **ago: float) -> None:
    when = timezone.now() - timedelta(**ago)
    Conversation.objects.filter(pk=chat.conversation_id).update(updated_at=when)


@pytest.mark.django_db(transaction=True)
def test_a_day_after_the_last_turn_it_is_deleted(as_alice, alice, upstream, capsys):
    old, young, other = make_temporary(alice), make_temporary(alice), make_chat(alice)
    age(old, hours=24, minutes=1)
    age(young, hours=23)
    age(other, days=400)
    call_command("prune")
    assert "Deleted: 1" in capsys.readouterr().out
    assert set(Chat.objects.all()) == {young, other}
    assert as_alice.get(f"/conversations/{old.conversation_id}").status_code == 404
    age(young, hours=25)
    ask(as_alice, "Once more", conversation=young.conversation_id)
    assert deletion.delete_temporary() == 0


@pytest.mark.django_db(transaction=True)
def test_one_that_is_kept_or_being_written_stays(as_alice, alice):
    kept, written = make_temporary(alice), make_temporary(alice)
    Reply.objects.filter(chat=written).update(status=Status.STREAMING)
    for chat in (kept, written):
        age(chat, days=2)
    here = f"/conversations/{kept.conversation_id}"
    assert as_alice.patch(here, {"temporary": False}).status_code == 200
    assert deletion.delete_temporary() == 0
    assert Conversation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_keeping_and_deleting_at_once(alice, client_for):
    """Either it is kept whole, or it is not there any more."""
    outcomes = set()
    for _ in range(5):
        chat = make_temporary(alice)
        age(chat, days=2)
        both, client = Barrier(2), client_for(alice)

        def keep(chat=chat, both=both, client=client):
            both.wait(30)
            return client.patch(f"/conversations/{chat.conversation_id}", {"temporary": False})

        def delete(both=both):
            both.wait(30)
            return deletion.delete_temporary()

        response, deleted = at_once(keep, delete)
        outcomes.add((response.status_code, deleted))
        assert Chat.objects.filter(pk=chat.pk).count() == (response.status_code == 200)
    assert outcomes <= {(200, 0), (404, 1)}


# --- Elsewhere ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_its_answer_is_not_stored_for_others_nor_looked_for(as_alice, as_bob, upstream, settings):
    settings.ANSWER_CACHE, settings.ANSWER_CACHE_SHARED = {"fake": "exact"}, True
    chat = ask_for_a_while(as_alice)
    assert chat["chat_reply"]["answered_from"] is None
    assert not StoredAnswer.objects.exists()
    stored = ask(as_bob, "A secret question").json()
    assert stored["chat_reply"]["answered_from"] is None
    assert StoredAnswer.objects.get().reply_id == stored["chat_reply"]["id"]
    empty = as_alice.post("/conversations", {"temporary": True}).json()
    for asked in (
        ask_for_a_while(as_alice),
        ask(as_alice, "A secret question", conversation=empty["id"]).json(),
    ):
        assert asked["chat_reply"]["answered_from"] is None
    assert ask(as_alice, "A secret question").json()["chat_reply"]["answered_from"] is not None


def test_the_export_has_it_and_says_so(alice):
    make_temporary(alice)
    make_chat(alice)
    files = {name: b"".join(pieces) for name, pieces in files_of(alice)}
    found = json.loads(files["conversations.json"])["conversations"]
    about = files["README.txt"].decode()
    assert [row["temporary"] for row in found] == [True, False]
    assert "Temporary conversations" in about


@pytest.mark.postgres
def test_the_deletion_reads_only_the_temporary_ones(as_alice, alice):
    if connection.vendor != "postgresql":
        pytest.skip("reads PostgreSQL's plan")
    Conversation.objects.bulk_create(
        [Conversation(user=alice, temporary=n % 100 == 0) for n in range(5000)]
    )
    gather_statistics(Conversation)
    plans = plans_of(lambda _path: deletion.delete_temporary(), "")
    assert any("conversation_temporary" in plan for plan in plans)
    [page, *_] = [plan for plan in plans_of(as_alice.get, "/chat") if "chat_chat" in plan]
    assert "conversation_temporary" in page
