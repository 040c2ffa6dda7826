"""Changing the address, adding a first one and confirming it, and attacks on that."""

from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AddressConfirmation, PendingJoin, SecurityEvent, SignInSource, User
from accounts.tokens import issue
from tests.accounts.addresses.mails import (
    VERIFY,
    code_error,
    code_to,
    key_to,
    mails_to,
    other_than,
    signed_in,
)
from tests.accounts.conftest import SESSION, Browser
from tests.concurrently import at_once
from tests.factories import PASSWORD, make_user

URL, CONFIRM, RESEND = "/accounts/email", "/accounts/email/confirm", "/accounts/email/resend"
OLD, NEW, OTHER = "alice@example.com", "new@example.com", "other@example.com"
POLICIES = ["none", "optional", "mandatory"]
PAUSE = timedelta(seconds=61)


@pytest.fixture(params=POLICIES)
def policy(request, settings) -> str:
    settings.ACCOUNT_EMAIL_VERIFICATION = request.param
    return request.param


@pytest.fixture
def member(alice) -> User:
    """alice, whose address is confirmed."""
    EmailAddress.objects.create(user=alice, email=OLD, primary=True, verified=True)
    return alice


@pytest.fixture
def page(member) -> Browser:
    return signed_in(OLD)


@pytest.fixture
def _clock(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


def ask(page, email=NEW):
    return page.send("POST", URL, {"email": email})


def confirm(page, email=NEW, code=None):
    return page.send("POST", CONFIRM, {"email": email, "code": code or code_to(email)})


def follow(email=NEW):
    return Browser().send("POST", VERIFY, {"key": key_to(email)})


def state(page):
    body = page.get(URL).json()
    pending = body["pending"] and body["pending"]["email"]
    return body["email"], body["is_confirmed"], pending


def kinds(user) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).values_list("kind", flat=True))


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("way", ["code", "link"])
def test_it_takes_effect_after_the_new_address_is_confirmed(member, page, way):
    asked = ask(page)
    assert (asked.status_code, asked["Retry-After"]) == (202, "60")
    assert state(page) == (OLD, True, NEW)
    assert [m.subject for m in mails_to(OLD)], "the former address is told"
    assert confirm(page).status_code == 200 if way == "code" else follow().status_code == 401
    assert state(page) == (NEW, True, None), "and this session goes on"
    told = mails_to(OLD)[-1]
    assert told.subject.startswith("[대사] ")
    assert NEW not in told.subject + told.body
    assert {"address_change_asked", "address_changed"} <= set(kinds(member))
    assert signed_in(NEW)
    login = {"email": OLD, "password": PASSWORD}
    assert APIClient().post("/accounts/login", login).status_code == 401


@pytest.mark.usefixtures("policy")
def test_a_code_or_link_works_once(page):
    ask(page)
    key, code = key_to(NEW), code_to(NEW)
    assert confirm(page).status_code == 200
    assert confirm(page, code=code).json()["code"] == "code_expired"
    assert Browser().send("POST", VERIFY, {"key": key}).status_code == 400


def test_tokens_and_sessions_go_on_and_links_to_reset_are_void(member, page, client_for):
    other, token = signed_in(OLD), client_for(member)
    refresh = issue(member)["refresh"]
    Browser().send("POST", f"{SESSION}/auth/password/request", {"email": OLD})
    reset = key_to(OLD, "reset")
    ask(page)
    confirm(page)
    assert other.get("/accounts/profile").json()["email"] == NEW
    assert token.get("/accounts/profile").json()["email"] == NEW
    assert APIClient().post("/accounts/token/refresh", {"refresh": refresh}).status_code == 200
    body = {"key": reset, "password": "staple of paper"}
    assert Browser().send("POST", f"{SESSION}/auth/password/reset", body).status_code == 400
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_what_is_known_of_devices_moves_along(member, page):
    ask(page)
    confirm(page)
    known = SignInSource.objects.of(NEW).exclude(signed_in_at=None)
    assert {row.user for row in known} == {member}
    assert not SignInSource.objects.of(OLD).exclude(signed_in_at=None).exists()


@pytest.mark.parametrize("ending", ["password", "reset", "cancel", "another", "late", "left"])
@pytest.mark.usefixtures("_clock")
def test_what_ends_a_change(member, page, ending, time_machine, settings):
    ask(page)
    key, code = key_to(NEW), code_to(NEW)
    if ending == "password":
        body = {"current_password": PASSWORD, "new_password": "staple of paper"}
        assert page.send("PATCH", "/accounts/profile", body).status_code == 200
    elif ending == "reset":  # what the mail to the former address advises
        Browser().send("POST", f"{SESSION}/auth/password/request", {"email": OLD})
        body = {"key": key_to(OLD, "reset"), "password": "staple of paper"}
        assert Browser().send("POST", f"{SESSION}/auth/password/reset", body).status_code == 401
        page = signed_in(OLD, "staple of paper")
    elif ending == "cancel":
        assert page.send("DELETE", URL).status_code == 204
    elif ending == "another":
        assert ask(page, OTHER).status_code == 202
    elif ending == "late":
        time_machine.shift(timedelta(minutes=61))
    else:
        User.objects.filter(pk=member.pk).update(is_active=False)
    assert Browser().send("POST", VERIFY, {"key": key}).status_code == 400
    assert confirm(page, code=code).status_code in {400, 403, 401}
    member.refresh_from_db()
    assert member.email == OLD
    assert AddressConfirmation.objects.filter(is_change=True).count() <= 1


@pytest.mark.usefixtures("_clock")
def test_a_change_needs_a_fresh_sign_in_or_the_password(member, page, as_alice, time_machine):
    refused = as_alice.post(URL, {"email": NEW})
    assert (refused.status_code, code_error(refused)) == (400, ["required"])
    refused = as_alice.post(URL, {"email": NEW, "password": "wrong"})
    assert (refused.status_code, code_error(refused)) == (400, ["incorrect_password"])
    assert as_alice.post(URL, {"email": NEW, "password": PASSWORD}).status_code == 202
    time_machine.shift(timedelta(minutes=11))
    refused = ask(page, OTHER)
    assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_required")
    body = {"email": OTHER, "password": PASSWORD}
    assert page.send("POST", URL, body).status_code == 202


@pytest.mark.parametrize("email", [OLD, "ALICE@Example.com", "no address", "", None])
def test_what_is_no_other_address(page, email):
    assert ask(page, email).status_code == 400
    assert mail.outbox == []


def test_an_address_of_a_domain_that_may_not_join(page, settings):
    settings.SIGNUP_DOMAINS = ["school.example"]
    refused = ask(page, NEW)
    assert (refused.status_code, code_error(refused)) == (400, ["signup_domain"])
    assert mail.outbox == []
    assert ask(page, "new@school.example").status_code == 202


def test_a_first_address(page, member):
    User.objects.filter(pk=member.pk).update(email=None)
    EmailAddress.objects.all().delete()
    page.send("POST", URL, {"email": NEW, "password": PASSWORD})
    assert [m.to for m in mail.outbox] == [[NEW]], "there is no former address to tell"
    assert confirm(page).json()["email"] == NEW


@pytest.mark.parametrize("policy", ["none", "optional"], indirect=True)
@pytest.mark.usefixtures("policy")
def test_the_own_address_is_confirmed(alice):
    page = signed_in(OLD)
    assert state(page) == (OLD, False, None)
    assert page.send("POST", RESEND, {"email": OLD}).status_code == 202
    assert confirm(page, OLD).status_code == 200
    assert state(page) == (OLD, True, None)
    assert page.send("POST", RESEND, {"email": OLD}).json()["code"] == "nothing_to_confirm"
    assert kinds(alice).count("address_confirmed") == 1


@pytest.mark.usefixtures("_clock")
def test_the_mail_is_sent_again_once_a_minute(page, time_machine):
    ask(page)
    refused = page.send("POST", RESEND, {"email": NEW})
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    time_machine.shift(PAUSE)
    assert page.send("POST", RESEND, {"email": NEW}).status_code == 202
    assert len(mails_to(NEW)) == 2
    assert len(mails_to(OLD)) == 1, "told once"


def test_an_address_that_does_not_wait(page):
    for email in (NEW, OLD):
        refused = page.send("POST", RESEND, {"email": email})
        assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_confirm")
    assert confirm(page, code="0000 0000").json()["code"] == "code_expired"


# --- Attacks ------------------------------------------------------------------------------------


def test_a_code_is_of_its_user(page, bob):
    mallory = signed_in(bob.email)
    ask(page)
    code = code_to(NEW)
    assert confirm(mallory, code=code).json()["code"] == "code_expired"
    mallory.send("POST", URL, {"email": OTHER})
    assert confirm(mallory, OTHER, code).json()["code"] == "wrong_code"
    assert confirm(page, code=code).status_code == 200


def test_guesses_are_few(page, member):
    ask(page)
    code = code_to(NEW)
    guesses = [confirm(page, code=other_than(code)).json()["code"] for _ in range(5)]
    assert guesses == ["wrong_code"] * 5
    assert confirm(page, code=code).json()["code"] == "code_expired"
    member.refresh_from_db()
    assert member.email == OLD


@pytest.mark.parametrize("policy", ["none", "optional"], indirect=True)
@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("moment", ["before", "between"])
def test_an_unconfirmed_account_keeps_its_login_where_none_is_demanded(page, moment):
    if moment == "before":
        make_user("new")
        refused = ask(page)
        assert (refused.status_code, code_error(refused)) == (400, ["unique"])
        return
    ask(page)
    make_user("new")
    refused = confirm(page)
    assert (refused.status_code, refused.json()["code"]) == (409, "address_taken")
    assert state(page)[0] == OLD


@pytest.mark.parametrize("policy", ["mandatory"], indirect=True)
@pytest.mark.usefixtures("policy")
def test_an_unconfirmed_account_loses_it_where_one_is_demanded(page):
    squatter = make_user("new")
    ask(page)
    assert confirm(page).status_code == 200
    squatter.refresh_from_db()
    assert (squatter.email, squatter.is_active) == (f"released-{squatter.pk}@daesa.invalid", False)


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("way", ["code", "link"])
def test_confirmed_elsewhere_in_the_meantime(page, way):
    ask(page)
    owner = make_user("new")
    EmailAddress.objects.create(user=owner, email=NEW, primary=True, verified=True)
    answer = confirm(page) if way == "code" else follow()
    assert answer.status_code == (409 if way == "code" else 400)
    assert code_error(answer) == ["address_taken"]
    assert state(page)[0] == OLD
    owner.refresh_from_db()
    assert owner.email == NEW


@pytest.mark.parametrize("policy", ["mandatory"], indirect=True)
@pytest.mark.usefixtures("policy")
def test_joins_that_wait_for_the_address_are_void(page):
    APIClient().post("/accounts/join", {"email": NEW, "password": "staple of paper"})
    key = key_to(NEW)
    ask_again = page.send("POST", URL, {"email": NEW})
    assert ask_again.status_code == 429, "a mail a minute, whatever for"
    row = AddressConfirmation.objects.create(user=User.objects.get(), email=NEW, is_change=True)
    assert confirm(page, code=row.code).status_code == 200
    assert not PendingJoin.objects.exists()
    assert Browser().send("POST", VERIFY, {"key": key}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_same_address(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "mail_again": None}
    users = [make_user("alice"), make_user("bob")]
    pages = [signed_in(user.email) for user in users]
    rows = [
        AddressConfirmation.objects.create(user=user, email=NEW, is_change=True) for user in users
    ]
    answers = at_once(
        *[partial(confirm, page, NEW, row.code) for page, row in zip(pages, rows, strict=True)]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert User.objects.filter(email=NEW).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_one_change_waits(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "address_change": None}
    make_user("alice")
    page = signed_in(OLD)
    answers = at_once(*[partial(ask, page, f"new{n}@example.com") for n in range(4)])
    assert {answer.status_code for answer in answers} == {202}
    [row] = AddressConfirmation.objects.all()
    assert confirm(page, row.email).status_code == 200
