"""GET and DELETE /chat/{id}."""

import pytest

from chat.models import Chat, Status
from tests.chat.asking import make_chat

pytestmark = pytest.mark.django_db


def test_one(as_alice, alice, django_assert_num_queries):
    chat = make_chat(alice, "Who?", "Me.")
    with django_assert_num_queries(4):  # user, chat with reply, citations, allowance
        body = as_alice.get(f"/chat/{chat.pk}").json()
    assert (body["content"], body["chat_reply"]["content"]) == ("Who?", "Me.")
    assert body["chat_reply"]["usage"] is None


def test_while_it_is_written(as_alice, alice):
    chat = make_chat(alice, answer="So far", reply={"status": Status.STREAMING})
    body = as_alice.get(f"/chat/{chat.pk}").json()
    stream = f"http://testserver/chat/stream/{chat.chat_reply.stream_id}"
    assert body["chat_reply"]["status"] == "streaming"
    assert body["links"][-2:] == [
        {"rel": "stream", "href": stream, "method": "GET"},
        {"rel": "stop", "href": stream, "method": "DELETE"},
    ]


@pytest.mark.parametrize("method", ["get", "delete"])
def test_what_is_not_ones_own(as_bob, as_staff, alice, method):
    chat = make_chat(alice)
    for client in (as_bob, as_staff):
        response = getattr(client, method)(f"/chat/{chat.pk}")
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"
    assert Chat.objects.exists()


@pytest.mark.parametrize("number", ["999999", "9" * 18, "9" * 40, "0", "-1", "x"])
def test_unknown(as_alice, number):
    response = as_alice.get(f"/chat/{number}")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_delete_closes_the_gap(as_alice, alice):
    first = make_chat(alice)
    second = make_chat(alice, conversation=first.conversation, parent=first)
    third = make_chat(alice, conversation=first.conversation, parent=second)
    assert as_alice.delete(f"/chat/{second.pk}").status_code == 204
    third.refresh_from_db()
    assert third.parent_id == first.pk
    assert as_alice.get(f"/chat/{second.pk}").status_code == 404


def test_delete_the_first(as_alice, alice):
    first = make_chat(alice)
    second = make_chat(alice, conversation=first.conversation, parent=first)
    as_alice.delete(f"/chat/{first.pk}")
    second.refresh_from_db()
    assert second.parent_id is None
