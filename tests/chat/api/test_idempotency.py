"""Idempotency-Key at the endpoints that take questions."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from chat.models import Chat, IdempotencyKey, Reply, Status
from tests.chat.asking import EVENT_STREAM, ask, events_of, text_of, used
from tests.concurrently import at_once

pytestmark = pytest.mark.usefixtures("upstream")

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def test_retry_replays(as_alice, alice, upstream):
    first = ask(as_alice, "Hello", headers=KEY)
    again = ask(as_alice, "Hello", headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert len(upstream.requests()) == 1
    assert used(alice) == 1


def test_retry_replays_when_the_allowance_is_spent(as_alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    first = ask(as_alice, "Hello", headers=KEY)
    again = ask(as_alice, "Hello", headers=KEY)
    assert again.json() == first.json()
    assert again["RateLimit"].startswith('"daily";r=0;')


def test_key_is_the_same_without_quotes(as_alice):
    ask(as_alice, "Hello", headers={"Idempotency-Key": "k1"})
    ask(as_alice, "Hello", headers={"Idempotency-Key": '"k1"'})
    assert Chat.objects.count() == 1


def test_other_body_is_refused(as_alice, alice):
    ask(as_alice, "Hello", headers=KEY)
    response = ask(as_alice, "Good bye", headers=KEY)
    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert used(alice) == 1


def test_order_of_the_fields_makes_no_other_body(as_alice):
    as_alice.post("/chat", {"content": "Hello", "temperature": 1}, headers=KEY)
    response = as_alice.post("/chat", {"temperature": 1, "content": "Hello"}, headers=KEY)
    assert response.status_code == 201
    assert Chat.objects.count() == 1


def test_bad_input_uses_up_no_key(as_alice):
    assert as_alice.post("/chat", {"content": ""}, headers=KEY).status_code == 400
    assert ask(as_alice, "Hello", headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", '""' * 200, "ä", "a\x01b"])
def test_bad_key(as_alice, alice, key):
    response = ask(as_alice, "Hello", headers={"Idempotency-Key": key})
    assert response.status_code == 400
    assert response.json()["code"] == "bad_idempotency_key"
    assert used(alice) == 0


def test_keys_are_ones_own(as_alice, as_bob, alice, bob):
    mine = ask(as_alice, "Hello", headers=KEY).json()
    theirs = ask(as_bob, "Hello", headers=KEY).json()
    assert mine["id"] != theirs["id"]
    assert (used(alice), used(bob)) == (1, 1)


def test_kept_for_a_day(as_alice, client_for, alice):
    ask(as_alice, "Hello", headers=KEY)
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)):
        assert ask(client_for(alice), "Hello", headers=KEY)["Idempotency-Replayed"] == "true"
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert "Idempotency-Replayed" not in ask(client_for(alice), "Other", headers=KEY)
    assert IdempotencyKey.objects.count() == 1


def test_deleted_chat_frees_its_key(as_alice):
    first = ask(as_alice, "Hello", headers=KEY).json()
    as_alice.delete(f"/chat/{first['id']}")
    assert ask(as_alice, "Hello", headers=KEY).json()["id"] != first["id"]


def test_failed_answer_is_tried_again_on_the_same_question(as_alice, alice, upstream_options):
    """The failure gave its unit back, so a retry is a fresh attempt, not the old failure."""
    upstream_options(retries=0)
    content = "Hello [[fault: 500-once]]"
    assert ask(as_alice, content, headers=KEY).status_code == 502
    assert used(alice) == 0
    second = ask(as_alice, content, headers=KEY)
    assert second.status_code == 201
    assert Chat.objects.count() == 1
    assert {reply.status for reply in Reply.objects.all()} == {Status.FAILED, Status.DONE}
    assert used(alice) == 1


@pytest.mark.django_db(transaction=True)
def test_retry_attaches_to_the_answer_that_is_written(as_alice, upstream):
    content = "[[say: one two three four]] [[slow: 0.1]]"
    headers = {**KEY, "Accept": EVENT_STREAM}
    first = as_alice.post("/chat", {"content": content}, headers=headers)
    blocks = iter(first.streaming_content)
    next(blocks)
    first.close()
    again = as_alice.post("/chat", {"content": content}, headers=headers)
    assert text_of(events_of(again)) == "one two three four"
    assert len(upstream.requests()) == 1
    whole = as_alice.post("/chat", {"content": content}, headers=KEY)
    assert whole.json()["chat_reply"]["content"] == "one two three four"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [1, 5])
def test_two_at_once_ask_once(alice, client_for, upstream, settings, limit):
    """Also for the last unit: the concurrent request that loses it gets the answer, not a 429."""
    settings.DAILY_CHAT_LIMIT = limit
    clients = [client_for(alice) for _ in range(2)]
    slow = "Hello [[slow: 0.1]]"
    answers = at_once(*[partial(ask, client, slow, headers=KEY) for client in clients])
    assert [response.status_code for response in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(upstream.requests()) == 1
    assert used(alice) == 1
