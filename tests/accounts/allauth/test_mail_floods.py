"""Mails that one caller can cause, over all kinds and endpoints together, and what the answers of
each endpoint show about an address.
"""

from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from tests.accounts.addresses.mails import RESEND, VERIFY, signed_in
from tests.accounts.allauth.test_mail import no_background_work, people, work_of
from tests.accounts.conftest import SESSION, Browser
from tests.concurrently import at_once
from tests.factories import make_user

OWN = "staple of paper"


@pytest.fixture(autouse=True)
def _mandatory(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def reset(email):
    return Browser().send("POST", f"{SESSION}/auth/password/request", {"email": email})


def token_join(email):
    return APIClient().post("/accounts/join", {"email": email, "password": OWN})


def session_join(email):
    body = {"email": email, "password": OWN}
    return Browser().send("POST", f"{SESSION}/auth/signup", body)


@pytest.mark.django_db
def test_a_source_causes_few_mails_however(settings, time_machine, alice):
    time_machine.move_to(timezone.now(), tick=False)
    free = dict.fromkeys(("join", "reset_password", "address_change", "mail_again", "mail"))
    rates = {**settings.ACCOUNT_RATE_LIMITS, **free, "mail_source": "7/h/ip"}
    settings.ACCOUNT_RATE_LIMITS = rates
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    page, joining = signed_in(alice.email), Browser()
    handle = token_join("a@example.com").json()["confirmation"]
    body = {"email": "b@example.com", "password": OWN}
    joining.send("POST", f"{SESSION}/auth/signup", body)
    ways = [
        partial(reset, alice.email),
        partial(token_join, "c@example.com"),
        partial(session_join, "d@example.com"),
        partial(APIClient().post, "/accounts/join/resend", {"confirmation": handle}),
        partial(joining.send, "POST", RESEND),
        partial(page.send, "POST", "/accounts/email", {"email": "e@example.com"}),
        partial(page.send, "POST", "/accounts/email/resend", {"email": "e@example.com"}),
    ]
    statuses = [way().status_code for way in ways]
    assert statuses == [200, 202, 401, 202, 200, 429, 409]
    assert [way().status_code for way in ways] == [429] * 6 + [409]
    sent = len(mail.outbox)
    assert sent == 7
    time_machine.shift(3601)
    assert reset(alice.email).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_send_no_more(settings):
    user = make_user("dora")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reset_password": None}
    at_once(*[partial(reset, user.email) for _ in range(8)])
    assert len(mail.outbox) == 3


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_to_change_mail_one_address_once(settings):
    make_user("alice")
    EmailAddress.objects.create(user=User.objects.get(), email="alice@example.com", verified=True)
    page = signed_in("alice@example.com")
    send = partial(page.send, "POST", "/accounts/email", {"email": "victim@example.com"})
    answers = at_once(*[send for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [202, 429, 429, 429]
    assert [m.to for m in mail.outbox].count(["victim@example.com"]) == 1


@pytest.mark.django_db
def test_a_flood_does_not_suppress_what_the_owner_must_know(settings, alice):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reset_password": None}
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    for _ in range(5):
        reset(alice.email)
    assert len(mail.outbox) == 3
    signed_in(alice.email).send("POST", "/accounts/email", {"email": "new@example.com"})
    assert mail.outbox[-1].to == [alice.email]


# --- Enumeration: the same answer after the same work ---------------------------------------------


def waits_for_code(email):
    """A browser that joined with the address, once the mail of it has been sent or not."""
    browser = Browser()
    browser.send("POST", f"{SESSION}/auth/signup", {"email": email, "password": OWN})
    return browser


@pytest.mark.parametrize("way", ["code", "resend", "token code", "token resend", "change"])
def test_the_work_is_the_same_for_every_address(db, settings, way, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    free = ("join", "join_account", "mail_again", "mail_source", "code", "address_change")
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, **dict.fromkeys(free)}
    mallory = make_user("mallory")
    EmailAddress.objects.create(user=mallory, email=mallory.email, primary=True, verified=True)
    page = signed_in(mallory.email)
    seen = {}
    for name, email in people().items():
        browser, handle = waits_for_code(email), token_join(email).json()["confirmation"]
        calls = {
            "code": partial(browser.send, "POST", VERIFY, {"key": "0000 0000"}),
            "resend": partial(browser.send, "POST", RESEND),
            "token code": partial(
                APIClient().post,
                "/accounts/join/confirm",
                {"confirmation": handle, "code": "1" * 8},
            ),
            "token resend": partial(
                APIClient().post, "/accounts/join/resend", {"confirmation": handle}
            ),
            "change": partial(page.send, "POST", "/accounts/email", {"email": email}),
        }
        with no_background_work():
            seen[name] = shown(calls[way], email)
    assert len({str(work) for work in seen.values()}) == 1, seen


def shown(call, email):
    """What `work_of` sees, with headers, without the number of mails and the texts that are the
    request's own.
    """
    answers = []

    def keep(_email):
        answers.append(call())
        return answers[0]

    status, content, hashes, statements, _mails = work_of(keep, email)
    headers = {k: v for k, v in answers[0].headers.items() if k != "X-Request-ID"}
    headers.pop("Set-Cookie", None)
    headers.pop("Content-Length", None)
    body = str(content).replace(email, "…")
    for name in ("request_id", "expires_at"):
        body = body.split(f'"{name}"')[0]
    return status, body, headers, hashes, statements
