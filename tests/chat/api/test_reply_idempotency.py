"""Idempotency-Key at the endpoint for further replies, and where it is refused."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from chat.models import IdempotencyKey, Reply, Status
from config.api.throttles import WRITES
from tests.architecture.routes import ROUTES
from tests.architecture.test_open_routes import path_of
from tests.chat.asking import EVENT_STREAM, ask, events_of, make_chat, text_of, used

pytestmark = pytest.mark.usefixtures("upstream")

KEY = {"Idempotency-Key": "another-answer"}


def again(client, chat, *, options=None, **headers):
    path = f"/chat/{chat['id']}/replies"
    return client.post(path, options or {}, headers={**KEY, **headers})


@pytest.fixture
def chat(as_alice):
    return ask(as_alice, "Hello").json()


def test_a_retry_gets_the_same_reply_for_one_unit(as_alice, alice, chat, upstream):
    first = again(as_alice, chat)
    second = again(as_alice, chat)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert used(alice) == len(upstream.requests()) == Reply.objects.count() == 2


def test_a_retry_when_the_allowance_is_spent(as_alice, chat, settings):
    settings.DAILY_CHAT_LIMIT = 2
    first = again(as_alice, chat)
    assert again(as_alice, chat).json() == first.json()


def test_a_retry_by_stream_and_by_link(as_alice, alice, chat):
    first = again(as_alice, chat).json()["chat_reply"]
    stream = again(as_alice, chat, Accept=EVENT_STREAM)
    assert text_of(events_of(stream)) == first["content"]
    later = again(as_alice, chat, Prefer="respond-async")
    assert later.json()["stream_id"] == first["stream_id"]
    assert used(alice) == 2


def test_a_failed_reply_does_not_ask_the_question_again(as_alice, alice, upstream):
    """The question's own key still names the answer that it got."""
    key = {"Idempotency-Key": "the-question"}
    first = ask(as_alice, "Hello", headers=key).json()
    failed = as_alice.post(f"/chat/{first['id']}/replies", {"model": "fake-401"})
    assert failed.json()["code"] == "upstream_unauthorized"
    retry = ask(as_alice, "Hello", headers=key)
    assert retry["Idempotency-Replayed"] == "true"
    assert retry.json()["chat_reply"]["content"] == first["chat_reply"]["content"]
    assert (used(alice), len(upstream.requests())) == (1, 2)


def test_another_body_chat_or_endpoint_is_refused(as_alice, alice, chat):
    other = ask(as_alice, "Bye").json()
    again(as_alice, chat)
    for response in (
        again(as_alice, chat, options={"temperature": 1}),
        again(as_alice, other),
        ask(as_alice, "Hello", headers=KEY),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert used(alice) == 3


def test_a_key_of_a_question_is_refused_for_a_reply(as_alice, chat):
    ask(as_alice, "Another", headers=KEY)
    assert again(as_alice, chat).json()["code"] == "idempotency_key_reused"


def test_a_failed_reply_is_tried_again(as_alice, alice, chat, upstream_options):
    upstream_options(retries=0)
    Reply.objects.filter(chat=chat["id"]).update(content="x")
    failing = {"model": "fake-500"}
    assert again(as_alice, chat, options=failing).status_code == 502
    assert used(alice) == 1
    assert again(as_alice, chat, options=failing).status_code == 502
    row = IdempotencyKey.objects.get()
    assert row.reply == Reply.objects.latest("pk")
    assert Reply.objects.filter(status=Status.FAILED).count() == 2
    assert used(alice) == 1


def test_deleting_the_chat_frees_the_key(as_alice, chat):
    again(as_alice, chat)
    as_alice.delete(f"/chat/{chat['id']}")
    other = ask(as_alice, "Hello").json()
    assert "Idempotency-Replayed" not in again(as_alice, other)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_one_reply(alice, client_for, upstream):
    chat = {"id": make_chat(alice).pk}
    barrier, answers = Barrier(2, timeout=20), []

    def go(client):
        barrier.wait()
        answers.append(again(client, chat))
        connection.close()

    threads = [Thread(target=go, args=(client_for(alice),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [response.status_code for response in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (len(upstream.requests()), used(alice)) == (1, 1)


# --- Elsewhere --------------------------------------------------------------------------------

HONOURED = {"/chat", "/chat/stream", "/chat/1/replies", "/chat/1/continue"}


def creating_routes():
    for route in ROUTES:
        if route.kind == "admin":
            continue
        for method in WRITES - {"PUT", "DELETE"}:
            if hasattr(route.view, method.lower()):
                yield method, path_of(route)


def test_every_other_post_and_patch_refuses_the_key(as_alice):
    tried = {}
    for method, path in creating_routes():
        response = as_alice.generic(method, path, "{}", "application/json", headers=KEY)
        tried[path] = response.json().get("code") == "idempotency_key_unsupported"
        assert not tried[path] or response.status_code == 400
    assert {path for path, is_refused in tried.items() if not is_refused} == HONOURED
    assert len(tried) > 12


def test_where_a_repetition_does_no_harm_the_key_is_taken(as_alice, chat):
    assert as_alice.delete(f"/chat/{chat['id']}", headers=KEY).status_code == 204
    assert as_alice.get("/chat", headers=KEY).status_code == 200
    assert as_alice.post("/nothing", headers=KEY).status_code == 404
    assert as_alice.post("/models", headers=KEY).status_code == 405
