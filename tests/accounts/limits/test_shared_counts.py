"""Tokens, sessions, the admin and signed-in users share the counts of wrong passwords."""

import pytest

from accounts.limits.password_attempts import FREE, MOST, SIGNED_IN
from accounts.models import SignInSource
from tests.accounts.conftest import SESSION, Browser, without_id
from tests.accounts.limits.attempts import (
    ELSEWHERE,
    HOME,
    NEW,
    PROFILE,
    STOPPED,
    TOO_MANY,
    fail,
    session_sign_in,
    sign_in,
)
from tests.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("no_rate_limits")


def refused_by_token(user):
    refused = sign_in(user.email)
    return refused.status_code, without_id(refused.json()), int(refused["Retry-After"]) > 0


def refused_by_session(user):
    browser = Browser()
    body = {"email": user.email, "password": PASSWORD}
    refused = browser.send("POST", f"{SESSION}/auth/login", body, REMOTE_ADDR=ELSEWHERE)
    return refused.status_code, without_id(refused.json()), int(refused["Retry-After"]) > 0


@pytest.mark.parametrize("entrance", [refused_by_token, refused_by_session])
def test_tokens_and_sessions_share_the_counts(alice, entrance, client):
    for _ in range(FREE):
        fail("127.0.0.1")
        fail()
    assert entrance(alice) == (429, TOO_MANY, True)


def test_admin_shares_the_counts(staff, client):
    for _ in range(FREE):
        client.post("/admin/login/", {"username": staff.email, "password": "wrong"})
    assert sign_in(staff.email, ip="127.0.0.1").status_code == 429
    refused = client.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    assert refused.status_code == 200
    assert "Too many attempts. Try again later." in refused.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_known_device_has_its_own_count_on_every_network(alices_browser):
    wrong = {"current_password": "wrong", "new_password": NEW}
    for number in range(FREE):
        answer = alices_browser.send("PATCH", PROFILE, wrong, REMOTE_ADDR=f"203.0.113.{number}")
        assert answer.status_code == 400
    refused = alices_browser.send("DELETE", PROFILE, {"password": PASSWORD})
    assert (refused.status_code, without_id(refused.json())) == (429, TOO_MANY)
    again = Browser()
    again.cookies["device"] = alices_browser.cookies["device"].value
    assert session_sign_in(again).status_code == 429


def test_a_stolen_token_gets_no_new_guesses_per_network(as_alice):
    for number in range(FREE):
        wrong = {"current_password": "wrong", "new_password": NEW}
        answer = as_alice.patch(PROFILE, wrong, REMOTE_ADDR=f"203.0.113.{number}")
        assert answer.status_code == 400
    refused = as_alice.delete(PROFILE, {"password": PASSWORD}, REMOTE_ADDR=HOME)
    assert (refused.status_code, without_id(refused.json())) == (429, TOO_MANY)
    assert sign_in().status_code == 200


def test_a_stolen_token_counts_as_unknown_after_a_hundred_failures(stopped, client_for):
    address = SignInSource.digest(stopped.email)
    SignInSource.objects.create(address=address, source=SIGNED_IN, failures=MOST - 1)
    thief = client_for(stopped)
    assert thief.delete(PROFILE, {"password": "wrong"}).status_code == 400
    refused = thief.delete(PROFILE, {"password": PASSWORD})
    assert (refused.status_code, without_id(refused.json())) == (429, STOPPED)
