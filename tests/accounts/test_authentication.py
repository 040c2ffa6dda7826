"""Bearer tokens; /accounts/profile stands for all endpoints."""

import base64
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.forms import model_to_dict
from django.utils import timezone

from accounts.authentication import owner_of
from accounts.models import TokenFamily
from accounts.tokens import Access, Refresh
from tests.accounts.conftest import INVALID_TOKEN, without_id
from tests.factories import make_user

URL = "/accounts/profile"


def get(client, header):
    client.credentials(HTTP_AUTHORIZATION=header)
    return client.get(URL)


def assert_refused(response):
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response["Content-Type"] == "application/problem+json"
    assert without_id(response.json()) == INVALID_TOKEN


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_has_no_case(alice, anonymous, token_of, scheme):
    assert get(anonymous, f"{scheme} {token_of(alice)}").json()["email"] == alice.email


@pytest.mark.parametrize(
    "fields",
    [{}, {"is_staff": True}, {"is_superuser": True, "is_staff": True, "daily_limit": 7}],
    ids=["plain", "staff", "superuser"],
)
def test_one_query_finds_the_person_as_stored(db, django_assert_num_queries, fields):
    stored = make_user("dora", **fields)
    token = Refresh.for_user(stored).access_token
    with django_assert_num_queries(1):
        found = owner_of(token)  # type: ignore[arg-type]
        assert (found.pk, found.email, found.nickname) == (stored.pk, stored.email, "dora")
        assert found.is_active is True
        assert found.is_staff is stored.is_staff
        assert found.is_superuser is stored.is_superuser
        assert found.daily_limit == stored.daily_limit
        assert found.check_password("x") is False
    assert model_to_dict(found) == model_to_dict(stored)
    assert found.created_at == stored.created_at


def test_a_save_of_the_found_person_keeps_the_rest(alice, token_of):
    alice.ip_address = "203.0.113.7"
    alice.save()
    found = owner_of(Access(token_of(alice)))
    found.nickname = "Alice"
    found.save()
    alice.refresh_from_db()
    assert (alice.nickname, alice.ip_address) == ("Alice", "203.0.113.7")


CHANGES = {
    "other key": {"key": "another key, as long as the right one is " * 2},
    "other algorithm": {"algorithm": "HS384"},
    "no algorithm": {"algorithm": "none", "key": None},
    "other issuer": {"iss": "mallory"},
    "no issuer": {"iss": None},
    "other audience": {"aud": "other"},
    "no audience": {"aud": None},
    "expired": {"exp": timezone.now() - timedelta(seconds=61)},
    "without an end": {"exp": None},
    "not yet": {"nbf": timezone.now() + timedelta(hours=1)},
    "refresh token": {"token_type": "refresh"},
    "without an id": {"jti": None},
    "nobody's": {"user_id": "0"},
    "without a family": {"sid": None},
    "another family": {"sid": "0" * 32},
    "no family's id": {"sid": "x"},
    "the key of sessions": {"key": settings.SECRET_KEY},
    "the key of sessions, without its name": {"key": settings.SECRET_KEY, "kid": None},
    "another key's name": {"kid": "other"},
    "no key's name": {"kid": None},
    "an empty name": {"kid": ""},
    "a path as the name": {"kid": "../../../dev/null", "key": "x" * 64},
    "a statement as the name": {"kid": "' UNION SELECT 'x", "key": "x" * 64},
    "its own key": {
        "kid": "mine",
        "key": "x" * 64,
        "header": {"jwk": {"kty": "oct", "k": "eHh4eHh4eHh4"}},
    },
    "a key elsewhere": {"kid": "mine", "key": "x" * 64, "header": {"jku": "https://m.example"}},
    "former password": {"hash_password": "0" * 32},
    "no password": {"hash_password": None},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_wrong_tokens(alice, anonymous, token_of, change):
    assert_refused(get(anonymous, f"Bearer {token_of(alice, **change)}"))


@pytest.mark.parametrize("claim", ["user_id", "jti"])
def test_signed_but_without_an_owner(alice, anonymous, token_of, claim):
    assert_refused(get(anonymous, f"Bearer {token_of(alice, **{claim: None})}"))


def _brackets() -> str:
    header = base64.urlsafe_b64encode(b"[" * 6000).rstrip(b"=").decode()
    return f"{header}.e30.x"


GARBAGE = ["x", "a.b.c", "..", "é.é.é", "null", _brackets()]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage(db, anonymous, garbage):
    assert_refused(get(anonymous, f"Bearer {garbage}"))


def test_changed_payload(alice, bob, anonymous, token_of):
    header, payload, signature = token_of(alice).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["user_id"] = str(bob.pk)
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert_refused(get(anonymous, f"Bearer {header}.{forged}.{signature}"))


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer one two"])
def test_malformed_header(db, anonymous, header):
    response = get(anonymous, header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert without_id(response.json()) == {
        "type": "urn:daesa:problem:bad_authorization_header",
        "title": "Unauthorized",
        "status": 401,
        "detail": "The Authorization header must be `Bearer` and one token.",
        "code": "bad_authorization_header",
    }


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Token abc"])
def test_nobody(db, anonymous, header):
    response = get(anonymous, header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["code"] == "not_authenticated"


def test_a_proxys_own_scheme_leaves_the_session(alices_browser):
    response = alices_browser.get(URL, headers={"Authorization": "Basic YTpi"})
    assert response.status_code == 200


def test_inactive_person(alice, as_alice):
    alice.is_active = False
    alice.save()
    assert_refused(as_alice.get(URL))


def test_deleted_person(alice, as_alice):
    alice.delete()
    assert_refused(as_alice.get(URL))


def test_token_whose_family_has_ended(alice, anonymous, token_of):
    token = token_of(alice)
    assert get(anonymous, f"Bearer {token}").status_code == 200
    TokenFamily.objects.all().delete()
    assert_refused(get(anonymous, f"Bearer {token}"))


def test_token_of_anothers_family(alice, bob, anonymous, token_of):
    token_of(bob)  # the family is his
    assert_refused(get(anonymous, f"Bearer {token_of(alice)}"))


def test_settings_pin_what_tokens_are():
    assert settings.SIMPLE_JWT["ALGORITHM"] == "HS256"
    assert settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"] == timedelta(minutes=15)
    assert settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"] == timedelta(days=14)
