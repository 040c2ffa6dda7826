"""Limits and models of plans where questions are asked: exact while staff change them, and without
another statement.
"""

from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.plans.models import Plan
from accounts.plans.upkeep import refresh
from chat.models import DailyUsage
from chat.turns import quota
from chat.turns.errors import QuotaExhausted
from tests.accounts.conftest import Browser
from tests.concurrently import at_once
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def teachers(db) -> Group:
    made = Group.objects.create(name="Teachers")
    Plan.objects.create(group=made, daily_limit=2)
    return made


@pytest.fixture(autouse=True)
def _models(settings):
    settings.OPENAI_BASE_URL = ""
    settings.CHAT_MODELS, settings.DEFAULT_MODEL = ["board", "best"], "board"
    settings.PLAN_MODELS = ["best"]


def take(user: User) -> bool:
    try:
        quota.reserve(user=user)
    except QuotaExhausted:
        return False
    return True


def test_the_plan_s_limit_is_the_ledger_s(alice, teachers):
    alice.groups.add(teachers)
    assert [take(alice) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(("changed_to", "taken"), [(0, 0), (1, 1), (4, 4)])
def test_a_limit_changed_after_the_request_began(alice, teachers, changed_to, taken):
    alice.groups.add(teachers)
    began = User.objects.get(pk=alice.pk)
    teachers.plan.daily_limit = changed_to
    teachers.plan.save()
    assert [take(began) for _ in range(5)].count(True) == taken
    assert began.plan_daily_limit == changed_to, "the refusal shows the new one"


def test_an_own_limit_changed_after_the_request_began(alice):
    began = User.objects.get(pk=alice.pk)
    User.objects.filter(pk=alice.pk).update(daily_limit=1)
    assert [take(began) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("limit", [3, 9])
def test_asking_while_staff_change_the_limit(alice, teachers, limit, settings):
    settings.MAX_STREAMS_PER_USER = 100
    alice.groups.add(teachers)

    def change() -> bool:
        Plan.objects.update(daily_limit=limit)
        return False

    taken = at_once(*[partial(take, User.objects.get(pk=alice.pk)) for _ in range(7)], change)
    used = DailyUsage.objects.get(user=alice).used
    assert used == taken.count(True) <= limit
    alice.refresh_from_db()
    while take(alice):
        used += 1
    assert used == limit


def test_changes_of_plan_and_membership_at_once(alice):
    made = [Group.objects.create(name=f"Group {n}") for n in range(4)]
    plans = [Plan.objects.create(group=one, daily_limit=1) for one in made]

    def raise_limit(plan: Plan, number: int) -> None:
        plan.daily_limit = 10 + number
        plan.save()

    for _ in range(3):
        alice.groups.clear()
        joins = [partial(User.objects.get(pk=alice.pk).groups.add, one) for one in made]
        raises = [partial(raise_limit, plan, n) for n, plan in enumerate(plans)]
        at_once(*joins, *raises)
        alice.refresh_from_db()
        assert alice.plan_daily_limit == 13


def test_a_refresh_locks_the_users_before_it_reads_their_plans(alice, teachers):
    """Else the last of two refreshes may have read the older plans."""
    with CaptureQueriesContext(connection) as found:
        refresh([alice.pk])
    read = [one["sql"] for one in found if one["sql"].startswith("SELECT")]
    assert ["accounts_user_groups" in sql for sql in read] == [False, True]


# --- Models --------------------------------------------------------------------------------------


def ids(client) -> list[str]:
    return [one["id"] for one in client.get("/models").json()["results"]]


def test_a_model_of_a_plan(alice, bob, teachers, client_for):
    teachers.plan.models = ["best"]
    teachers.plan.save()
    alice.groups.add(teachers)
    as_alice, as_bob = client_for(alice), client_for(bob)
    assert (ids(as_alice), ids(as_bob)) == (["board", "best"], ["board"])
    body = {"content": "A question", "model": "best"}
    for path in ("/chat", "/chat/stream"):
        response = as_bob.post(path, body)
        assert (response.status_code, response.json()["code"]) == (403, "model_not_allowed")
    assert not DailyUsage.objects.exists()
    alice.groups.clear()
    assert ids(as_alice) == ["board"]
    assert as_alice.post("/chat", body).status_code == 403


def test_another_reply_by_a_model_of_a_plan(alice, client_for, settings):
    client = client_for(alice)
    chat = client.post("/chat", {"content": "A question"}).json()["id"]
    response = client.post(f"/chat/{chat}/replies", {"model": "best"})
    assert (response.status_code, response.json()["code"]) == (403, "model_not_allowed")


# --- Statements ----------------------------------------------------------------------------------


def statements(client, method: str, path: str, body=None) -> int:
    with CaptureQueriesContext(connection) as queries:
        if isinstance(client, APIClient):
            response = getattr(client, method)(path, body)
        else:
            response = client.send(method.upper(), path, body)
    assert response.status_code < 300, response.content
    return len(queries)


@pytest.mark.parametrize("door", ["token", "session"])
@pytest.mark.parametrize(
    ("method", "path"), [("get", "/chat"), ("get", "/models"), ("get", "/accounts/profile")]
)
def test_a_plan_costs_no_statement(teachers, client_for, door, method, path):
    counts = []
    for name in ("without", "within"):
        user = make_user(name)
        if name == "within":
            user.groups.add(teachers)
        client = client_for(user) if door == "token" else Browser()
        if door == "session":
            client.force_login(user)
        statements(client, method, path)
        counts.append(statements(client, method, path))
    assert counts[0] == counts[1]


def test_reading_models_is_one_statement_with_a_token(alice, client_for):
    assert statements(client_for(alice), "get", "/models") == 1


def test_taking_a_unit_is_one_statement(alice, teachers):
    alice.groups.add(teachers)
    alice.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        quota.reserve(user=alice)
    assert len(queries) == 1
