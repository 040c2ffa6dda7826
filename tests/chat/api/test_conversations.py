"""/conversations, /conversations/{id} and /models."""

import re
from functools import partial

import pytest

from chat.models import Chat, Conversation
from tests.chat.asking import ask, make_chat
from tests.concurrently import at_once
from tests.paging import rows_of_all_pages

pytestmark = pytest.mark.django_db


def test_start_and_read(as_alice):
    response = as_alice.post("/conversations", {"title": "Hamlet", "system_prompt": "Be brief."})
    assert response.status_code == 201
    row = Conversation.objects.get()
    here = f"http://testserver/conversations/{row.pk}"
    body = response.json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+09:00", body.pop("created_at"))
    assert body.pop("updated_at")
    assert body == {
        "id": row.pk,
        "title": "Hamlet",
        "title_by": "user",
        "system_prompt": "Be brief.",
        "model": "",
        "pinned": False,
        "temporary": False,
        "links": [
            {"rel": "self", "href": here, "method": "GET"},
            {"rel": "update", "href": here, "method": "PATCH"},
            {"rel": "delete", "href": here, "method": "DELETE"},
            {
                "rel": "chats",
                "href": f"http://testserver/chat?conversation={row.pk}",
                "method": "GET",
            },
            {"rel": "statistics", "href": f"{here}/statistics", "method": "GET"},
        ],
    }
    one = as_alice.get(here).json()
    assert (one["chat_count"], one["chats"]) == (0, [])


def test_start_without_anything(as_alice):
    response = as_alice.post("/conversations", {})
    assert response.status_code == 201
    assert response.json()["title"] == ""


def test_one_with_its_newest_chats_oldest_first(as_alice, alice, django_assert_num_queries):
    first = make_chat(alice, "Question 0")
    for number in range(1, 55):
        make_chat(alice, f"Question {number}", conversation=first.conversation)
    with django_assert_num_queries(6):  # user, it, chats, citations, count, allowance
        body = as_alice.get(f"/conversations/{first.conversation_id}").json()
    assert body["chat_count"] == 55
    assert [chat["content"] for chat in body["chats"]] == [f"Question {n}" for n in range(5, 55)]


def test_rename(as_alice, alice):
    conversation = make_chat(alice).conversation
    path = f"/conversations/{conversation.pk}"
    assert as_alice.patch(path, {"title": "New"}).json()["title"] == "New"
    assert as_alice.put(path, {"system_prompt": "Be brief."}).status_code == 200
    conversation.refresh_from_db()
    assert (conversation.title, conversation.system_prompt) == ("New", "Be brief.")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"title": "x" * 201}, "title", "max_length"),
        ({"title": None}, "title", "null"),
        ({"system_prompt": "x" * 8001}, "system_prompt", "max_length"),
    ],
)
def test_bad_input(as_alice, alice, body, field, code):
    conversation = make_chat(alice).conversation
    for response in (
        as_alice.post("/conversations", body),
        as_alice.patch(f"/conversations/{conversation.pk}", body),
    ):
        assert response.status_code == 400
        assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [(field, code)]


def test_owner_is_not_writable(as_alice, alice, bob):
    as_alice.post("/conversations", {"title": "Mine", "user": bob.pk})
    assert Conversation.objects.get().user == alice


def test_delete_takes_its_chats(as_alice, alice):
    mine, other = make_chat(alice), make_chat(alice)
    assert as_alice.delete(f"/conversations/{mine.conversation_id}").status_code == 204
    assert list(Chat.objects.all()) == [other]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_of_another(as_bob, as_staff, alice, method):
    conversation = make_chat(alice).conversation
    for client in (as_bob, as_staff):
        path = f"/conversations/{conversation.pk}"
        assert getattr(client, method)(path).status_code == 404
    conversation.refresh_from_db()


def test_pages_have_each_once(as_alice, alice, bob):
    rows = [Conversation.objects.create(user=alice, title=str(n)) for n in range(13)]
    Conversation.objects.create(user=bob)
    met = rows_of_all_pages(as_alice, "/conversations?per_page=5")
    assert [row["id"] for row in met] == [row.pk for row in rows[::-1]]


def test_the_last_active_is_first(as_alice, alice, settings):
    settings.DEFAULT_MODEL = "board"
    first, second = (make_chat(alice, f"Question {n}") for n in (1, 2))

    def order():
        return [row["id"] for row in as_alice.get("/conversations").json()["results"]]

    assert order() == [second.conversation_id, first.conversation_id]
    assert ask(as_alice, conversation=first.conversation_id).status_code == 201
    assert order() == [first.conversation_id, second.conversation_id]
    assert as_alice.post(f"/chat/{second.pk}/replies").status_code == 201  # answered again
    assert order() == [second.conversation_id, first.conversation_id]
    as_alice.patch(f"/conversations/{first.conversation_id}", {"title": "A new title"})
    assert order() == [second.conversation_id, first.conversation_id]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("rain", ["Rain, again", "비와 RAIN"]),
        ("비와 rain", ["비와 RAIN"]),
        ("비와 snow", []),
        ("STRASSE", ["Straße"]),
        (" ", ["Straße", "Rain, again", "비와 RAIN"]),
    ],
)
def test_titles_are_searched(as_alice, alice, bob, q, found):
    for title in ["비와 RAIN", "Rain, again", "Straße"]:
        Conversation.objects.create(user=alice, title=title)
    Conversation.objects.create(user=bob, title="Rain")
    body = as_alice.get("/conversations", {"q": q, "per_page": 5}).json()
    assert [row["title"] for row in body["results"]] == found
    assert body["count"] == len(found)


def test_a_search_that_is_too_long_is_refused(as_alice):
    assert as_alice.get("/conversations", {"q": "x" * 201}).status_code == 400


def test_statements_do_not_grow_with_the_page(as_alice, alice, django_assert_num_queries):
    for _ in range(30):
        Conversation.objects.create(user=alice)
    for size in (5, 30):
        with django_assert_num_queries(4):  # user, count, rows, allowance
            as_alice.get("/conversations", {"per_page": size})


def test_models(as_alice, settings):
    settings.CHAT_MODELS, settings.DEFAULT_MODEL = ["small", "large", "board"], "large"
    assert as_alice.get("/models").json() == {
        "results": [
            {"id": "small", "default": False, "takes": ["text"]},
            {"id": "large", "default": True, "takes": ["text"]},
            {"id": "board", "default": False, "takes": []},
        ],
        "titles": False,
        "follow_ups": False,
    }


def test_models_need_a_sign_in(anonymous):
    assert anonymous.get("/models").status_code == 401


def test_as_many_as_may_be_kept(as_alice, alice, as_bob, upstream, settings):
    settings.MAX_CONVERSATIONS = 2
    codes = [as_alice.post("/conversations", {"title": "A"}).status_code for _ in range(2)]
    response = as_alice.post("/conversations", {"title": "A"})
    assert codes == [201, 201]
    assert response.status_code == 409
    body = response.json()
    assert (body["code"], body["limit"]) == (
        "limit_reached",
        {"name": "conversations", "value": 2},
    )
    assert body["detail"] == (
        "Your account has as many of these as it may have. Delete some first."
    )
    assert Conversation.objects.filter(user=alice).count() == 2
    assert as_bob.post("/conversations", {"title": "A"}).status_code == 201
    assert (
        as_alice.post("/chat", {"content": "A question begins one all the same"}).status_code == 201
    )
    Conversation.objects.filter(user=alice).first().delete()
    assert as_alice.post("/conversations", {"title": "A"}).status_code == 409
    Conversation.objects.filter(user=alice).first().delete()
    assert as_alice.post("/conversations", {"title": "A"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_at_once_no_more_than_may_be_kept(alice, client_for, settings):
    settings.MAX_CONVERSATIONS = 3
    clients = [client_for(alice) for _ in range(12)]
    answers = at_once(*[partial(one.post, "/conversations", {"title": "A"}) for one in clients])
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 9
    assert Conversation.objects.count() == 3
