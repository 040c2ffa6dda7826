"""Passkeys: adding, signing in, confirming, and each thing that may be wrong with an answer."""

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core import mail
from fido2.utils import websafe_encode

from accounts.mfa import MOST_PASSKEYS
from accounts.mfa.passkeys import is_own_origin
from accounts.models import SecurityEvent
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.mfa.factors import (
    BY_PASSKEY,
    FACTORS,
    PASSKEYS,
    add_passkey,
    is_signed_in,
    sign_in,
    use_passkey,
)
from tests.accounts.mfa.software_passkey import Passkey
from tests.factories import make_user


@pytest.fixture
def passkey():
    return Passkey()


@pytest.fixture
def alices(alice, passkey):
    """Her browser, signed in, after she has added the passkey."""
    browser = sign_in(alice)
    answer = add_passkey(browser, passkey, "My phone")
    assert answer.status_code == 200, answer.content
    return browser


def codes_of(answer):
    return [error["code"] for error in answer.json()["errors"]]


def stored():
    return Authenticator.objects.filter(type="webauthn")


# --- Adding -------------------------------------------------------------------------------------


def test_adding(alices):
    shown = {one["type"]: one for one in alices.get(FACTORS).json()["data"]}
    passkey = shown["webauthn"]
    assert (passkey["name"], passkey["is_passwordless"]) == ("My phone", True)
    assert shown["recovery_codes"]["unused_code_count"] == 10


def test_the_options(alice):
    asked = sign_in(alice).get(f"{PASSKEYS}?passwordless").json()
    options = asked["data"]["creation_options"]["publicKey"]
    assert options["rp"] == {"id": "testserver", "name": "Daesa"}
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    asked = Browser().get(f"{BY_PASSKEY}/login").json()
    options = asked["data"]["request_options"]["publicKey"]
    assert (options["rpId"], options["userVerification"]) == ("testserver", "required")


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("origin", "https://evil.example"),
        ("origin", "https://sub.testserver"),
        ("origin", "http://testserver"),
        ("origin", "https://testserver.evil.example"),
        ("origin", "null"),
        ("host", "evil.example"),
        ("verified", False),
    ],
)
def test_what_is_not_added(alice, passkey, change, value):
    setattr(passkey, change, value)
    answer = add_passkey(sign_in(alice), passkey)
    assert (answer.status_code, codes_of(answer)) == (400, ["incorrect_code"])
    assert not stored().exists()


HOSTILE = [
    None,
    5,
    "x",
    [],
    {},
    {"id": "a"},
    {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {}},
    {"id": "YQ", "rawId": "YQ", "type": "x", "response": {"clientDataJSON": "YQ"}},
    {"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "W10", "attestationObject": "oA"}},
    {"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "e30", "attestationObject": "____"}},
    {"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "e30", "authenticatorData": "YQ",
     "signature": "YQ", "userHandle": 5}},
    {"id": "YQ", "rawId": "YQ", "response": {"clientDataJSON": "e30", "authenticatorData": "YQ",
     "signature": "YQ", "userHandle": "____"}},
]  # fmt: skip


@pytest.mark.parametrize("credential", HOSTILE)
def test_what_is_no_answer(alices, credential):
    stranger = Browser()
    for browser, path in [
        (alices, PASSKEYS),
        (alices, f"{BY_PASSKEY}/reauthenticate"),
        (stranger, f"{BY_PASSKEY}/login"),
    ]:
        assert browser.get(path).status_code == 200
        assert browser.send("POST", path, {"credential": credential}).status_code == 400
    assert stored().count() == 1


def test_a_key_that_cannot_be_checked_is_not_added(alice, passkey):
    passkey.public_key |= {-2: b"\1" * 32, -3: b"\2" * 32}  # no point of the curve
    assert add_passkey(sign_in(alice), passkey).status_code == 400


def test_a_large_one_is_not_added(alice, passkey):
    browser = sign_in(alice)
    options = browser.get(f"{PASSKEYS}?passwordless").json()["data"]["creation_options"]
    credential = {**passkey.create(options), "more": "x" * 20_000}
    assert browser.send("POST", PASSKEYS, {"credential": credential}).status_code == 400


def test_only_what_is_read_is_stored(alice, passkey):
    browser = sign_in(alice)
    options = browser.get(f"{PASSKEYS}?passwordless").json()["data"]["creation_options"]
    credential = {**passkey.create(options), "more": "x"}
    credential["clientExtensionResults"]["credProps"]["more"] = "x"
    assert browser.send("POST", PASSKEYS, {"credential": credential}).status_code == 200
    assert set(stored().get().data["credential"]) == {
        *("id", "rawId", "type", "response", "clientExtensionResults")
    }
    assert "more" not in str(stored().get().data)


@pytest.mark.parametrize(
    ("given", "name"),
    [("", "Passkey 1"), (" My\n  phone ", "My phone"), ("키\u200b", "키"), ("x" * 51, None)],
)
def test_names(alice, passkey, given, name):
    answer = add_passkey(sign_in(alice), passkey, given)
    assert answer.status_code == (200 if name else 400)
    if name:
        assert answer.json()["data"]["name"] == name


def test_renaming(alices, bob):
    own = stored().get()
    others = sign_in(bob)
    for browser, status in ((others, 400), (alices, 200)):
        answer = browser.send("PUT", PASSKEYS, {"id": own.pk, "name": " Work\tphone"})
        assert answer.status_code == status
    assert stored().get().data["name"] == "Work phone"
    assert alices.send("PUT", PASSKEYS, {"id": own.pk, "name": "x" * 51}).status_code == 400


def test_at_most_so_many(alice):
    browser = sign_in(alice)
    for _ in range(MOST_PASSKEYS):
        assert add_passkey(browser, Passkey()).status_code == 200
    answer = add_passkey(browser, Passkey())
    assert (answer.status_code, answer.json()["limit"]) == (
        409,
        {"name": "passkeys", "value": MOST_PASSKEYS},
    )
    assert stored().count() == MOST_PASSKEYS


def test_the_same_one_twice(alices, passkey):
    assert add_passkey(alices, passkey).json()["code"] == "factor_exists"
    assert stored().count() == 1


def test_removing(alices, alice, bob):
    pk = stored().get().pk
    body = {"authenticators": [pk]}
    assert sign_in(bob).send("DELETE", PASSKEYS, body).status_code == 400
    assert alices.send("DELETE", PASSKEYS, {"authenticators": [pk] * 11}).status_code == 400
    assert alices.send("DELETE", PASSKEYS, body).status_code == 200
    assert not Authenticator.objects.exists()  # nor the recovery codes
    assert is_signed_in(sign_in(alice))


def test_the_last_way_to_sign_in_stays(alices, alice):
    alice.set_unusable_password()
    alice.save()
    browser = Browser()
    browser.force_login(alice)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 2**33}]
    session["account_authentication_methods_user"] = str(alice.pk)
    session.save()
    body = {"authenticators": [stored().get().pk]}
    answer = browser.send("DELETE", PASSKEYS, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_way")


# --- Signing in ---------------------------------------------------------------------------------


def test_signing_in_without_a_password(alices, alice, passkey):
    browser = Browser()
    answer = use_passkey(browser, passkey)
    assert answer.status_code == 200
    assert answer.json()["data"]["user"]["email"] == alice.email
    assert is_signed_in(browser)


def test_as_a_second_factor(alices, alice, passkey):
    browser = sign_in(alice)
    assert not is_signed_in(browser)
    passkey.verified = False  # the password came before
    assert use_passkey(browser, passkey, "authenticate").status_code == 200
    assert is_signed_in(browser)


def test_a_passkey_of_another_is_no_second_factor(alices, bob):
    other = Passkey()
    add_passkey(sign_in(bob), other)
    browser = sign_in(bob)
    mine = Passkey()
    mine.user_handle = other.user_handle
    assert use_passkey(browser, mine, "authenticate").status_code == 400
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("origin", "https://evil.example"),
        ("origin", "https://sub.testserver"),
        ("origin", "http://testserver"),
        ("host", "evil.example"),
        ("verified", False),
        ("id", b"another id"),
        ("key", Passkey().key),
        ("user_handle", "bob"),
        ("user_handle", None),
    ],
)
def test_what_does_not_sign_in(alices, bob, passkey, change, value):
    if value == "bob":
        value = websafe_encode(user_pk_to_url_str(bob).encode())
    setattr(passkey, change, value)
    browser = Browser()
    answer = use_passkey(browser, passkey)
    assert (answer.status_code, codes_of(answer)) == (400, ["incorrect_code"])
    assert not is_signed_in(browser)


@pytest.mark.parametrize("state", ["deactivated", "unconfirmed"])
def test_accounts_that_cannot_sign_in(alices, alice, passkey, settings, state):
    if state == "deactivated":
        alice.is_active = False
        alice.save()
    else:
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    browser = Browser()
    assert use_passkey(browser, passkey).status_code == 401
    assert not is_signed_in(browser)


def test_an_answer_is_used_once(alices, passkey):
    browser = Browser()
    path = f"{BY_PASSKEY}/login"
    answer = passkey.get(browser.get(path).json()["data"]["request_options"])
    assert browser.send("POST", path, {"credential": answer}).status_code == 200
    other = Browser()
    other.get(path)
    for replay in (browser, other, Browser()):
        replay.send("DELETE", f"{SESSION}/auth/session")
        assert replay.send("POST", path, {"credential": answer}).status_code == 400
        assert not is_signed_in(replay)


def test_a_challenge_is_tried_once(alices, passkey):
    browser = Browser()
    path = f"{BY_PASSKEY}/login"
    right = passkey.get(browser.get(path).json()["data"]["request_options"])
    assert browser.send("POST", path, {"credential": {}}).status_code == 400
    assert browser.send("POST", path, {"credential": right}).status_code == 400


def test_a_challenge_expires(alices, passkey):
    with time_machine.travel("2026-03-01T03:00:00Z", tick=False) as clock:
        browser = Browser()
        path = f"{BY_PASSKEY}/login"
        right = passkey.get(browser.get(path).json()["data"]["request_options"])
        clock.shift(300)
        assert browser.send("POST", path, {"credential": right}).status_code == 400


def test_a_challenge_for_a_second_factor_signs_nobody_else_in(alices, passkey, bob):
    """A thief with an account of their own, and a stolen key that asks for no finger or PIN."""
    add_passkey(sign_in(bob), Passkey())
    thief = sign_in(bob)
    options = thief.get(f"{BY_PASSKEY}/authenticate").json()["data"]["request_options"]
    passkey.verified = False
    answer = thief.send("POST", f"{BY_PASSKEY}/login", {"credential": passkey.get(options)})
    assert answer.status_code == 400
    assert not is_signed_in(thief)


@pytest.mark.parametrize("purpose", ["reauthenticate", "login"])
def test_confirming(alices, passkey, purpose):
    path = f"{BY_PASSKEY}/reauthenticate"
    options = alices.get(f"{BY_PASSKEY}/{purpose}").json()["data"]["request_options"]
    answer = alices.send("POST", path, {"credential": passkey.get(options)})
    assert answer.status_code == (200 if purpose == "reauthenticate" else 400)


# --- The signature counter ----------------------------------------------------------------------


def test_a_counter_grows(alice):
    passkey = Passkey(counter=7)
    add_passkey(sign_in(alice), passkey)
    for skipped in (0, 0, 100):
        passkey.counter += skipped
        assert use_passkey(Browser(), passkey).status_code == 200


@pytest.mark.parametrize("counter", [0, 7, 8])
def test_a_copy_is_noticed(alice, counter):
    passkey = Passkey(counter=7)
    add_passkey(sign_in(alice), passkey)
    assert use_passkey(Browser(), passkey).status_code == 200  # by 8
    passkey.counter = counter
    mail.outbox.clear()
    browser = Browser()
    assert use_passkey(browser, passkey).status_code == 400
    assert not is_signed_in(browser)
    assert [event.reason for event in SecurityEvent.objects.filter(kind="factor_refused")] == [
        "copied_passkey"
    ]
    assert [message.subject for message in mail.outbox] == [
        "[Daesa] A passkey of yours was refused"
    ]


def test_a_passkey_without_a_counter(alices, passkey):
    for _ in range(3):
        assert use_passkey(Browser(), passkey).status_code == 200


def test_a_counter_that_disappears(alice):
    passkey = Passkey(counter=1)
    add_passkey(sign_in(alice), passkey)
    passkey.counter = None
    assert use_passkey(Browser(), passkey).status_code == 400


# --- The server's own name ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "origin", "debug", "is_own"),
    [
        ("daesa.example", "https://daesa.example", False, True),
        ("daesa.example", "https://daesa.example:8443", False, True),
        ("daesa.example", "https://DAESA.example", False, True),
        ("daesa.example", "http://daesa.example", True, False),
        ("daesa.example", "https://app.daesa.example", False, False),
        ("daesa.example", "https://daesa.example.evil", False, False),
        ("daesa.example", "https://daesa.example@evil.example", False, False),
        ("daesa.example", "android:apk-key-hash:x", False, False),
        ("daesa.example", "https://[", False, False),
        ("localhost", "http://localhost:5173", True, True),
        ("localhost", "http://localhost:5173", False, False),
        ("127.0.0.1", "http://127.0.0.1:8000", True, True),
        ("::1", "http://[::1]:8000", True, True),
    ],
)
def test_own_origin(settings, host, origin, debug, is_own):
    settings.DEBUG = debug
    assert is_own_origin(host, origin) is is_own


@pytest.mark.parametrize(
    ("host", "name"),
    [("daesa.example:8443", "daesa.example"), ("[::1]:8000", "::1"), ("localhost", "localhost")],
)
def test_the_name_is_the_host_of_the_request(db, settings, host, name):
    """As proxies pass it on."""
    settings.ALLOWED_HOSTS = ["daesa.example", "[::1]", "localhost"]
    browser = Browser()
    options = browser.get(f"{BY_PASSKEY}/login", headers={"Host": host})
    assert options.json()["data"]["request_options"]["publicKey"]["rpId"] == name


def test_asking_for_challenges_is_limited(db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"passkey": "3/m/ip"}
    statuses = [Browser().get(f"{BY_PASSKEY}/login").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_people_without_an_address(db, passkey):
    user = make_user("nameless")
    user.email = None
    user.save()
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": 2**33}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    assert add_passkey(browser, passkey).status_code == 200
    assert use_passkey(Browser(), passkey).status_code == 200
