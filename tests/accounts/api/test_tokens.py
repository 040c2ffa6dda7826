"""/accounts/token/refresh and /accounts/token/verify."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import tokens
from accounts.models import TokenFamily
from accounts.tokens import issue
from tests.accounts.conftest import INVALID_TOKEN, without_id

REFRESH, VERIFY = "/accounts/token/refresh", "/accounts/token/verify"


def assert_refused(response):
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert without_id(response.json()) == INVALID_TOKEN


def test_a_new_pair(alice, anonymous):
    response = anonymous.post(REFRESH, {"refresh": issue(alice)["refresh"]})
    assert response.status_code == 200
    pair = response.json()
    assert set(pair) == {"access", "refresh"}
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert anonymous.get("/accounts/profile").json()["email"] == alice.email
    assert anonymous.post(REFRESH, {"refresh": pair["refresh"]}).status_code == 200


def test_a_spent_token_is_refused(alice, anonymous):
    body = {"refresh": issue(alice)["refresh"]}
    assert anonymous.post(REFRESH, body).status_code == 200
    assert_refused(anonymous.post(REFRESH, body))


def test_no_readable_copy_of_a_token_is_stored(alice, anonymous):
    spent = issue(alice)["refresh"]
    live = anonymous.post(REFRESH, {"refresh": spent}).json()["refresh"]
    [row] = TokenFamily.objects.values_list()
    assert not {spent, live} & set(row)


def test_renewing_adds_no_rows(alice, anonymous, settings):
    settings.WRITES_PER_MINUTE = 0
    refresh = issue(alice)["refresh"]
    for _ in range(10):
        refresh = anonymous.post(REFRESH, {"refresh": refresh}).json()["refresh"]
    assert TokenFamily.objects.count() == 1
    assert not OutstandingToken.objects.exists()
    assert anonymous.post(REFRESH, {"refresh": refresh}).status_code == 200


def test_a_row_lasts_as_long_as_its_token(alice, anonymous):
    with time_machine.travel(timezone.now() - timedelta(days=13)):
        first = issue(alice)["refresh"]
    left = TokenFamily.objects.get().expires_at - timezone.now()
    assert timedelta(hours=23) < left < timedelta(days=1)
    anonymous.post(REFRESH, {"refresh": first})
    left = TokenFamily.objects.get().expires_at - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)


def test_the_device_that_was_quiet_for_longest_is_signed_out(alice, bob, anonymous):
    others = range(tokens.MAX_REFRESH_TOKENS - 3)
    later = timezone.now() + timedelta(hours=1)
    TokenFamily.objects.bulk_create(
        TokenFamily(user=alice, sid=f"{n}", renewed_at=later, expires_at=later, ends_at=later)
        for n in others
    )
    other = issue(bob)["refresh"]
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        pairs = []
        for _ in range(3):
            pairs.append(issue(alice)["refresh"])
            clock.shift(1)
        pairs[0] = anonymous.post(REFRESH, {"refresh": pairs[0]}).json()["refresh"]
        clock.shift(1)
        pairs.append(issue(alice)["refresh"])
        statuses = [anonymous.post(REFRESH, {"refresh": one}).status_code for one in pairs]
    assert statuses == [200, 401, 200, 200]
    assert TokenFamily.objects.filter(user=alice).count() == tokens.MAX_REFRESH_TOKENS
    assert anonymous.post(REFRESH, {"refresh": other}).status_code == 200


def test_renewals_are_counted_as_writes_of_their_account(alice, bob, anonymous, settings):
    settings.WRITES_PER_MINUTE = 2
    with time_machine.travel("2026-11-20T00:00:40Z", tick=False):
        refresh = issue(alice)["refresh"]
        for _ in range(2):
            refresh = anonymous.post(REFRESH, {"refresh": refresh}).json()["refresh"]
        refused = anonymous.post(REFRESH, {"refresh": refresh})
        assert (refused.status_code, refused["Retry-After"]) == (429, "20")
        assert refused.json()["code"] == "too_many_writes"
        assert anonymous.post(REFRESH, {"refresh": issue(bob)["refresh"]}).status_code == 200
    with time_machine.travel("2026-11-20T00:01:00Z", tick=False):
        assert anonymous.post(REFRESH, {"refresh": refresh}).status_code == 200, "it is not spent"


def test_an_expired_token_is_refused(alice, anonymous):
    pair = issue(alice)
    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=61)):
        assert_refused(anonymous.post(REFRESH, {"refresh": pair["refresh"]}))


def test_an_access_token_is_no_refresh_token(alice, anonymous):
    assert_refused(anonymous.post(REFRESH, {"refresh": issue(alice)["access"]}))


@pytest.mark.parametrize("what", ["inactive", "deleted", "password"])
def test_tokens_of_deleted_or_changed_users(alice, anonymous, what):
    refresh = issue(alice)["refresh"]
    if what == "deleted":
        alice.delete()
    else:
        alice.is_active = what != "inactive"
        if what == "password":
            alice.set_password("staple of paper")
        alice.save()
    assert_refused(anonymous.post(REFRESH, {"refresh": refresh}))
    assert_refused(anonymous.post(VERIFY, {"token": refresh}))


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "é"])
def test_garbage(db, anonymous, garbage):
    assert_refused(anonymous.post(REFRESH, {"refresh": garbage}))
    assert_refused(anonymous.post(VERIFY, {"token": garbage}))


@pytest.mark.parametrize(("url", "field"), [(REFRESH, "refresh"), (VERIFY, "token")])
def test_input(anonymous, db, url, field):
    response = anonymous.post(url, {field: "x" * 4097})
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [(field, "max_length")]
    assert anonymous.post(url, {}).status_code == 400


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_verify(alice, anonymous, kind):
    response = anonymous.post(VERIFY, {"token": dict(issue(alice))[kind]})
    assert (response.status_code, response.json()) == (200, {})


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_verify_after_signing_out(alice, anonymous, kind):
    pair = issue(alice)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert anonymous.post("/accounts/logout", {"refresh": pair["refresh"]}).status_code == 204
    assert_refused(anonymous.post(VERIFY, {"token": dict(pair)[kind]}))
