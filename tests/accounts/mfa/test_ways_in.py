"""Every way in: with a second factor, none of them signs in without it."""

import contextlib
import re

import pytest
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from accounts.models import PendingJoin, SecurityEvent, User
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.mfa.factors import (
    AUTHENTICATE,
    LOGIN,
    SECOND,
    TOKENS,
    add_passkey,
    challenge_of,
    code_of,
    give_recovery_codes,
    give_totp,
    is_signed_in,
    send_code,
    sign_in,
    wrong_code,
)
from tests.accounts.mfa.software_passkey import Passkey
from tests.factories import PASSWORD

NEW = "staple of paper"


def flows(answer):
    return {flow["id"]: flow for flow in answer.json()["data"]["flows"]}


def by_session(user):
    browser = Browser()
    return browser, browser.send("POST", LOGIN, {"email": user.email, "password": PASSWORD})


def by_reset(user):
    browser = Browser()
    browser.send("POST", f"{SESSION}/auth/password/request", {"email": user.email})
    key = re.search(r"/reset#(\S+)", str(mail.outbox[-1].body)).group(1)
    body = {"key": key, "password": NEW}
    return browser, browser.send("POST", f"{SESSION}/auth/password/reset", body)


def by_session_after_reset(user):
    by_reset(user)
    browser = Browser()
    return browser, browser.send("POST", LOGIN, {"email": user.email, "password": NEW})


def by_token(user):
    client = APIClient()
    return client, client.post(TOKENS, {"email": user.email, "password": PASSWORD})


def by_admin(user):
    client = Client()
    return client, client.post("/admin/login/", {"username": user.email, "password": PASSWORD})


def by_joining_again(user):
    body = {"email": user.email, "password": PASSWORD}
    browser = Browser()
    return browser, browser.send("POST", f"{SESSION}/auth/signup", body)


def by_confirming_an_address(user):
    EmailAddress.objects.create(user=user, email=user.email, primary=True)
    PendingJoin.objects.create(email=user.email, password=user.password)
    browser = Browser()
    return browser, browser.send("POST", f"{SESSION}/auth/email/verify", {"key": "MQ:x:y"})


WAYS = [
    (by_session, 401),
    (by_reset, 401),
    (by_session_after_reset, 401),
    (by_token, 401),
    (by_admin, 200),
    (by_joining_again, 400),
    (by_confirming_an_address, 400),
]


@pytest.mark.parametrize(("way", "status"), WAYS, ids=lambda way: getattr(way, "__name__", ""))
def test_no_way_skips_the_factor(protected, settings, tmp_path, way, status):
    settings.PAGE_DIR = tmp_path
    protected.is_staff = protected.is_superuser = True
    protected.save()
    client, answer = way(protected)
    assert answer.status_code == status
    assert b"access" not in answer.content.replace(b"accessibility", b"").replace(b"/access", b"")
    assert client.get("/accounts/profile").status_code == 401
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("way", [by_session, by_session_after_reset])
def test_the_page_is_told_what_is_pending(protected, way):
    give_recovery_codes(protected)
    browser, answer = way(protected)
    pending = flows(answer)["mfa_authenticate"]
    assert pending == {
        "id": "mfa_authenticate",
        "is_pending": True,
        "types": ["recovery_codes", "totp"],
    }
    assert browser.send("POST", AUTHENTICATE, {"code": wrong_code()}).status_code == 400
    assert not is_signed_in(browser)
    assert browser.send("POST", AUTHENTICATE, {"code": code_of()}).status_code == 200
    assert is_signed_in(browser)


def test_a_new_password_by_its_owner_needs_no_factor_and_keeps_it(alice, browser):
    sign_in(alice, browser)
    give_totp(alice)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert browser.send("PATCH", "/accounts/profile", body).status_code == 200
    other = Browser()
    other.send("POST", LOGIN, {"email": alice.email, "password": NEW})
    assert not is_signed_in(other)


# --- Providers ----------------------------------------------------------------------------------


@pytest.fixture
def github(settings):
    app = {"client_id": "id", "secret": "secret"}
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [app]}}


def by_provider(user):
    """What allauth does after a provider's answer."""
    SocialAccount.objects.create(user=user, provider="github", uid="1")
    request = RequestFactory().post("/", REMOTE_ADDR="127.0.0.1")
    request.session, request.user = Browser().session, AnonymousUser()
    account = SocialAccount(provider="github", uid="1")
    with context.request_context(request), contextlib.suppress(ImmediateHttpResponse):
        provider = get_adapter().get_provider(request, "github")
        login = SocialLogin(user=User(), account=account, provider=provider)
        complete_login(request, login)
    return request


@pytest.mark.usefixtures("github")
def test_a_provider_does_not_replace_the_factor(protected):
    request = by_provider(protected)
    assert SESSION_KEY not in request.session
    assert request.session["account_login"]["state"]["stages"]["current"] == "mfa_authenticate"


@pytest.mark.usefixtures("github")
def test_a_provider_signs_in_without_a_factor(alice):
    assert by_provider(alice).session[SESSION_KEY] == str(alice.pk)


def test_a_reset_that_would_sign_in_stops_at_the_factor(protected):
    """`ACCOUNT_LOGIN_ON_PASSWORD_RESET` is off; allauth's flow is the same for all."""
    request = RequestFactory().post("/", REMOTE_ADDR="127.0.0.1")
    request.session, request.user = Browser().session, AnonymousUser()
    with context.request_context(request):
        perform_login(request, Login(user=protected))
    assert SESSION_KEY not in request.session


# --- Fixation -----------------------------------------------------------------------------------


def test_the_session_key_is_new_after_each_step(protected):
    browser = Browser()
    browser.get(f"{SESSION}/auth/webauthn/login")  # begins a session
    keys = [browser.cookies["sessionid"].value]
    sign_in(protected, browser)
    keys.append(browser.cookies["sessionid"].value)
    browser.send("POST", AUTHENTICATE, {"code": code_of()})
    keys.append(browser.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    for planted in keys[:2]:
        thief = Browser()
        thief.cookies["sessionid"] = planted
        assert not is_signed_in(thief)
        assert thief.send("POST", AUTHENTICATE, {"code": code_of(1)}).status_code == 401


# --- Programs -----------------------------------------------------------------------------------


def test_a_program_completes_its_sign_in(protected, anonymous):
    give_recovery_codes(protected)
    answer = anonymous.post(TOKENS, {"email": protected.email, "password": PASSWORD})
    body = answer.json()
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert body["code"] == "second_factor_required"
    assert body["types"] == ["recovery_codes", "totp"]
    assert protected.last_login is None
    answer = send_code(body["challenge"], code_of())
    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == protected.email
    bearer = {"Authorization": f"Bearer {answer.json()['access']}"}
    assert anonymous.get("/accounts/profile", headers=bearer).status_code == 200
    protected.refresh_from_db()
    assert protected.last_login is not None


def test_a_recovery_code_is_told(protected):
    codes = give_recovery_codes(protected)
    assert send_code(challenge_of(protected), codes[0]).status_code == 200
    assert send_code(challenge_of(protected), codes[0]).status_code == 401
    [event] = SecurityEvent.objects.filter(kind="recovery_code_used")
    assert event.details == {"left": 9}
    assert "9 codes are left" in mail.outbox[0].body


def test_whoever_has_only_passkeys_uses_a_recovery_code(alice, anonymous):
    add_passkey(sign_in(alice), Passkey())
    answer = anonymous.post(TOKENS, {"email": alice.email, "password": PASSWORD})
    assert answer.json()["types"] == ["recovery_codes"]


@pytest.mark.parametrize("challenge", ["", "x", "a:b:c", "x" * 501, "\0"])
def test_what_is_no_challenge(protected, challenge):
    assert send_code(challenge, code_of()).status_code in {400, 401}


@pytest.mark.parametrize("code", [None, "", "x" * 33, 5, [], {}])
def test_what_is_no_code(protected, anonymous, code):
    body = {"challenge": challenge_of(protected), "code": code}
    assert anonymous.post(SECOND, body).status_code in {400, 401}


def test_a_challenge_completes_one_sign_in(protected):
    challenge = challenge_of(protected)
    assert send_code(challenge, code_of(-1)).status_code == 200
    answer = send_code(challenge, code_of())
    assert (answer.status_code, answer.json()["code"]) == (401, "challenge_not_valid")


def test_a_challenge_takes_few_codes(protected, settings):
    challenge = challenge_of(protected)
    for _ in range(5):
        assert send_code(challenge, "x").status_code in {401, 429}
    answer = send_code(challenge, code_of())
    assert answer.json()["code"] == "challenge_not_valid"


def test_a_challenge_expires(protected, time_machine):
    time_machine.move_to("2026-03-01T03:00:00Z", tick=False)
    challenge = challenge_of(protected)
    time_machine.shift(301)
    assert send_code(challenge, code_of()).json()["code"] == "challenge_not_valid"


@pytest.mark.parametrize("change", ["password", "deactivated", "unconfirmed", "gone", "forged"])
def test_what_ends_a_challenge(protected, settings, change):
    challenge = challenge_of(protected)
    if change == "password":
        protected.set_password(PASSWORD)
        protected.save()
    elif change == "deactivated":
        User.objects.update(is_active=False)
    elif change == "unconfirmed":
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    elif change == "gone":
        protected.delete()
    else:
        challenge = challenge[:-1] + ("A" if challenge[-1] != "A" else "B")
    answer = send_code(challenge, code_of())
    assert (answer.status_code, answer.json()["code"]) == (401, "challenge_not_valid")


def test_a_challenge_is_for_its_user(protected, bob):
    give_totp(bob)
    mine = challenge_of(bob)
    answer = send_code(mine, code_of())
    assert answer.json()["user"]["email"] == bob.email


def test_few_challenges_are_kept(protected):
    challenges = [challenge_of(protected) for _ in range(12)]
    assert send_code(challenges[0], code_of()).status_code == 401
    assert send_code(challenges[-1], code_of()).status_code == 200


def test_a_challenge_is_no_token(protected, anonymous):
    bearer = {"Authorization": f"Bearer {challenge_of(protected)}"}
    assert anonymous.get("/accounts/profile", headers=bearer).status_code == 401
