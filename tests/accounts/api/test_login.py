from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.utils import timezone

from tests.accounts.conftest import without_id
from tests.factories import PASSWORD

URL = "/accounts/login"
WRONG = {
    "type": "urn:daesa:problem:invalid_credentials",
    "title": "Unauthorized",
    "status": 401,
    "detail": "The email address or the password is wrong.",
    "code": "invalid_credentials",
}


def sign_in(client, email="alice@example.com", password=PASSWORD, **extra):
    return client.post(URL, {"email": email, "password": password}, **extra)


def test_ways_to_sign_in(anonymous):
    assert anonymous.get(URL).json() == {
        "fields": [
            {
                "name": "email",
                "type": "email",
                "required": True,
                "min_length": None,
                "max_length": 254,
            },
            {
                "name": "password",
                "type": "password",
                "required": True,
                "min_length": None,
                "max_length": 256,
            },
        ],
        "providers": [],
        "daily_limit": 5,
        "links": [
            {"rel": "self", "href": "http://testserver/accounts/login", "method": "GET"},
            {"rel": "submit", "href": "http://testserver/accounts/login", "method": "POST"},
            {
                "rel": "session",
                "href": "http://testserver/_allauth/browser/v1/auth/login",
                "method": "POST",
            },
            {"rel": "join", "href": "http://testserver/accounts/join", "method": "GET"},
        ],
    }


def test_tokens_and_profile(alice, anonymous):
    response = sign_in(anonymous)
    assert response.status_code == 200
    body = response.json()
    access, refresh = body.pop("access"), body.pop("refresh")
    quota = body["user"].pop("quota")
    assert set(quota) == {"limit", "used", "remaining", "resets_at"}
    assert body == {
        "user": {
            "id": alice.pk,
            "email": "alice@example.com",
            "has_password": True,
            "nickname": "alice",
            "is_staff": False,
            "second_factor_required": False,
            "created_at": timezone.localtime(alice.created_at).isoformat(),
            "review_emails": None,
            "daily_limit": 5,
            "chat_retention_days": None,
            "links": [
                {"rel": "self", "href": "http://testserver/accounts/profile", "method": "GET"},
                {"rel": "edit", "href": "http://testserver/accounts/profile", "method": "PATCH"},
                {"rel": "email", "href": "http://testserver/accounts/email", "method": "GET"},
                {"rel": "delete", "href": "http://testserver/accounts/profile", "method": "DELETE"},
                {"rel": "logout", "href": "http://testserver/accounts/logout", "method": "POST"},
            ],
        },
        "links": [
            {"rel": "profile", "href": "http://testserver/accounts/profile", "method": "GET"},
            {
                "rel": "refresh",
                "href": "http://testserver/accounts/token/refresh",
                "method": "POST",
            },
            {"rel": "logout", "href": "http://testserver/accounts/logout", "method": "POST"},
        ],
    }
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    assert anonymous.get("/accounts/profile").status_code == 200
    renewed = anonymous.post("/accounts/token/refresh", {"refresh": refresh})
    assert renewed.status_code == 200


def test_no_session_and_no_cookie(alice, anonymous):
    assert not sign_in(anonymous).cookies


def test_address_has_no_case(alice, anonymous):
    assert sign_in(anonymous, "  ALICE@Example.com ").status_code == 200


def test_an_expired_token_is_ignored(alice, anonymous):
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert sign_in(anonymous).status_code == 200


def test_last_sign_in_is_noted(alice, anonymous):
    before = timezone.now()
    sign_in(anonymous, REMOTE_ADDR="203.0.113.7")
    alice.refresh_from_db()
    assert alice.last_login >= before
    assert alice.ip_address == "203.0.113.7"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "wrong"),
        ("nobody@example.com", PASSWORD),
        ("bob@example.com", PASSWORD),
    ],
    ids=["wrong password", "unknown", "inactive"],
)
def test_refusals_are_alike(alice, bob, anonymous, email, password):
    bob.is_active = False
    bob.save()
    # one hash each, which takes nearly all of the time
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
    with (
        patch.object(Argon2PasswordHasher, "encode", autospec=True, side_effect=encode) as encoded,
        patch.object(Argon2PasswordHasher, "verify", autospec=True, side_effect=verify) as verified,
    ):
        response = sign_in(anonymous, email, password)
    assert encoded.call_count + verified.call_count == 1
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response["Content-Type"] == "application/problem+json"
    assert without_id(response.json()) == WRONG


def test_missing_fields(anonymous, db):
    response = anonymous.post(URL, {"email": "no address"})
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "email", "code": "invalid", "detail": "Enter a valid email address."},
        {"field": "password", "code": "required", "detail": "This field is required."},
    ]


def test_json_only(alice, anonymous):
    form = {"email": alice.email, "password": PASSWORD}
    response = anonymous.generic(
        "POST",
        URL,
        "&".join(f"{k}={v}" for k, v in form.items()),
        "application/x-www-form-urlencoded",
    )
    assert response.status_code == 415


def test_an_unverified_address_is_reported_only_after_the_right_password(
    alice, anonymous, settings
):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert sign_in(anonymous, password="wrong").json()["code"] == "invalid_credentials"
    response = sign_in(anonymous)
    assert response.status_code == 403
    assert without_id(response.json()) == {
        "type": "urn:daesa:problem:email_not_verified",
        "title": "Forbidden",
        "status": 403,
        "detail": "Confirm your email address first: we have sent you a mail with a link.",
        "code": "email_not_verified",
    }
    assert [message.to for message in mail.outbox] == [["alice@example.com"]]
    assert not response.cookies
    alice.refresh_from_db()
    assert alice.last_login is None


def test_verified_address_signs_in(alice, anonymous, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    alice.emailaddress_set.create(email=alice.email, verified=True, primary=True)
    assert sign_in(anonymous).status_code == 200
