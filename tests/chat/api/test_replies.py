"""GET and POST /chat/{id}/replies."""

from functools import partial

import pytest

from chat.models import Chat, Reply, Status
from chat.turns.errors import ReplyInProgress
from chat.turns.start import show_reply
from tests.chat.asking import EVENT_STREAM, events_of, make_chat, text_of, used
from tests.concurrently import at_once

pytestmark = pytest.mark.usefixtures("upstream")


def test_regenerate(as_alice, alice, upstream):
    chat = make_chat(alice, "[[say: Another]]", "First")
    response = as_alice.post(f"/chat/{chat.pk}/replies", {"temperature": 1.2})
    assert response.status_code == 201
    body = response.json()
    assert body["id"] == chat.pk
    assert body["chat_reply"]["content"] == "Another"
    assert upstream.requests()[0]["temperature"] == 1.2
    assert used(alice) == 1
    assert response["RateLimit"].startswith('"daily";r=4;')


def test_all_replies_newest_first(as_alice, alice):
    chat = make_chat(alice, "[[say: Another]]", "First")
    as_alice.post(f"/chat/{chat.pk}/replies", {})
    body = as_alice.get(f"/chat/{chat.pk}/replies").json()
    assert body["count"] == 2
    assert [reply["content"] for reply in body["results"]] == ["Another", "First"]
    assert body["results"][0] == as_alice.get(f"/chat/{chat.pk}").json()["chat_reply"]


def test_regenerate_sends_what_went_before(as_alice, alice, upstream):
    first = make_chat(alice, "One", "Answer one")
    second = make_chat(alice, "Two", "Answer two", conversation=first.conversation, parent=first)
    make_chat(alice, "Three", "Answer three", conversation=first.conversation, parent=second)
    as_alice.post(f"/chat/{second.pk}/replies", {})
    texts = [message["content"] for message in upstream.requests()[0]["messages"][1:]]
    assert texts == ["One", "Answer one", "Two"]


def answered_twice(client, user):
    chat = make_chat(user, "[[say: Another]]", "First")
    client.post(f"/chat/{chat.pk}/replies", {})
    second, first = Reply.objects.filter(chat=chat)
    return chat, first, second


def test_what_follows_goes_on_from_the_reply_that_is_chosen(as_alice, alice, upstream):
    chat, first, _ = answered_twice(as_alice, alice)
    body = as_alice.patch(f"/chat/{chat.pk}", {"chat_reply": first.pk}).json()
    assert body == as_alice.get(f"/chat/{chat.pk}").json()
    assert body["chat_reply"]["content"] == "First"
    assert body["updated_at"] > body["created_at"]
    upstream.clear()
    as_alice.post("/chat", {"content": "Go on", "parent": chat.pk})
    texts = [message["content"] for message in upstream.requests()[0]["messages"][1:]]
    assert texts == ["[[say: Another]]", "First", "Go on"]


def test_to_choose_a_reply_costs_nothing(as_alice, alice, settings, django_assert_num_queries):
    chat, first, second = answered_twice(as_alice, alice)
    settings.DAILY_CHAT_LIMIT = 1
    for chosen in (first, second):
        # user; chat, reply; begin, lock, answers in progress, the change, commit; chat with reply,
        # citations; allowance
        with django_assert_num_queries(11):
            response = as_alice.patch(f"/chat/{chat.pk}", {"chat_reply": chosen.pk})
        assert response.status_code == 200
        assert response["RateLimit"].startswith('"daily";r=0;')
        assert response.json()["chat_reply"]["id"] == chosen.pk
    assert used(alice) == 1


def test_to_choose_what_is_shown_changes_nothing(as_alice, alice):
    chat, _, second = answered_twice(as_alice, alice)
    before = as_alice.get(f"/chat/{chat.pk}").json()
    assert as_alice.patch(f"/chat/{chat.pk}", {"chat_reply": second.pk}).json() == before


@pytest.mark.parametrize(
    "given", [{}, {"chat_reply": None}, {"chat_reply": "x"}, {"chat_reply": 0}]
)
def test_no_reply_is_chosen(as_alice, alice, given):
    response = as_alice.patch(f"/chat/{make_chat(alice).pk}", given)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "chat_reply"


def test_a_reply_to_another_chat_cannot_be_chosen(as_alice, alice, bob):
    chat = make_chat(alice)
    for other in (make_chat(alice), make_chat(bob)):
        response = as_alice.patch(f"/chat/{chat.pk}", {"chat_reply": other.chat_reply_id})
        assert response.status_code == 400
        assert response.json()["errors"][0]["code"] == "does_not_exist"


def test_only_its_owner_chooses(as_alice, as_bob, alice):
    chat, first, second = answered_twice(as_alice, alice)
    assert as_bob.patch(f"/chat/{chat.pk}", {"chat_reply": first.pk}).status_code == 404
    chat.refresh_from_db()
    assert chat.chat_reply_id == second.pk


def test_none_is_chosen_while_one_is_written(as_alice, alice):
    chat, first, second = answered_twice(as_alice, alice)
    Reply.objects.filter(pk=second.pk).update(status=Status.STREAMING)
    response = as_alice.patch(f"/chat/{chat.pk}", {"chat_reply": first.pk})
    assert (response.status_code, response.json()["code"]) == (409, "reply_in_progress")


def test_none_is_chosen_where_one_was_begun_meanwhile(as_alice, alice):
    chat, first, second = answered_twice(as_alice, alice)
    seen = Chat.objects.select_related("chat_reply").get(pk=chat.pk)
    as_alice.post(f"/chat/{chat.pk}/replies", {})
    with pytest.raises(ReplyInProgress):
        show_reply(chat=seen, reply=first)
    chat.refresh_from_db()
    assert chat.chat_reply_id not in {first.pk, second.pk}


@pytest.mark.django_db(transaction=True)
def test_regenerate_streaming(as_alice, alice):
    chat = make_chat(alice, "[[say: Another]]", "First")
    path = f"/chat/{chat.pk}/replies"
    response = as_alice.post(path, {}, headers={"Accept": EVENT_STREAM})
    events = events_of(response)
    assert text_of(events) == "Another"
    assert events[-1].data["chat"]["chat_reply"]["content"] == "Another"


def test_regenerate_needs_a_unit(as_alice, alice, settings):
    settings.DAILY_CHAT_LIMIT = 0
    chat = make_chat(alice)
    assert as_alice.post(f"/chat/{chat.pk}/replies", {}).status_code == 429
    assert Reply.objects.count() == 1


def test_failed_attempt_is_shown_and_given_back(as_alice, alice):
    chat = make_chat(alice, "[[fault: 500]]", "First")
    response = as_alice.post(f"/chat/{chat.pk}/replies", {})
    assert response.status_code == 502
    assert response.json()["chat"]["chat_reply"]["status"] == "failed"
    assert used(alice) == 0
    assert as_alice.get(f"/chat/{chat.pk}/replies").json()["count"] == 2


def test_not_while_one_is_written(as_alice, alice):
    chat = make_chat(alice, reply={"status": Status.STREAMING})
    response = as_alice.post(f"/chat/{chat.pk}/replies", {})
    assert response.status_code == 409
    assert response.json()["code"] == "reply_in_progress"
    assert used(alice) == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(alice, client_for, upstream):
    chat = make_chat(alice, "Hello [[slow: 0.2]]")
    clients = [client_for(alice) for _ in range(2)]
    answers = at_once(*[partial(one.post, f"/chat/{chat.pk}/replies", {}) for one in clients])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(upstream.requests()) == 1
    assert used(alice) == 1


@pytest.mark.parametrize("body", [{"temperature": 3}, {"model": "x"}, {"max_tokens": 0}])
def test_bad_options(as_alice, alice, body):
    chat = make_chat(alice)
    response = as_alice.post(f"/chat/{chat.pk}/replies", body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == next(iter(body))


def test_of_another(as_bob, alice):
    chat = make_chat(alice)
    assert as_bob.get(f"/chat/{chat.pk}/replies").status_code == 404
    assert as_bob.post(f"/chat/{chat.pk}/replies", {}).status_code == 404
