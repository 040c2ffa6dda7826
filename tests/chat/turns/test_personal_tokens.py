"""Questions with personal tokens: one allowance for all ways, exact counts, and revoking."""

import time
from datetime import UTC, datetime
from itertools import cycle, islice

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.personal_tokens import usage
from accounts.personal_tokens.models import PersonalToken
from accounts.tokens import issue
from chat.live.registry import registry
from chat.models import Reply, Status
from chat.turns import quota, recover, store_start
from config.api.scopes import Scope
from tests.chat.asking import ask, begin_turn, used
from tests.concurrently import at_once
from tests.factories import client_with, make_personal_token
from tests.ledger import assert_ledger_is_exact

ASKED = {"content": "Hello"}
URL = "/accounts/tokens"

transactional = pytest.mark.django_db(transaction=True)
asks = pytest.mark.usefixtures("upstream")


def by_session(user) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def by_jwt(user) -> APIClient:
    return client_with(issue(user)["access"])


def by_token(user) -> APIClient:
    return client_with(make_personal_token(user)[1])


def counts() -> list[tuple[int, int]]:
    """Units of each token: today, and in all."""
    return [(token.todays_use, token.used) for token in PersonalToken.objects.order_by("pk")]


@transactional
@asks
@pytest.mark.parametrize("limit", [5, 7])
def test_all_ways_at_once_take_exactly_the_allowance(alice, settings, limit):
    settings.DAILY_CHAT_LIMIT, settings.MAX_STREAMS_PER_USER = limit, 100
    clients = [make(alice) for make in (by_session, by_jwt, by_token, by_token)]
    calls = [
        lambda client=client, n=n: ask(client, f"Question {n}").status_code
        for n, client in enumerate(islice(cycle(clients), 16))
    ]
    statuses = at_once(*calls)
    assert sorted(statuses) == [201] * limit + [429] * (16 - limit)
    assert used(alice) == limit
    assert_ledger_is_exact()
    by_way = [statuses[n::4].count(201) for n in range(4)]
    assert counts() == [(by_way[2], by_way[2]), (by_way[3], by_way[3])]


@transactional
@asks
def test_a_spent_allowance_is_spent_for_every_way(alice, settings):
    settings.DAILY_CHAT_LIMIT = 1
    assert ask(by_token(alice)).status_code == 201
    for make in (by_session, by_jwt, by_token):
        refused = ask(make(alice))
        assert (refused.status_code, refused.json()["code"]) == (429, "quota_exhausted")
        assert refused["RateLimit"].startswith('"daily";r=0')
    assert counts() == [(1, 1), (0, 0)]


@transactional
@asks
@pytest.mark.parametrize("path", ["/chat", "/chat/stream", "replies"])
@pytest.mark.parametrize("site", [0, 50])
def test_each_way_to_ask_counts_for_its_token(alice, settings, path, site):
    settings.SITE_DAILY_LIMIT = site
    token, raw = make_personal_token(alice)
    client = client_with(raw)
    if path == "replies":
        path = f"/chat/{ask(by_jwt(alice)).json()['id']}/replies"
    assert client.post(path, ASKED).status_code in {201, 202}
    assert counts() == [(1, 1)]
    reply = Reply.objects.latest("pk")
    assert reply.personal_token_id == token.pk
    settle()
    assert_ledger_is_exact()


def settle() -> None:
    end = time.monotonic() + 30
    while Reply.objects.filter(status=Status.STREAMING).exists() and time.monotonic() < end:
        time.sleep(0.01)


@transactional
@asks
def test_a_retry_with_the_same_key_counts_once(alice):
    client = by_token(alice)
    for _ in range(2):
        assert ask(client, headers={"Idempotency-Key": "one"}).status_code == 201
    assert counts() == [(1, 1)]
    assert_ledger_is_exact()


@transactional
@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize("fault", ["500", "close"])
def test_a_unit_that_is_given_back_is_not_counted(alice, upstream_options, fault):
    upstream_options(retries=0)
    client = by_token(alice)
    assert ask(client, f"[[fault: {fault}]]").status_code >= 500
    assert counts() == [(0, 0)]
    assert ask(client).status_code == 201
    assert counts() == [(1, 1)]
    assert_ledger_is_exact()


def begin_and_lose_turn(user: User) -> None:
    """As by a process that died then."""
    registry.close(begin_turn(user).reply.stream_id)


@transactional
def test_a_lost_answer_is_counted_no_more(alice):
    token, _raw = make_personal_token(alice)
    alice.personal_token_id = token.pk
    begin_and_lose_turn(alice)
    assert counts() == [(1, 1)]
    recover.reap(silent_for=-(recover.LOST_AFTER))
    assert counts() == [(0, 0)]
    assert_ledger_is_exact()


@transactional
def test_the_day_of_a_token_ends_at_local_midnight(alice, time_machine):
    token, _raw = make_personal_token(alice)
    alice.personal_token_id = token.pk
    time_machine.move_to(datetime(2026, 3, 1, 14, 59, 59, tzinfo=UTC), tick=False)
    for _ in range(2):
        day = quota.reserve(user=alice).day
    assert counts() == [(2, 2)]
    time_machine.move_to(datetime(2026, 3, 1, 15, tzinfo=UTC), tick=False)
    assert counts() == [(0, 2)]
    quota.reserve(user=alice)
    assert counts() == [(1, 3)]
    quota.give_back(user_id=alice.pk, day=day, personal_token_id=token.pk)
    assert counts() == [(1, 2)]  # that was yesterday's


@transactional
def test_asking_is_a_use(alice, time_machine):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    token, _raw = make_personal_token(alice, last_used_at=None)
    alice.personal_token_id = token.pk
    quota.reserve(user=alice)
    token.refresh_from_db()
    assert token.last_used_at == now


@transactional
@asks
def test_a_question_costs_no_statement_more_on_postgresql(alice):
    """On SQLite, where a statement is a function call, it costs one in the transaction."""
    counted = []
    for make in (by_jwt, by_token):
        client = make(alice)
        ask(client)
        with CaptureQueriesContext(connection) as statements:
            assert ask(client).status_code == 201
        counted.append(len(statements))
    without, with_token = counted
    assert with_token == without + (connection.vendor == "sqlite")


# --- Revoking -----------------------------------------------------------------------------------


@transactional
@pytest.mark.parametrize("site", [0, 50])
def test_a_token_that_was_revoked_after_the_authentication_takes_nothing(
    alice, settings, site, monkeypatch
):
    """Between the two, another request revokes it."""
    settings.SITE_DAILY_LIMIT = site
    token, raw = make_personal_token(alice)
    client, owner = client_with(raw), by_jwt(alice)
    store = store_start.store_turn

    def revoked_before(*given, **named):
        assert owner.delete(f"{URL}/{token.pk}").status_code == 204
        return store(*given, **named)

    monkeypatch.setattr("chat.turns.start.store_turn", revoked_before)
    refused = ask(client)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_not_valid")
    assert used(alice) == 0
    assert not Reply.objects.exists()


@transactional
@asks
def test_questions_and_revoking_at_once(alice, settings):
    """A question is stored before the token is revoked, or not at all."""
    settings.DAILY_CHAT_LIMIT = settings.MAX_STREAMS_PER_USER = 100
    for _ in range(5):
        token, raw = make_personal_token(alice)
        client, owner = client_with(raw), by_jwt(alice)
        stored: list[int] = []

        def revoke(token=token, owner=owner, stored=stored) -> int:
            status = owner.delete(f"{URL}/{token.pk}").status_code
            stored.append(Reply.objects.filter(personal_token_id=token.pk).count())
            return int(status)

        def question(client=client) -> int:
            return int(ask(client).status_code)

        *asked, ended = at_once(*[question] * 4, revoke)
        assert ended == 204
        assert set(asked) <= {201, 401}
        # None came after.
        assert stored == [asked.count(201)]
        assert Reply.objects.filter(personal_token_id=token.pk).count() == asked.count(201)
    settle()
    assert_ledger_is_exact()


@transactional
def test_a_refund_to_a_revoked_token_goes_to_its_user(alice):
    token, _raw = make_personal_token(alice)
    alice.personal_token_id = token.pk
    begin_and_lose_turn(alice)
    token.delete()
    recover.reap(silent_for=-(recover.LOST_AFTER))
    assert used(alice) == 0
    assert_ledger_is_exact()


def test_the_condition_names_the_table(db):
    """It stands within statements that have other tables with an `id`."""
    assert not usage.is_there(1)
    assert PersonalToken._meta.db_table in usage.IS_THERE


@transactional
@asks
def test_a_token_without_the_scope_takes_nothing(alice):
    _token, raw = make_personal_token(alice, Scope.CHAT_READ, Scope.QUOTES_WRITE)
    refused = ask(client_with(raw))
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert "RateLimit" not in refused
    assert used(alice) == 0
