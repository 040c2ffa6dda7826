"""The keys that sign JWTs, and their rotation."""

from io import StringIO

import jwt
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from environs import EnvError
from rest_framework.test import APIClient

from accounts import tokens
from accounts.tokens import issue
from config import signing_keys
from tests.accounts.conftest import SESSION, former_token
from tests.factories import PASSWORD

OLD, NEW, THIRD = ((name, f"{name}-0123456789-abcdefghijklmnopqrstuvwxyz-ABC") for name in "ont")
SECRETS = ["secret-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ", "former" * 10]


@pytest.fixture(autouse=True)
def _forget_verified_tokens():
    """A process has the same keys all its life."""
    tokens.verified.clear()
    yield
    tokens.verified.clear()


def is_taken(token) -> bool:
    tokens.verified.clear()
    return APIClient().post("/accounts/token/verify", {"token": token}).status_code == 200


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_rotation(alice, settings, kind):
    settings.JWT_SIGNING_KEYS = [OLD]
    before = str(dict(issue(alice))[kind])
    settings.JWT_SIGNING_KEYS = [NEW, OLD]
    after = str(dict(issue(alice))[kind])
    assert jwt.get_unverified_header(before) == {"alg": "HS256", "typ": "JWT", "kid": "o"}
    assert jwt.get_unverified_header(after)["kid"] == "n"
    assert is_taken(before)
    assert is_taken(after)
    settings.JWT_SIGNING_KEYS = [THIRD, NEW]
    assert not is_taken(before)
    assert is_taken(after)


def test_a_name_chooses_one_key_alone(alice, settings):
    """A token that names another key than the one that signed it is refused, both being valid."""
    settings.JWT_SIGNING_KEYS = [NEW, OLD]
    token = issue(alice)["access"]
    claims = jwt.decode(token, options={"verify_signature": False})
    crossed = jwt.encode(claims, NEW[1], algorithm="HS256", headers={"kid": "o"})
    assert not is_taken(crossed)
    assert is_taken(token)


def test_a_key_of_their_own_is_not_secret_key(alice, settings):
    settings.JWT_SIGNING_KEYS = [NEW]
    claims = jwt.decode(issue(alice)["access"], options={"verify_signature": False})
    for kid, key in [("n", settings.SECRET_KEY), signing_keys.derived_key(settings.SECRET_KEY)]:
        assert not is_taken(jwt.encode(claims, key, algorithm="HS256", headers={"kid": kid}))
    nameless = jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")
    assert not is_taken(nameless)


def test_by_default_the_key_is_derived(alice):
    kid, key = signing_keys.derived_key(django_settings.SECRET_KEY)
    assert [(kid, key)] == django_settings.JWT_SIGNING_KEYS
    assert django_settings.SECRET_KEY not in key
    assert jwt.get_unverified_header(issue(alice)["access"])["kid"] == kid


def test_a_new_secret_key_with_its_fallback_ends_nothing(alice, settings, anonymous):
    """Tokens, with and without a family, sessions, reset keys and known devices."""
    browser = Client()
    browser.post(
        f"{SESSION}/auth/login",
        {"email": alice.email, "password": PASSWORD},
        content_type="application/json",
    )
    pair, former = issue(alice), former_token(alice)
    secrets = [SECRETS[0], settings.SECRET_KEY]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secrets[0], secrets[1:]
    settings.JWT_SIGNING_KEYS = signing_keys.read([], secrets=secrets)
    assert is_taken(pair["access"])
    assert is_taken(former)
    assert anonymous.post("/accounts/token/refresh", pair).status_code == 200
    key = browser.session.session_key
    assert browser.get("/accounts/profile").status_code == 200
    assert browser.session.session_key != key, "Django gives the session another key"
    found = browser.get("/accounts/sessions").json()["results"]
    assert [one["is_current"] for one in found if one["kind"] == "browser"] == [True]
    settings.SECRET_KEY_FALLBACKS = []
    settings.JWT_SIGNING_KEYS = signing_keys.read([], secrets=secrets[:1])
    assert not is_taken(pair["access"])
    assert not is_taken(former)
    assert browser.get("/accounts/profile").status_code == 200


# --- The variable -------------------------------------------------------------------------------


def test_what_the_variable_means():
    derived = [signing_keys.derived_key(secret) for secret in SECRETS]
    read = signing_keys.read
    entries = [":".join(NEW), ":".join(OLD)]
    assert read([], secrets=SECRETS) == read(["derived"], secrets=SECRETS) == derived
    assert read(entries, secrets=SECRETS) == [NEW, OLD]
    assert read([entries[0], "derived"], secrets=SECRETS) == [NEW, *derived]


KEY = NEW[1]
WRONG = [
    "x", f":{KEY}", KEY, "n:", f"n:{KEY[:42]}", f"n:{'a' * 60}", f"n:{'abcabc' * 10}", f"n m:{KEY}",
    f"{'n' * 33}:{KEY}", f"n:{SECRETS[0]}", f"n:{KEY} {KEY}", f"ñ:{KEY}", f"n:{'가나다' * 20}",
]  # fmt: skip


@pytest.mark.parametrize("entry", WRONG, ids=range(len(WRONG)))
def test_wrong_entries(entry):
    with pytest.raises(EnvError, match="JWT_SIGNING_KEYS") as error:
        signing_keys.read([":".join(OLD), entry], secrets=SECRETS)
    assert KEY[:10] not in str(error.value)


@pytest.mark.parametrize("entries", [["n:" + KEY, "n:" + OLD[1]], ["derived", "derived"]])
def test_each_name_once(entries):
    with pytest.raises(EnvError):
        signing_keys.read(entries, secrets=SECRETS)


def test_the_command_prints_a_valid_entry():
    printed = []
    for _ in range(2):
        out = StringIO()
        call_command("make_signing_key", stdout=out)
        printed.append(out.getvalue().strip())
    assert len(set(printed)) == 2
    [(kid, key)] = signing_keys.read(printed[:1], secrets=SECRETS)
    assert len(key) == 64
    assert kid
