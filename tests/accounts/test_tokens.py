"""/accounts/token/refresh and /accounts/token/verify."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.tokens import Refresh, issue
from tests.accounts.conftest import INVALID_TOKEN, without_id
from tests.factories import make_user

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


def test_no_readable_copy_of_a_live_token_is_stored(alice, anonymous):
    spent = issue(alice)["refresh"]
    live = anonymous.post(REFRESH, {"refresh": spent}).json()["refresh"]
    stored = list(OutstandingToken.objects.values_list("token", flat=True))
    assert stored == [spent]
    assert live not in stored


def test_an_expired_token_is_refused(alice, anonymous):
    pair = issue(alice)
    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
        assert_refused(anonymous.post(REFRESH, {"refresh": pair["refresh"]}))


def test_an_access_token_is_no_refresh_token(alice, anonymous):
    assert_refused(anonymous.post(REFRESH, {"refresh": issue(alice)["access"]}))


@pytest.mark.parametrize("what", ["inactive", "deleted", "password"])
def test_whose_owner_is_gone_or_changed(alice, anonymous, what):
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
    response = anonymous.post(VERIFY, {"token": issue(alice)[kind]})
    assert (response.status_code, response.json()) == (200, {})


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_verify_after_signing_out(alice, anonymous, kind):
    pair = issue(alice)
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert anonymous.post("/accounts/logout", {"refresh": pair["refresh"]}).status_code == 204
    assert_refused(anonymous.post(VERIFY, {"token": pair[kind]}))


@pytest.mark.django_db(transaction=True)
def test_of_two_renewals_at_once_one_gets_a_pair():
    refresh = str(Refresh.for_user(make_user("alice")))
    start, codes = threading.Barrier(4), []

    def renew():
        start.wait()
        codes.append(APIClient().post(REFRESH, {"refresh": refresh}).status_code)
        connection.close()

    threads = [threading.Thread(target=renew) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 401, 401, 401]
