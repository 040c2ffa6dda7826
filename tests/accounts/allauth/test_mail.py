"""Mails that anyone can cause: how many an address gets, who gets none, and that neither response
nor time shows which addresses have an account. Time is compared by counting hashes, statements and
mails.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.addresses.codes import as_shown
from accounts.models import PendingJoin, User
from config import background
from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD, make_user
from tests.gevent_child import under_gevent

HOUR, DAY = 3600, 86_400
NEW = "staple of paper"
FREE = dict.fromkeys(
    ("sign_in", "login_failed", "join", "join_account", "confirm_email", "mail_source")
)


def token_join(email):
    return APIClient().post("/accounts/join", {"email": email, "password": NEW})


def token_sign_in(email):
    return APIClient().post("/accounts/login", {"email": email, "password": PASSWORD})


def session(path):
    def call(email):
        body = {"email": email, "password": NEW if path == "signup" else PASSWORD}
        return Browser().send("POST", f"{SESSION}/auth/{path}", body)

    return call


def ask_for_reset(email):
    return Browser().send("POST", f"{SESSION}/auth/password/request", {"email": email})


@pytest.fixture
def _only_mails_are_limited(settings):
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        **FREE,
        "reset_password": None,
    }
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


UNCONFIRMED = [token_sign_in, session("login"), token_join, session("signup")]
CONFIRMED = [ask_for_reset, token_join, session("signup")]


@pytest.mark.django_db
@pytest.mark.usefixtures("_only_mails_are_limited")
@pytest.mark.parametrize(
    ("is_confirmed", "routes"),
    [
        *((False, [route]) for route in UNCONFIRMED),
        *((True, [route]) for route in CONFIRMED),
        (False, UNCONFIRMED),
        (True, CONFIRMED),
        (None, [token_join, session("signup")]),
    ],
)
def test_an_address_gets_three_an_hour_and_ten_a_day(is_confirmed, routes, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    email = "dora@example.com"
    if is_confirmed is not None:
        user = make_user("dora")
        EmailAddress.objects.create(
            user=user, email=email, primary=True, verified=bool(is_confirmed)
        )
    counts = []
    for _hour in range(4):
        for number in range(4):
            routes[number % len(routes)](email.upper() if number % 2 else email)
        counts.append(len(mail.outbox))
        time_machine.shift(HOUR + 1)
    assert counts == [3, 6, 9, 10]
    time_machine.shift(DAY)
    routes[0](email)
    assert len(mail.outbox) == 11
    assert {address for message in mail.outbox for address in message.to} == {email}


@pytest.mark.parametrize("is_member", [True, False])
def test_a_fourth_reset_in_an_hour_is_refused_for_every_address(db, is_member, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    if is_member:
        make_user("dora")
    spellings = ["dora@example.com", "DORA@example.com", " dora@Example.com "]
    assert [ask_for_reset(email).status_code for email in spellings] == [200] * 3
    refused = ask_for_reset("Dora@example.com")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert refused["Retry-After"] == str(HOUR)
    assert ask_for_reset("emil@example.com").status_code == 200
    assert len(mail.outbox) == (3 if is_member else 0)


@pytest.mark.parametrize("policy", ["none", "optional", "mandatory"])
@pytest.mark.parametrize("is_active", [True, False, None])
def test_an_address_without_an_account_gets_no_mail(db, settings, policy, is_active):
    settings.ACCOUNT_EMAIL_VERIFICATION = policy
    if is_active is not None:
        user = make_user("dora", is_active=is_active)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    ask_for_reset("dora@example.com")
    assert len(mail.outbox) == (1 if is_active else 0)


def test_join_with_a_members_address_mails_the_member(db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    user = make_user("dora")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    token_join(user.email)
    [message] = mail.outbox
    assert "verify-email" not in message.body
    assert "http://testserver/reset" in message.body
    [pending] = PendingJoin.objects.all()  # as for any address, so that codes are answered alike
    assert as_shown(pending.code) not in message.body


# --- The same work for members and others -----------------------------------------------------


@contextmanager
def no_background_work() -> Iterator[None]:
    """As much of it runs as may, so that what the requests start is dropped, and logged."""
    for _ in range(background.MAX_RUNNING):
        background.runner._free.acquire()
    yield
    for _ in range(background.MAX_RUNNING):
        background.runner._free.release()


def people() -> dict[str, str]:
    confirmed, unconfirmed = make_user("alice"), make_user("bob")
    inactive, staff = make_user("carol", is_active=False), make_user("staff", is_staff=True)
    for user in (confirmed, inactive, staff):
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return {
        "nobody": "nobody@example.com",
        **{user.nickname: user.email for user in (confirmed, unconfirmed, inactive, staff)},
    }


def work_of(call, email) -> tuple[object, ...]:
    """Status, body, and numbers of hashes, statements and mails of a request."""
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
    with (
        patch.object(Argon2PasswordHasher, "encode", autospec=True, side_effect=encode) as encoded,
        patch.object(Argon2PasswordHasher, "verify", autospec=True, side_effect=verify) as verified,
        CaptureQueriesContext(connection) as queries,
    ):
        response = call(email)
    statements = [re.sub(r"'(?:[^']|'')*'|\d+", "?", query["sql"]) for query in queries]
    hashes = encoded.call_count + verified.call_count
    content = re.sub(rb'"confirmation":"[^"]+"', b"", response.content)  # with the id of a row
    return response.status_code, content, hashes, statements, len(mail.outbox)


@pytest.mark.parametrize(
    ("call", "policy", "hashes"),
    [
        (ask_for_reset, "none", 0),
        (ask_for_reset, "optional", 0),
        (ask_for_reset, "mandatory", 0),
        (token_join, "mandatory", 1),
        (session("signup"), "mandatory", 1),
    ],
)
def test_the_work_is_the_same_for_every_address(db, settings, caplog, call, policy, hashes):
    settings.ACCOUNT_EMAIL_VERIFICATION = policy
    with no_background_work():
        seen = {name: work_of(call, email) for name, email in people().items()}
    assert len({str(work) for work in seen.values()}) == 1, seen
    _, _, counted, _, mails = seen["nobody"]
    assert (counted, mails) == (hashes, 0)
    dropped = [it for it in caplog.messages if it.startswith("background work dropped")]
    assert len(dropped) == len(seen), "one piece of work beside each request"


class Slow(BaseEmailBackend):
    """A mail server that accepts nothing until the request is answered."""

    answered, done = threading.Event(), threading.Event()

    def send_messages(self, messages) -> int:
        assert self.answered.wait(10)
        self.done.set()
        return len(messages)


UNDER_GEVENT = """
from django.test import override_settings
from tests.accounts.allauth.test_mail import Slow, ask_for_reset, session, token_join, token_sign_in

mails = {{"EMAIL_BACKEND": "tests.accounts.allauth.test_mail.Slow"}}
with override_settings(ACCOUNT_EMAIL_VERIFICATION="mandatory", **mails):
    {call}("dora@example.com")
    Slow.answered.set()
    assert Slow.done.wait(10)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "call", ["ask_for_reset", "token_join", "session('signup')", "token_sign_in"]
)
def test_no_answer_waits_for_the_mail_server(call):
    user = make_user("dora")
    is_confirmed = call != "token_sign_in"
    EmailAddress.objects.create(user=user, email=user.email, verified=is_confirmed)
    under_gevent(UNDER_GEVENT.format(call=call))
    assert User.objects.count() == 1
