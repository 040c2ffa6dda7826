"""GET and DELETE /chat."""

import pytest
from django.db import connection

from chat.models import Chat, Citation, Conversation, Reply
from tests.chat.asking import make_chat
from tests.factories import make_quote
from tests.paging import rows_of_all_pages
from tests.planner import gather_statistics

pytestmark = pytest.mark.django_db


def test_newest_first_with_links(as_alice, alice):
    chats = [make_chat(alice, f"Question {n}") for n in range(12)]
    response = as_alice.get("/chat", {"page": 2, "per_page": 5})
    body = response.json()
    assert [chat["id"] for chat in body["results"]] == [c.pk for c in chats[::-1][5:10]]
    assert body["results"][0] == as_alice.get(f"/chat/{chats[6].pk}").json()
    del body["results"]
    here = "http://testserver/chat?page="
    links = {"first": 1, "prev": 1, "next": 3, "last": 3}
    assert body == {
        "count": 12,
        "page": 2,
        "per_page": 5,
        "links": [
            {"rel": rel, "href": f"{here}{number}&per_page=5", "method": "GET"}
            for rel, number in links.items()
        ],
    }
    assert response["Link"] == ", ".join(
        f'<{here}{number}&per_page=5>; rel="{rel}"' for rel, number in links.items()
    )
    assert response["RateLimit"].startswith('"daily";r=5;')


def test_empty(as_alice):
    body = as_alice.get("/chat").json()
    assert (body["count"], body["results"]) == (0, [])
    assert [entry["rel"] for entry in body["links"]] == ["first", "last"]


def test_only_ones_own(as_alice, as_staff, bob):
    make_chat(bob)
    assert as_alice.get("/chat").json()["count"] == 0
    assert as_staff.get("/chat").json()["count"] == 0


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("silence", ["About Silence", "Other"]),
        ("SILENCE rest", ["Other"]),
        ("침묵", ["침묵에 대하여"]),
        ("100%", ["100% sure"]),
        ("_", []),
        ("nothing of it", []),
        ("", ["Other", "100% sure", "침묵에 대하여", "About Silence"]),
    ],
)
def test_search(as_alice, alice, q, found):
    make_chat(alice, "About Silence", "x")
    make_chat(alice, "침묵에 대하여", "x")
    make_chat(alice, "100% sure", "x")
    make_chat(alice, "Other", "The rest is silence")
    results = as_alice.get("/chat", {"q": q}).json()["results"]
    assert {chat["content"] for chat in results} == set(found)


def test_search_stays_in_the_links(as_alice, alice):
    for _ in range(6):
        make_chat(alice, "a b&c")
    body = as_alice.get("/chat", {"q": "b&c", "per_page": 5}).json()
    following = next(entry["href"] for entry in body["links"] if entry["rel"] == "next")
    assert following == "http://testserver/chat?q=b%26c&page=2&per_page=5"
    assert as_alice.get(following).json()["count"] == 6


def test_one_conversation(as_alice, alice):
    mine = make_chat(alice)
    make_chat(alice)
    results = as_alice.get("/chat", {"conversation": mine.conversation_id}).json()["results"]
    assert [chat["id"] for chat in results] == [mine.pk]


@pytest.mark.parametrize(
    "query", [{"conversation": "x"}, {"conversation": 0}, {"q": "x" * 201}, {"per_page": 4}]
)
def test_bad_query(as_alice, query):
    response = as_alice.get("/chat", query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == next(iter(query))


def test_pages_have_each_once(as_alice, alice):
    made = [make_chat(alice).pk for _ in range(23)]
    Chat.objects.update(created_at=Chat.objects.first().created_at)  # ties are ordered by id
    met = rows_of_all_pages(as_alice, "/chat?per_page=5")
    assert [chat["id"] for chat in met] == made[::-1]


def test_statements_do_not_grow_with_the_page(as_alice, alice, bob, django_assert_num_queries):
    quote = make_quote(bob, is_apply=True)
    for _ in range(30):
        chat = make_chat(alice)
        Citation.objects.create(
            reply=chat.chat_reply, quote=quote, text="x", start=0, end=1, verdict="verbatim"
        )
    for size in (5, 30):
        with django_assert_num_queries(5):  # user, count, chats, citations, allowance
            as_alice.get("/chat", {"per_page": size})


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (Chat.objects.order_by("-created_at", "-id"), "chat_by_owner"),
        (Conversation.objects.in_order(), "conversation_in_order"),
    ],
)
def test_index_serves_the_list(alice, bob, rows, index):
    if connection.vendor != "postgresql":
        pytest.skip("reads PostgreSQL's plan")
    for user in (alice, bob):
        conversations = Conversation.objects.bulk_create(
            [Conversation(user=user, title="x") for _ in range(500)]
        )
        Chat.objects.bulk_create(
            [Chat(user=user, conversation=conversations[0], content="x") for _ in range(500)]
        )
    gather_statistics(rows.model)
    plan = rows.owned_by(alice)[:10].explain()
    assert index in plan
    assert "Sort" not in plan


@pytest.mark.postgres
def test_index_serves_the_replies_of_a_chat(alice):
    if connection.vendor != "postgresql":
        pytest.skip("reads PostgreSQL's plan")
    chats = [make_chat(alice) for _ in range(3)]
    Reply.objects.bulk_create(
        [Reply(user=alice, chat=chats[n % 2], model="x", content="x") for n in range(1000)]
    )
    gather_statistics(Reply)
    assert "Seq Scan" not in Reply.objects.filter(chat=chats[2]).explain()


def test_clear(as_alice, alice, bob):
    make_chat(alice)
    make_chat(alice)
    theirs = make_chat(bob)
    response = as_alice.delete("/chat")
    assert response.status_code == 204
    assert response["RateLimit"]
    assert list(Chat.objects.all()) == [theirs]
    assert list(Conversation.objects.all()) == [theirs.conversation]
    assert as_alice.delete("/chat").status_code == 204


def test_clearing_takes_everything_that_hangs_on_it(as_alice, alice, bob):
    chat = make_chat(alice)
    Citation.objects.create(
        reply=chat.chat_reply, quote=make_quote(bob), text="x", start=0, end=1, verdict="verbatim"
    )
    make_chat(alice, conversation=chat.conversation, parent=chat)
    as_alice.delete("/chat")
    assert not Reply.objects.exists()
    assert not Citation.objects.exists()
