"""Pinned conversations: first in lists, and a bounded number of them."""

from functools import partial

import pytest
from django.db import connection

from chat.models import Conversation
from chat.turns.concurrency import MOST_PINNED
from tests.chat.asking import make_chat
from tests.concurrently import at_once
from tests.paging import rows_of_all_pages
from tests.planner import gather_statistics, plans_of

pytestmark = pytest.mark.django_db


def conversations(user, count: int, *, pinned: bool = False) -> list[Conversation]:
    return [Conversation.objects.create(user=user, pinned=pinned) for _ in range(count)]


def path(conversation: Conversation) -> str:
    return f"/conversations/{conversation.pk}"


def test_pinned_ones_are_first_and_each_is_once_in_all_pages(as_alice, alice, bob):
    rows = conversations(alice, 13)
    conversations(bob, 3, pinned=True)
    for row in rows[1:8:3]:
        body = as_alice.patch(path(row), {"pinned": True}).json()
        assert body["pinned"] is True
    met = rows_of_all_pages(as_alice, "/conversations?per_page=5")
    pinned = [rows[7], rows[4], rows[1]]
    others = [row for row in rows[::-1] if row not in pinned]
    assert [row["id"] for row in met] == [row.pk for row in (*pinned, *others)]
    assert [row["pinned"] for row in met] == [True] * 3 + [False] * 10


def test_a_pin_leaves_the_time_of_the_last_question_and_is_taken_back(as_alice, alice):
    row = make_chat(alice).conversation
    for pinned in (True, True, False, False):
        body = as_alice.patch(path(row), {"pinned": pinned}).json()
        assert body["pinned"] is pinned
    before = row.updated_at
    row.refresh_from_db()
    assert row.updated_at == before


def test_a_new_one_may_be_pinned(as_alice):
    assert as_alice.post("/conversations", {"pinned": True}).json()["pinned"] is True


def test_as_many_as_there_may_be(as_alice, as_bob, alice, bob):
    pinned = conversations(alice, MOST_PINNED, pinned=True)
    [one_more] = conversations(alice, 1)
    for response in (
        as_alice.patch(path(one_more), {"pinned": True}),
        as_alice.put(path(one_more), {"pinned": True, "title": "New"}),
        as_alice.post("/conversations", {"pinned": True}),
    ):
        assert response.status_code == 409
        body = response.json()
        assert body["code"] == "limit_reached"
        assert body["limit"] == {"name": "pinned_conversations", "value": 20}
        assert body["detail"] == (
            "You have pinned as many conversations as allowed. Unpin one first."
        )
    one_more.refresh_from_db()
    assert (one_more.pinned, one_more.title) == (False, "")
    korean = as_alice.patch(path(one_more), {"pinned": True}, HTTP_ACCEPT_LANGUAGE="ko").json()
    assert "고정" in korean["detail"]
    assert Conversation.objects.owned_by(alice).count() == MOST_PINNED + 1
    # A pinned one may be pinned again, and another when one is free.
    assert as_alice.patch(path(pinned[0]), {"pinned": True}).status_code == 200
    assert as_alice.patch(path(pinned[0]), {"pinned": False}).status_code == 200
    assert as_alice.patch(path(one_more), {"pinned": True}).status_code == 200
    [of_bob] = conversations(bob, 1)
    assert as_bob.patch(path(of_bob), {"pinned": True}).status_code == 200


@pytest.mark.parametrize("value", ["perhaps", None, 3])
def test_bad_values(as_alice, alice, value):
    [row] = conversations(alice, 1)
    response = as_alice.patch(path(row), {"pinned": value})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["pinned"]


@pytest.mark.django_db(transaction=True)
def test_pins_at_once_do_not_exceed_the_bound(alice, client_for):
    conversations(alice, MOST_PINNED - 1, pinned=True)
    free = conversations(alice, 4)
    pin = {"pinned": True}
    answers = at_once(*[partial(client_for(alice).patch, path(row), pin) for row in free])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert Conversation.objects.owned_by(alice).filter(pinned=True).count() == MOST_PINNED


@pytest.mark.postgres
def test_a_page_of_a_large_list_is_read_in_its_order(as_alice, alice, bob):
    if connection.vendor != "postgresql":
        pytest.skip("reads PostgreSQL's plan")
    for user in (alice, bob):
        Conversation.objects.bulk_create(
            [Conversation(user=user, pinned=n % 50 == 0) for n in range(1000)]
        )
    gather_statistics(Conversation)
    plans = plans_of(as_alice.get, "/conversations?page=3&per_page=50")
    [page] = [plan for plan in plans if "LIMIT" in plan or plan.startswith("Limit")]
    assert "conversation_in_order" in page
    assert "Sort" not in page
