"""Sign-in by session: allauth's headless views at /_allauth/, in allauth's response format."""

from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import User
from tests.accounts.conftest import SESSION, Browser
from tests.concurrently import at_once
from tests.factories import PASSWORD

LOGIN, SIGNUP = f"{SESSION}/auth/login", f"{SESSION}/auth/signup"
BODY = {"email": "Dora@Example.com ", "password": "staple of paper", "nickname": "Dora"}


def errors_of(response):
    return [(error.get("param"), error["code"]) for error in response.json()["errors"]]


def test_join_signs_in(browser):
    response = browser.send("POST", SIGNUP, BODY)
    assert response.status_code == 200
    assert response.json()["data"]["user"]["email"] == "dora@example.com"
    assert response.json()["meta"] == {"is_authenticated": True}
    dora = User.objects.get()
    assert (dora.email, dora.nickname) == ("dora@example.com", "Dora")
    assert (dora.ip_address, dora.last_login is None) == ("127.0.0.1", False)
    assert browser.get("/accounts/profile").json()["nickname"] == "Dora"


def test_nickname_is_optional(browser):
    body = {"email": BODY["email"], "password": BODY["password"]}
    assert browser.send("POST", SIGNUP, body).status_code == 200
    assert User.objects.get().nickname == ""


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"email": "ALICE@example.com"}, ("email", "email_taken")),
        ({"email": "x"}, ("email", "invalid")),
        ({"password": "short"}, ("password", "password_too_short")),
        ({"password": "password1"}, ("password", "password_too_common")),
        ({"password": "dora@example"}, ("password", "password_too_similar")),
        ({"nickname": "gwendoline", "password": "gwendoline1"},
         ("password", "password_too_similar")),
        ({"password": "x" * 257}, ("password", "password_too_long")),
        ({"nickname": "x" * 51}, ("nickname", "max_length")),
    ],
)  # fmt: skip
def test_join_input(alice, browser, change, error):
    response = browser.send("POST", SIGNUP, {**BODY, **change})
    assert response.status_code == 400
    assert errors_of(response) == [error]
    assert User.objects.count() == 1


def test_join_with_mandatory_verification_answers_alike(alice, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    alice.emailaddress_set.create(email=alice.email, verified=True, primary=True)
    answers = [
        Browser().send("POST", SIGNUP, {**BODY, "email": email})
        for email in ("dora@example.com", alice.email)
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert {"id": "verify_email", "is_pending": True} in answer.json()["data"]["flows"]
    assert answers[0].json() == answers[1].json()
    assert [message.to for message in mail.outbox] == [["dora@example.com"], [alice.email]]


@pytest.mark.django_db(transaction=True)
def test_joins_at_once():
    answers = at_once(*[partial(Browser().send, "POST", SIGNUP, BODY) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    for answer in answers:
        if answer.status_code == 400:
            assert errors_of(answer) == [("email", "email_taken")]
    assert User.objects.count() == EmailAddress.objects.count() == 1


def test_session_without_and_with_a_user(alice, browser):
    assert browser.get(f"{SESSION}/auth/session").status_code == 401
    response = browser.send("POST", LOGIN, {"email": "Alice@example.com", "password": PASSWORD})
    assert response.status_code == 200
    assert response.json()["data"]["user"]["email"] == alice.email
    assert browser.get(f"{SESSION}/auth/session").status_code == 200
    alice.refresh_from_db()
    assert alice.ip_address == "127.0.0.1"
    assert alice.last_login is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("bob@example.com", PASSWORD),
    ],
    ids=["wrong password", "unknown", "inactive"],
)
def test_refusals_are_alike(alice, bob, browser, email, password):
    bob.is_active = False
    bob.save()
    response = browser.send("POST", LOGIN, {"email": email, "password": password})
    assert response.status_code == 400
    assert response.json() == {
        "status": 400,
        "errors": [
            {
                "message": "The email address and/or password you specified are not correct.",
                "code": "email_password_mismatch",
                "param": "password",
            }
        ],
    }


@pytest.mark.parametrize("url", [LOGIN, SIGNUP])
def test_needs_its_csrf_token(alice, browser, url):
    body = b'{"email": "alice@example.com", "password": "correct horse battery"}'
    response = browser.post(url, body, content_type="application/json")
    assert response.status_code == 403
    assert response.json()["code"] == "csrf_failed"


def test_logout(alices_browser):
    assert alices_browser.send("DELETE", f"{SESSION}/auth/session").status_code == 401
    assert alices_browser.get("/accounts/profile").status_code == 401


def test_a_password_set_by_the_token_api_works_for_sessions(anonymous, browser):
    body = {"email": "dora@example.com", "password": " staple of paper "}
    assert anonymous.post("/accounts/join", body).status_code == 201
    assert browser.send("POST", LOGIN, body).status_code == 200


def test_deactivation_ends_the_session(alice, alices_browser):
    alice.is_active = False
    alice.save()
    assert alices_browser.get("/accounts/profile").status_code == 401


def test_no_cookies_of_messages(alices_browser):
    assert set(alices_browser.cookies) == {"csrftoken", "sessionid", "device"}
    assert alices_browser.cookies["sessionid"]["httponly"]
