"""WRITES_PER_MINUTE: how it counts, and the refusal. Which routes it counts is in
tests/architecture/test_writes.py.
"""

from collections import Counter
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.tokens import issue
from chat.models import Conversation
from config.api.writes import TooManyWrites, count_write
from tests.accounts.conftest import Browser
from tests.concurrently import at_once
from tests.factories import make_user

BODY = {"title": "A title"}


@pytest.fixture(autouse=True)
def _one_minute():
    """Writes are counted by the minute of the clock: no test may see the next one begin."""
    with time_machine.travel("2026-03-01T03:00:00Z", tick=False):
        yield


def test_refusal(alice, client_for, settings):
    settings.WRITES_PER_MINUTE = 2
    with time_machine.travel("2026-03-01T03:00:48Z", tick=False):
        as_alice = client_for(alice)
        codes = [as_alice.post("/conversations", BODY).status_code for _ in range(2)]
        response = as_alice.post("/conversations", BODY)
    assert codes == [201, 201]
    assert response.status_code == 429
    body = response.json()
    assert body.pop("request_id")
    assert body == {
        "type": "urn:daesa:problem:too_many_writes",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "Too many changes within a minute. Wait a moment, then go on.",
        "instance": "/conversations",
        "code": "too_many_writes",
    }
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "12"
    assert response["RateLimit"] == '"writes";r=0;t=12'
    assert response["RateLimit-Policy"] == '"writes";q=2;w=60'
    assert Conversation.objects.count() == 2


def test_refusal_of_a_view_that_is_not_ours(alice, settings):
    settings.WRITES_PER_MINUTE = 1
    with time_machine.travel("2026-03-01T03:00:48Z", tick=False):
        browser = Browser()
        browser.force_login(alice)
        path = "/_allauth/browser/v1/auth/email/verify"
        codes = [browser.send("POST", path, {}).status_code for _ in range(2)]
        response = browser.send("POST", path, {})
    assert codes == [400, 429]
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "too_many_writes"
    assert response["Retry-After"] == "12"
    assert response["RateLimit"] == '"writes";r=0;t=12'
    assert response["RateLimit-Policy"] == '"writes";q=1;w=60'


def test_the_next_minute_starts_at_zero(settings):
    settings.WRITES_PER_MINUTE = 1
    with time_machine.travel("2026-03-01T03:00:59Z", tick=False) as clock:
        count_write(1)
        with pytest.raises(TooManyWrites) as refused:
            count_write(1)
        assert refused.value.headers["Retry-After"] == "1"
        clock.shift(1)
        count_write(1)


def test_accounts_are_counted_apart(settings):
    settings.WRITES_PER_MINUTE = 1
    for user_id in (1, 11, 2):
        count_write(user_id)


def test_all_endpoints_are_counted_together_and_by_token_and_session(alice, client_for, settings):
    settings.WRITES_PER_MINUTE = 3
    browser = Browser()
    browser.force_login(alice)
    as_alice = client_for(alice)
    assert as_alice.post("/conversations", BODY).status_code == 201
    assert as_alice.patch("/accounts/profile", {"nickname": "A"}).status_code == 200
    assert browser.send("POST", "/quote", {"content": "A line"}).status_code == 201
    assert browser.send("PATCH", "/accounts/profile", {"nickname": "B"}).status_code == 429


def test_none_where_it_is_off(settings):
    settings.WRITES_PER_MINUTE = 0
    for _ in range(100):
        count_write(1)


def test_bad_input_counts(as_alice, settings):
    """It costs as much as another request, and would otherwise bypass the limit."""
    settings.WRITES_PER_MINUTE = 2
    assert [as_alice.post("/quote", {}).status_code for _ in range(3)] == [400, 400, 429]


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_counted_exactly(settings):
    settings.WRITES_PER_MINUTE = 7
    with time_machine.travel("2026-03-01T03:00:00Z", tick=False):
        headers = {"Authorization": f"Bearer {issue(make_user())['access']}"}
        clients = [APIClient(headers=headers) for _ in range(30)]
        answers = at_once(*[partial(one.post, "/conversations", BODY) for one in clients])
    assert Counter(answer.status_code for answer in answers) == {201: 7, 429: 23}
    assert Conversation.objects.count() == 7


def test_writes_go_on_while_redis_is_away(settings, caplog):
    settings.WRITES_PER_MINUTE = 1
    away = {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    for _ in range(3):
        count_write(1)
    assert {record.getMessage() for record in caplog.records} == {
        "cache unavailable: ConnectionError"
    }


def test_counts_of_many_do_not_drop_each_other(settings):
    """Django's in-process cache keeps only 300 entries by default."""
    settings.WRITES_PER_MINUTE = 1
    count_write(1)
    for user_id in range(2, 1000):
        count_write(user_id)
    with pytest.raises(TooManyWrites):
        count_write(1)


def test_a_count_is_forgotten():
    with time_machine.travel("2026-03-01T03:00:00Z", tick=False):
        ours: Any = cache  # a class of ours, which the stubs do not know
        assert [ours.count("test", seconds=60) for _ in range(3)] == [1, 2, 3]
        assert ours.count("other", seconds=60) == 1
