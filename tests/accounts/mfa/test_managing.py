"""Settings: the authenticator app and recovery codes, who must confirm, and what the trail says."""

import time
from functools import partial

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import connection

from accounts.mfa.codes import use_code
from accounts.models import SecurityEvent
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.mfa.factors import (
    AUTHENTICATE,
    FACTORS,
    PASSKEYS,
    RECOVERY,
    SECRET,
    TOTP,
    code_of,
    give_passkey,
    give_recovery_codes,
    give_totp,
    is_signed_in,
    sign_in,
    wrong_code,
)
from tests.concurrently import at_once
from tests.factories import PASSWORD

REAUTHENTICATE, BY_CODE = f"{SESSION}/auth/reauthenticate", f"{SESSION}/auth/2fa/reauthenticate"
LATER = 601  # seconds after which a sign-in is not fresh


def secret_of(browser):
    answer = browser.get(TOTP)
    assert answer.status_code == 404
    return answer.json()["meta"]["secret"]


def activate(browser, secret):
    """With an app that has taken the secret that the page showed."""
    return browser.send("POST", TOTP, {"code": code_of(secret=secret)})


def shown_codes(browser):
    return browser.get(RECOVERY).json()["data"].get("unused_codes")


# --- The authenticator app ----------------------------------------------------------------------


def test_setting_up_an_app(alice, browser):
    sign_in(alice, browser)
    url = browser.get(TOTP).json()["meta"]["totp_url"]
    assert url.startswith("otpauth://totp/alice%40example.com?secret=")
    assert url.endswith("&issuer=testserver")
    secret = secret_of(browser)
    assert browser.send("POST", TOTP, {"code": wrong_code(secret=secret)}).status_code == 400
    assert activate(browser, secret).status_code == 200
    assert browser.get(TOTP).status_code == 200
    assert not is_signed_in(sign_in(alice))
    assert len(shown_codes(browser)) == 10


def test_the_code_that_set_it_up_is_used_up(alice, browser):
    with time_machine.travel("2026-03-01T03:00:00Z", tick=False):
        sign_in(alice, browser)
        secret = secret_of(browser)
        assert activate(browser, secret).status_code == 200
        assert use_code(alice, code_of(secret=secret)) is None
        assert use_code(alice, code_of(1, secret=secret))


def test_there_is_one_app(protected, browser):
    sign_in(protected, browser)
    browser.send("POST", AUTHENTICATE, {"code": code_of()})
    session = browser.session
    session["mfa.totp.secret"] = "x"
    session.save()
    answer = activate(browser, SECRET)
    assert answer.status_code in {400, 409}


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_once_at_once(alice, browser):
    sign_in(alice, browser)
    secret = secret_of(browser)
    answers = at_once(*[partial(activate, browser, secret) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


def test_the_secret_is_stored_nowhere_in_plain_text(alice, browser):
    sign_in(alice, browser)
    secret = secret_of(browser)
    sessions = [str(one.get_decoded()) for one in Session.objects.all()]
    assert "mfa.totp.secret" in sessions[0]
    assert secret not in sessions[0]
    activate(browser, secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        rows = str(cursor.fetchall())
    assert "secret" in rows
    assert "seed" in rows
    assert secret not in rows
    for code in shown_codes(browser):
        assert code not in rows


def test_removing_the_app(protected, browser):
    sign_in(protected, browser)
    browser.send("POST", AUTHENTICATE, {"code": code_of()})
    assert browser.send("DELETE", TOTP).status_code == 200
    assert is_signed_in(sign_in(protected))


def test_misspelled_names(alice, browser):
    sign_in(alice, browser)
    answer = browser.send("POST", TOTP, {"codes": "1"})
    assert answer.json()["errors"][0]["code"] == "unknown_field"


# --- Recovery codes -----------------------------------------------------------------------------


def test_recovery_codes_are_shown_once(alice, browser):
    sign_in(alice, browser)
    assert browser.get(RECOVERY).status_code == 404
    assert browser.send("POST", RECOVERY, {}).status_code == 400  # for whom has no factor
    give_totp(alice)
    codes = give_recovery_codes(alice)
    assert shown_codes(browser) == codes
    assert shown_codes(browser) is None
    made = browser.send("POST", RECOVERY, {}).json()["data"]["unused_codes"]
    assert len(made) == 10
    assert not set(made) & set(codes)
    assert shown_codes(browser) is None
    assert use_code(alice, codes[0]) is None
    assert use_code(alice, made[0])


@pytest.mark.django_db(transaction=True)
def test_showing_them_does_not_undo_a_use(protected):
    browser = sign_in(protected)
    browser.send("POST", AUTHENTICATE, {"code": code_of()})
    codes = give_recovery_codes(protected)
    at_once(
        partial(browser.get, RECOVERY), *[partial(use_code, protected, code) for code in codes[:4]]
    )
    assert not any(use_code(protected, code) for code in codes[:4])


# --- Confirming ---------------------------------------------------------------------------------

GUARDED = [
    ("POST", TOTP, {"code": "code"}),
    ("DELETE", TOTP, None),
    ("GET", RECOVERY, None),
    ("POST", RECOVERY, {}),
    ("GET", PASSKEYS, None),
    ("PUT", PASSKEYS, {"id": "passkey", "name": "Mine"}),
    ("DELETE", PASSKEYS, {"authenticators": ["passkey"]}),
]


def by_password(browser, user):
    return sign_in(user, browser)


def by_provider(browser, user):
    user.set_unusable_password()
    user.save()
    browser.force_login(user)
    return browser


@pytest.mark.parametrize("way", [by_password, by_provider])
@pytest.mark.parametrize(("method", "path", "body"), GUARDED)
def test_changes_need_a_fresh_sign_in(alice, browser, way, method, path, body):
    """Allauth itself would let people pass who have neither a password nor a factor."""
    way(browser, alice)
    secret = secret_of(browser)
    passkey = give_passkey(alice)
    if (method, path) in {("DELETE", TOTP), ("GET", RECOVERY)}:
        give_totp(alice)
        give_recovery_codes(alice)
    with time_machine.travel(time.time() + LATER, tick=False):
        named = {"code": code_of(secret=secret), "passkey": passkey.pk}
        filled = body and {
            name: [named[v] for v in value] if isinstance(value, list) else named.get(value, value)
            for name, value in body.items()
        }
        before = list(Authenticator.objects.order_by("pk").values())
        answer = browser.get(path) if method == "GET" else browser.send(method, path, filled)
        assert answer.status_code == 401, answer.content
        assert answer.json()["meta"]["is_authenticated"] is True
        assert list(Authenticator.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("way", ["password", "code"])
def test_confirming_makes_it_fresh(protected, browser, way):
    sign_in(protected, browser)
    browser.send("POST", AUTHENTICATE, {"code": code_of()})
    with time_machine.travel(time.time() + LATER, tick=False):
        assert browser.send("POST", RECOVERY, {}).status_code == 401
        right = {"password": PASSWORD} if way == "password" else {"code": code_of()}
        wrong = {"password": "x"} if way == "password" else {"code": wrong_code()}
        path = REAUTHENTICATE if way == "password" else BY_CODE
        assert browser.send("POST", path, wrong).status_code == 400
        assert browser.send("POST", RECOVERY, {}).status_code == 401
        assert browser.send("POST", path, right).status_code == 200
        assert browser.send("POST", RECOVERY, {}).status_code == 200


def test_a_fresh_sign_in_needs_no_confirming(alice, browser):
    sign_in(alice, browser)
    assert browser.get(PASSKEYS).status_code == 200


# --- Addresses that are not confirmed -----------------------------------------------------------


@pytest.mark.parametrize(("verification", "status"), [("none", 404), ("optional", 404)])
def test_an_unconfirmed_address_may_have_a_factor(alice, browser, settings, verification, status):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    alice.emailaddress_set.create(email=alice.email, primary=True)
    sign_in(alice, browser)
    assert browser.get(TOTP).status_code == status


def test_where_addresses_must_be_confirmed_it_may_not(alice, browser, settings):
    alice.emailaddress_set.create(email=alice.email, primary=True)
    sign_in(alice, browser)
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    for path in (TOTP, PASSKEYS):
        answer = browser.get(path)
        assert answer.status_code == 409
        assert answer.json()["errors"][0]["code"] == "unverified_email"


# --- The trail ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_trail(alice, browser):
    sign_in(alice, browser)
    secret = secret_of(browser)
    activate(browser, secret)
    codes = shown_codes(browser)
    browser.send("POST", RECOVERY, {})
    browser.send("POST", BY_CODE, {"code": codes[0]})
    browser.send("DELETE", TOTP)
    found = SecurityEvent.objects.order_by("pk").exclude(kind__in=["signed_in", "signed_out"])
    assert sorted((one.kind, one.details.get("type", "")) for one in found) == [
        ("factor_added", "totp"),
        ("factor_refused", ""),
        ("factor_removed", "recovery_codes"),
        ("factor_removed", "totp"),
        ("recovery_codes_made", "recovery_codes"),
        ("recovery_codes_made", "recovery_codes"),
    ]
    text = str(list(found.values()))
    assert secret not in text
    assert codes[0] not in text


# --- Another SECRET_KEY -------------------------------------------------------------------------


def test_a_new_key_reads_the_old_ones_secrets(protected, settings):
    codes = give_recovery_codes(protected)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert use_code(protected, code_of())
    assert use_code(protected, codes[0])
    call_command("renew_factor_keys")
    settings.SECRET_KEY_FALLBACKS = []
    assert use_code(protected, code_of(1))
    assert use_code(protected, codes[0]) is None
    assert use_code(protected, codes[1])


def test_without_the_old_key_no_code_is_right(protected, settings, browser, caplog):
    codes = give_recovery_codes(protected)
    sign_in(protected, browser)
    browser.send("POST", AUTHENTICATE, {"code": code_of()})
    settings.SECRET_KEY_FALLBACKS = []
    data = [dict(one.data) for one in Authenticator.objects.all()]
    settings.SECRET_KEY = "another" * 10
    for code in (code_of(1), codes[0], "000000", ""):
        assert use_code(protected, code) is None
    assert "cannot be read" in caplog.text
    assert SECRET not in caplog.text
    call_command("renew_factor_keys")  # leaves them, for the day when the key is found
    assert [one.data for one in Authenticator.objects.all()] == data


def test_the_list_of_factors_without_the_old_key(protected, settings, alices_session):
    settings.SECRET_KEY_FALLBACKS = []
    assert alices_session.get(FACTORS).status_code == 200


@pytest.fixture
def alices_session(protected):
    give_recovery_codes(protected)
    for factor in Authenticator.objects.all():
        factor.data = dict.fromkeys(factor.data, "gAAAA") | {"used_mask": 0}
        factor.save()
    browser = Browser()
    browser.force_login(protected)
    mail.outbox.clear()
    return browser
