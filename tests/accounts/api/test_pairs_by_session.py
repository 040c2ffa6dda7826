"""POST /accounts/token: a pair of tokens for a signed-in session."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import SecurityEvent, TokenFamily
from accounts.tokens import issue

URL = "/accounts/token"


def test_a_pair(alice, alices_browser):
    response = alices_browser.send("POST", URL, **{"User-Agent": "curl/8"})
    assert response.status_code == 201
    assert set(response.json()) == {"access", "refresh"}
    program = APIClient(HTTP_AUTHORIZATION=f"Bearer {response.json()['access']}")
    assert program.get("/accounts/profile").json()["email"] == alice.email
    refreshed = APIClient().post("/accounts/token/refresh", response.json())
    assert refreshed.status_code == 200
    assert TokenFamily.objects.get().user_agent == "curl/8"
    event = SecurityEvent.objects.exclude(kind="signed_in").get()
    assert (event.user, event.kind, event.reason) == (alice, "token_made", "pair_by_session")


def test_the_body_names_nothing(alice, bob, alices_browser):
    body = {"user": bob.pk, "email": bob.email, "user_id": str(bob.pk), "is_staff": True}
    assert alices_browser.send("POST", URL, body).status_code == 201
    assert TokenFamily.objects.get().user == alice


def test_it_needs_the_csrf_token(alices_browser):
    response = alices_browser.post(URL, b"{}", content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")
    assert not TokenFamily.objects.exists()


def test_it_needs_a_fresh_sign_in(alices_browser, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    response = alices_browser.send("POST", URL)
    assert (response.status_code, response.json()["code"]) == (403, "fresh_sign_in_required")
    assert not TokenFamily.objects.exists()


def test_a_token_obtains_no_other(alice):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {issue(alice)['access']}")
    assert client.post(URL, {}).json()["code"] == "fresh_sign_in_required"
    assert TokenFamily.objects.count() == 1


def test_nobody_gets_none(db):
    assert APIClient().post(URL, {}).status_code == 401


def test_ten_an_hour(alices_browser, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    statuses = [alices_browser.send("POST", URL).status_code for _ in range(11)]
    assert statuses == [201] * 10 + [429]
    refused = alices_browser.send("POST", URL)
    assert refused.json()["code"] == "too_many_attempts"
    assert int(refused["Retry-After"]) == 3600


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods(alices_browser, method):
    assert alices_browser.send(method, URL).status_code == 405
