from functools import partial
from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import PendingJoin, User
from tests.accounts.conftest import without_id
from tests.concurrently import at_once
from tests.factories import PASSWORD

URL = "/accounts/join"
BODY = {"email": "Dora@Example.com", "password": "staple of paper", "nickname": "  Dora "}
MAIL_SENT = {
    "waits_for": "mail",
    "detail": "We have sent you a mail. Follow the link in it or enter its code to go on.",
    "links": [
        {"rel": "confirm", "href": "http://testserver/accounts/join/confirm", "method": "POST"},
        {"rel": "resend", "href": "http://testserver/accounts/join/resend", "method": "POST"},
        {"rel": "login", "href": "http://testserver/accounts/login", "method": "POST"},
    ],
}
TAKEN = {
    "type": "urn:daesa:problem:invalid",
    "title": "Bad Request",
    "status": 400,
    "detail": "Some of the input is not valid.",
    "code": "invalid",
    "errors": [
        {"field": "email", "code": "unique", "detail": "This email address is taken."},
    ],
}


def test_what_a_form_needs(anonymous):
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
                "min_length": 8,
                "max_length": 256,
            },
            {
                "name": "nickname",
                "type": "text",
                "required": False,
                "min_length": None,
                "max_length": 50,
            },
            {
                "name": "invitation",
                "type": "text",
                "required": False,
                "min_length": None,
                "max_length": 100,
            },
        ],
        "password_rules": [
            "Your password can’t be too similar to your other personal information.",
            "Your password must contain at least 8 characters.",
            "Your password can’t be a commonly used password.",
            "Your password can’t be a sequence or follow the keys of a keyboard.",
            "Your password can’t be made of the name of this site.",
            "15 characters or more are advised.",
        ],
        "advised_password_length": 15,
        "signup": {"mode": "open", "domains": []},
        "providers": [],
        "links": [
            {"rel": "self", "href": "http://testserver/accounts/join", "method": "GET"},
            {"rel": "submit", "href": "http://testserver/accounts/join", "method": "POST"},
            {
                "rel": "session",
                "href": "http://testserver/_allauth/browser/v1/auth/signup",
                "method": "POST",
            },
            {"rel": "login", "href": "http://testserver/accounts/login", "method": "GET"},
        ],
    }


def test_no_length_is_advised_where_the_address_is_checked(anonymous, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    body = anonymous.get(URL).json()
    assert body["advised_password_length"] is None
    assert "15" not in " ".join(body["password_rules"])


def test_join(db, anonymous):
    response = anonymous.post(URL, BODY, REMOTE_ADDR="203.0.113.7")
    assert response.status_code == 201
    assert response["Location"] == "http://testserver/accounts/profile"
    assert not response.cookies
    body = response.json()
    dora = User.objects.get()
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access']}")
    assert body["user"] == anonymous.get("/accounts/profile").json()
    assert (dora.email, dora.nickname) == ("dora@example.com", "Dora")
    assert (dora.is_staff, dora.is_superuser, dora.ip_address) == (False, False, "203.0.113.7")
    assert dora.last_login <= timezone.now()
    assert dora.password.startswith("argon2")
    assert dora.check_password(BODY["password"])
    assert mail.outbox == []


def test_fields_that_users_cannot_set(db, anonymous):
    extra = {"is_staff": True, "is_superuser": True, "daily_limit": 1000, "is_active": False}
    assert anonymous.post(URL, {**BODY, **extra}).status_code == 201
    dora = User.objects.get()
    assert (dora.is_staff, dora.is_superuser, dora.daily_limit) == (False, False, None)
    assert dora.is_active


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@EXAMPLE.COM", " Alice@example.com "])
def test_taken_address(alice, anonymous, email):
    response = anonymous.post(URL, {**BODY, "email": email})
    assert response.status_code == 400
    assert without_id(response.json()) == TAKEN
    assert User.objects.count() == 1


def test_address_that_only_the_database_knows_as_taken(alice, anonymous):
    """Simulates a concurrent join: only the constraint decides."""
    User.objects.update(email="Alice@Example.com")
    response = anonymous.post(URL, {**BODY, "email": "alice@example.com"})
    assert response.status_code == 400
    assert without_id(response.json()) == TAKEN


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"email": "no address"}, "email", "invalid"),
        ({"email": "a" * 250 + "@example.com"}, "email", "max_length"),
        ({"password": "1234567"}, "password", "min_length"),
        ({"password": "password1"}, "password", "password_too_common"),
        ({"password": "dora@example.com"}, "password", "password_too_similar"),
        ({"nickname": "Gwendoline", "password": "gwendoline1"}, "password", "password_too_similar"),
        ({"password": "x" * 257}, "password", "max_length"),
        ({"nickname": "x" * 51}, "nickname", "max_length"),
        ({"nickname": "a\x00b"}, "nickname", "invisible_characters"),
        ({"password": None}, "password", "null"),
    ],
)
def test_input(db, anonymous, change, field, code):
    response = anonymous.post(URL, {**BODY, **change})
    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [(field, code)]
    assert not User.objects.exists()


def test_long_plain_password_needs_no_composition(db, anonymous):
    assert anonymous.post(URL, {**BODY, "password": "푸른 하늘 은하수"}).status_code == 201


def test_optional_verification_sends_a_mail_and_signs_in(db, anonymous, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    assert anonymous.post(URL, BODY).status_code == 201
    assert [message.to for message in mail.outbox] == [["dora@example.com"]]


def test_mandatory_verification_answers_alike(alice, anonymous, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    alice.emailaddress_set.create(email=alice.email, verified=True, primary=True)
    answers = [
        anonymous.post(URL, {**BODY, "email": email}) for email in ("dora@example.com", alice.email)
    ]
    for answer in answers:
        body = answer.json()
        assert body.pop("confirmation")
        assert (answer.status_code, body) == (202, MAIL_SENT)
        assert not answer.cookies
    new, known = mail.outbox
    assert new.to == ["dora@example.com"]
    assert "http://testserver/verify-email#" in new.body
    assert known.to == ["alice@example.com"]
    assert "verify-email" not in known.body
    assert User.objects.get() == alice, "the other one waits for the mail"
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_link_of_the_mail_confirms_the_address(db, anonymous, browser, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    anonymous.post(URL, BODY)
    key = unquote(mail.outbox[0].body.split("/verify-email#")[1].split()[0])
    browser.send("POST", "/_allauth/browser/v1/auth/email/verify", {"key": key})
    address = EmailAddress.objects.get()
    assert (address.verified, address.primary, address.user) == (True, True, User.objects.get())
    assert not PendingJoin.objects.exists()
    login = {"email": BODY["email"], "password": BODY["password"]}
    assert anonymous.post("/accounts/login", login).status_code == 200


def test_a_mail_server_that_is_away_does_not_change_the_response(
    alice, anonymous, settings, caplog
):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for email in ("dora@example.com", alice.email):
        answer = anonymous.post(URL, {**BODY, "email": email})
        body = answer.json()
        assert body.pop("confirmation")
        assert (answer.status_code, body) == (202, MAIL_SENT)
    assert len([r for r in caplog.records if r.name == "accounts.allauth.adapter"]) == 2
    assert "example.com" not in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("verification", "codes"), [("none", [201, 400, 400, 400]), ("mandatory", [202] * 4)]
)
def test_joins_at_once(settings, verification, codes):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    answers = at_once(*[partial(APIClient().post, URL, BODY) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == codes
    for answer in answers:
        if answer.status_code == 400:
            assert without_id(answer.json()) == TAKEN
    people = User.objects.count() + PendingJoin.objects.values("email").distinct().count()
    assert people == 1
    assert EmailAddress.objects.count() == User.objects.count()
