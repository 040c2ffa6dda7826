"""Correctly signed tokens with claims that this server does not issue: 401 at every route that
takes a token.
"""

import json
import math
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts import tokens
from accounts.models import TokenFamily
from accounts.tokens import issue
from tests.accounts.conftest import INVALID_TOKEN, without_id

HUGE = [2**31, 2**63 - 1, 2**63, 2**64, 10**30, 10**308, -1, -(10**30), 0]
FLOATS = [1.5, -0.0, 1e308, math.inf, -math.inf, math.nan]
NESTED: object = 1
for _ in range(200):
    NESTED = [NESTED]
ODD = [
    *HUGE, *FLOATS, True, False, None, "", " ", "0", "-1", "+1", "1.0", "1e3", "01", "١", "1\x00",
    "\x00", "x" * 300, "\ud800", "9" * 19, "9" * 2000, "null", "access", "refresh",
    [], ["1"], ["daesa-api"], ["access"], [[]], {}, {"1": 1}, {"daesa-api": 1}, NESTED,
]  # fmt: skip
CLAIMS = [
    *("user_id", "jti", "sid", "exp", "iat", "nbf", "iss", "aud", "token_type", "hash_password"),
    "sub",
]


def signed(claims: dict[str, object], **header: object) -> str:
    """Like `jwt.encode`, but without its checks of claims."""
    body = json.dumps(claims).encode()
    kid, key = settings.JWT_SIGNING_KEYS[0]
    return jwt.PyJWS().encode(body, key, algorithm="HS256", headers={"kid": kid, **header})


def claims_of(user, kind: str, **changes: object) -> dict[str, object]:
    now = int(timezone.now().timestamp())
    end = timezone.now() + timedelta(days=1)
    family = {"user": user, "jti": "a" * 32, "expires_at": end, "ends_at": end}
    TokenFamily.objects.get_or_create(sid="f" * 32, defaults=family)
    return {
        "sid": "f" * 32,
        "token_type": kind,
        "user_id": str(user.pk),
        "hash_password": get_md5_hash_password(user.password),
        "jti": "a" * 32,
        "iat": now,
        "exp": now + 300,
        "iss": "daesa",
        "aud": "daesa-api",
        **changes,
    }


def answers_to(make) -> list:
    """The response of each route that takes a token."""
    access, refresh = make("access"), make("refresh")
    bearer = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}", raise_request_exception=False)
    plain = APIClient(raise_request_exception=False)
    return [
        *(bearer.get(path) for path in ("/accounts/profile", "/chat", "/models", "/quote")),
        bearer.post("/chat", {"content": "Hello"}),
        bearer.get("/accounts/logout"),
        bearer.post("/accounts/logout", {}),
        plain.post("/accounts/logout", {"refresh": refresh}),
        plain.post("/accounts/token/refresh", {"refresh": refresh}),
        plain.post("/accounts/token/verify", {"token": access}),
        plain.post("/accounts/token/verify", {"token": refresh}),
    ]


def assert_refused(answers) -> None:
    for answer in answers:
        request = answer.wsgi_request
        where = f"{request.method} {request.path}"
        assert answer.status_code == 401, (where, answer.status_code, answer.content)
        assert answer["Content-Type"] == "application/problem+json", where
        assert without_id(answer.json()) == INVALID_TOKEN, where


def is_harmless(claim, value) -> bool:
    """Whether the token stays valid with this claim."""
    if claim == "sub":
        return isinstance(value, str)
    if claim in {"iat", "nbf"}:
        return _is_past(value)
    return claim == "exp" and type(value) is int and value == 2**31


def _is_past(value) -> bool:
    """PyJWT accepts as a time whatever `int` accepts."""
    try:
        return int(value) <= timezone.now().timestamp()
    except (TypeError, ValueError, OverflowError):
        return False


def is_ended(claim, value) -> bool:
    """An expiry in the past: signing out with an expired token is no error."""
    return claim == "exp" and _is_past(value)


ODD_CLAIMS = [
    pytest.param(claim, value, id=f"{claim}-{ascii(value)[:30]}")
    for claim in CLAIMS
    for value in ODD
    if not is_harmless(claim, value)
]


@pytest.mark.parametrize(("claim", "value"), ODD_CLAIMS)
def test_odd_claims_are_refused_everywhere(alice, claim, value):
    answers = answers_to(lambda kind: signed(claims_of(alice, kind, **{claim: value})))
    if claim == "token_type" and value in ("access", "refresh"):  # the right type at some routes
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 401}
    elif is_ended(claim, value):
        assert_refused([a for a in answers if not a.wsgi_request.path.endswith("logout")])
        assert {answer.status_code for answer in answers} <= {204, 401}
    else:
        assert_refused(answers)


@pytest.mark.parametrize("claim", [name for name in CLAIMS if name not in {"nbf", "sub", "iat"}])
def test_missing_claims_are_refused_everywhere(alice, claim):
    def make(kind):
        claims = claims_of(alice, kind)
        del claims[claim]
        return signed(claims)

    assert_refused(answers_to(make))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    changes=st.dictionaries(
        st.sampled_from([name for name in CLAIMS if name not in {"iat", "nbf", "sub"}]),
        json_values,
        min_size=1,
    )
)
def test_any_json_in_any_claim_is_refused_everywhere(alice, changes):
    is_known = any(claims_of(alice, "access").get(name) == value for name, value in changes.items())
    if is_known or is_ended("exp", changes.get("exp")):
        return
    assert_refused(answers_to(lambda kind: signed({**claims_of(alice, kind), **changes})))


@hypothesis_settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    header=st.dictionaries(st.sampled_from(["kid", "crit", "b64", "typ", "cty", "x"]), json_values)
)
def test_no_header_crashes_a_route(alice, header):
    def make(kind):
        try:
            return signed(claims_of(alice, kind), **header)
        except Exception:  # noqa: BLE001 - PyJWT does not sign it, so nobody can send it
            return "x"

    for answer in answers_to(make):
        assert answer.status_code < 500


@pytest.mark.parametrize("body", ["[]", "1", "null", '"x"', "{", "[" * 2900, '{"exp": 1e999}', ""])
def test_payloads_that_are_no_claims(db, body):
    kid, key = settings.JWT_SIGNING_KEYS[0]
    token = jwt.PyJWS().encode(body.encode(), key, algorithm="HS256", headers={"kid": kid})
    assert_refused(answers_to(lambda _kind: token))


# --- Clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(("seconds", "is_taken"), [(50, True), (70, False)])
def test_clocks_may_differ_by_a_minute(alice, claim, seconds, is_taken):
    now = int(timezone.now().timestamp())
    time = now - seconds if claim == "exp" else now + seconds
    for kind in ("access", "refresh"):
        claims = claims_of(alice, kind, **{claim: time})
        token = signed(claims)
        answer = APIClient().post("/accounts/token/verify", {"token": token})
        assert answer.status_code == (200 if is_taken else 401), kind


def test_what_was_verified_is_known_until_the_end_of_the_leeway(alice, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    access = issue(alice)["access"]
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")
    assert client.get("/models").status_code == 200
    known = tokens.read(tokens.Access, access)
    time_machine.shift(timedelta(minutes=15, seconds=59))
    assert tokens.read(tokens.Access, access) is known, "the signature is not checked again"
    assert client.get("/models").status_code == 200
    time_machine.shift(timedelta(seconds=2))
    assert client.get("/models").status_code == 401


def test_signing_out_holds_within_the_leeway(alice, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    pair = issue(alice)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert client.post("/accounts/logout", {"refresh": pair["refresh"]}).status_code == 204
    time_machine.shift(timedelta(minutes=15, seconds=30))
    assert client.get("/models").status_code == 401
