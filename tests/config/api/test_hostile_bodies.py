"""Bodies that are or resemble JSON and are made to break parsers: no view answers 500."""

import json

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from config.api.parsers import MAX_DEPTH
from tests.architecture.routes import ROUTES
from tests.architecture.test_open_routes import path_of
from tests.raw_requests import send_raw

pytestmark = pytest.mark.one_database

SESSION = "/_allauth/browser/v1/"
FIELDS = {
    "/accounts/join": ("email", "password", "nickname"),
    "/accounts/join/invitation": ("invitation",),
    "/accounts/join/confirm": ("confirmation", "code"),
    "/accounts/join/resend": ("confirmation",),
    "/accounts/email": ("email", "password"),
    "/accounts/email/confirm": ("email", "code"),
    "/accounts/email/resend": ("email",),
    "/accounts/export": ("password",),
    "/accounts/login": ("email", "password"),
    "/accounts/login/second-factor": ("challenge", "code"),
    "/accounts/logout": ("refresh",),
    "/accounts/token/refresh": ("refresh",),
    "/accounts/token/verify": ("token",),
    "/accounts/profile": ("nickname", "review_emails", "current_password", "new_password"),
    "/accounts/authorize": ("redirect_uri", "state", "code_challenge", "client_name", "scope"),
    "/accounts/tokens": ("name", "scopes", "lifetime", "password"),
    "/chat": ("content", "conversation", "parent", "temperature", "conversation_history"),
    "/attachments": ("data_url", "name"),
    "/chat/stream": ("content", "model", "max_tokens", "system_prompt"),
    "/conversations": ("title", "system_prompt"),
    "/conversations/import": ("conversations",),
    "/quote": ("content", "speaker", "language"),
    "/quote/similar": ("content", "besides"),
    f"{SESSION}auth/login": ("email", "password"),
    f"{SESSION}auth/signup": ("email", "password", "nickname"),
    f"{SESSION}auth/password/request": ("email",),
    f"{SESSION}auth/password/reset": ("key", "password"),
    f"{SESSION}auth/email/verify": ("key",),
    f"{SESSION}auth/reauthenticate": ("password",),
    f"{SESSION}auth/2fa/authenticate": ("code",),
    f"{SESSION}auth/2fa/reauthenticate": ("code",),
    f"{SESSION}auth/webauthn/authenticate": ("credential",),
    f"{SESSION}auth/webauthn/reauthenticate": ("credential",),
    f"{SESSION}auth/webauthn/login": ("credential",),
    f"{SESSION}account/authenticators/totp": ("code",),
    f"{SESSION}account/authenticators/webauthn": ("name", "credential", "passwordless"),
    f"{SESSION}account/providers": ("provider", "account"),
}
METHODS = {"/accounts/profile": "PATCH"}


def nested(levels: int, kind: str) -> str:
    """JSON nested this many levels deep."""
    start, end = {"list": ("[", "]"), "object": ('{"a":', "}"), "both": ('[{"a":', "}]")}[kind]
    count = levels // 2 if kind == "both" else levels
    return f"{start * count}{'' if kind == 'list' else 1}{end * count}"


# Values for known and unknown fields.
VALUES = {
    "number of 5,000 digits": "1" * 5000,
    "fraction of 5,000 digits": "0." + "1" * 5000,
    "beyond 64 bits": str(2**64),
    "below 64 bits": str(-(2**63) - 1),
    "beyond every double": "1e999",
    "too small": "1e-999",
    "half a character": '"\\ud800"',
    "halves the wrong way": '"\\udc00\\ud800"',
    "NUL": '"\\u0000"',
    "NUL in a text": '"a@example.com\\u0000"',
    "noncharacter": '"\\uffff"',
    "not a number": "NaN",
    "infinity": "-Infinity",
    "twice the same key": '{"a":1,"a":{"a":2}}',
    "half a character as a key": '{"\\ud800":1}',
    "empty key": '{"":""}',
    "dunder": '{"__class__":"x"}',
    "many": json.dumps(list(range(20_000))),
    "nothing": "null",
    "list": "[]",
    "true": "true",
    "text of 100,000": json.dumps("x" * 100_000),
    **{
        f"{levels} levels of {kind}": nested(levels, kind)
        for levels in (2, MAX_DEPTH - 1, MAX_DEPTH, 253, 254, 260, 1024, 5000, 100_000)
        for kind in ("list", "object", "both")
    },
}


@pytest.fixture
def board_only(settings):
    settings.OPENAI_BASE_URL, settings.DEFAULT_MODEL, settings.CHAT_MODELS = "", "board", ["board"]
    settings.DAILY_CHAT_LIMIT = 10**6
    # In the request's own thread: another one would wait until the test ends its transaction.
    settings.GENERATE_IN_BACKGROUND = False


def send(client: APIClient, path: str, body: str | bytes, **headers: str):
    cache.clear()  # rate limits have tests of their own
    method = METHODS.get(path, "POST")
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return send_raw(client, method, path, raw, **headers)


def asker(path: str, alice) -> APIClient:
    client = APIClient(raise_request_exception=False)
    of_nobody = ("/accounts/join", "/accounts/login", f"{SESSION}auth")
    if not path.startswith(of_nobody) or path.endswith("/reauthenticate"):
        client.force_login(alice)
    return client


def assert_refused_well(response, name: str) -> None:
    assert response.status_code < 500, (name, response.content[:200])
    if response.status_code == 400 and b"urn:daesa" in response.content:
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.usefixtures("board_only")
@pytest.mark.parametrize("path", FIELDS)
def test_every_value_in_every_field(alice, path):
    client = asker(path, alice)
    for name, value in VALUES.items():
        for field in (*FIELDS[path], "unknown"):
            assert_refused_well(send(client, path, f'{{"{field}":{value}}}'), f"{field}: {name}")
        assert_refused_well(send(client, path, value), name)


CONVERSATIONS = {
    "ChatGPT's": {
        "id": "a",
        "title": "One",
        "create_time": 1700000000.5,
        "current_node": "b",
        "mapping": {
            "a": {
                "parent": None,
                "children": ["b"],
                "message": {
                    "author": {"role": "user"},
                    "create_time": 1700000000.5,
                    "content": {"content_type": "text", "parts": ["Hello"]},
                },
            },
            "b": {
                "parent": "a",
                "children": [],
                "message": {
                    "author": {"role": "assistant"},
                    "metadata": {"model_slug": "gpt"},
                    "content": {"content_type": "text", "parts": ["Hi"]},
                },
            },
        },
    },
    "our own": {
        "id": 1,
        "title": "One",
        "system_prompt": "",
        "created_at": "2026-01-01T00:00:00Z",
        "chats": [
            {
                "id": 1,
                "parent": None,
                "content": "Hello",
                "created_at": "2026-01-01T00:00:00Z",
                "shown_reply": 1,
                "replies": [{"id": 1, "content": "Hi", "model": "gpt", "created_at": None}],
            }
        ],
    },
}


def places_in(value, replace):
    """The JSON of the value, once for each place in it, with `replace` in that place."""
    yield replace
    if not isinstance(value, dict | list):
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        for text in places_in(inner, replace):
            copy = dict(value) if isinstance(value, dict) else list(value)
            copy[key] = "PLACE"
            yield json.dumps(copy).replace('"PLACE"', text)


@pytest.mark.usefixtures("board_only")
@pytest.mark.parametrize("kind", CONVERSATIONS)
def test_every_value_in_every_place_of_an_import(alice, kind):
    path = "/conversations/import"
    client = asker(path, alice)
    for name, value in VALUES.items():
        if "levels" not in name:
            for text in places_in(CONVERSATIONS[kind], value):
                answer = send(client, path, f'{{"conversations":[{text}]}}')
                assert_refused_well(answer, f"{name}: {text[:500]}")


@pytest.mark.usefixtures("board_only")
@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_beside_an_idempotency_key(alice, path):
    client = asker(path, alice)
    for number, (name, value) in enumerate(VALUES.items()):
        for field in ("unknown", "parent"):
            body = f'{{"content":"Hello","model":"board","{field}":{value}}}'
            key = {"Idempotency-Key": f"{field}-{number}"}
            assert_refused_well(send(client, path, body, **key), f"{field}: {name}")


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("kind", ["list", "object", "both"])
def test_deep_nesting_is_reported(alice, path, kind):
    client = asker(path, alice)
    for levels in (MAX_DEPTH, 253, 260, 1000):
        response = send(client, path, f'{{"unknown":{nested(levels, kind)}}}')
        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["code"] == "nested_too_deeply"
        assert problem["detail"] == "The body is nested more than 32 levels deep."


@pytest.mark.parametrize("levels", [1, 2, MAX_DEPTH - 2])
def test_shallow_nesting_is_accepted(anonymous, db, levels):
    person = '"email":"a@example.com","password":"x"'
    for path in ("/accounts/login", f"{SESSION}auth/login"):
        body = f'{{{person},"unknown":{nested(levels, "list")}}}'
        assert b"nested" not in send(anonymous, path, body).content


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b"'", b"{}{}", b"\xef\xbb\xbf{}", b"[1,]", '{"a":1}'.encode("utf-16")],
)
def test_invalid_json(alice, path, body):
    response = send(asker(path, alice), path, body)
    assert response.status_code == 400
    assert response.json()["code"] == "malformed_json"


@pytest.mark.parametrize("path", [path for path in FIELDS if path.startswith(SESSION)])
@pytest.mark.parametrize("body", ["[]", "7", '"x"', "null", "true"])
def test_a_body_that_is_no_object(anonymous, db, path, body):
    problem = send(anonymous, path, body).json()
    assert (problem["status"], problem["detail"]) == (400, "The body must be a JSON object.")


@pytest.mark.parametrize(
    "key", ["-", "-x", "x", "", "\0-x", "zzzzzzzzzzzzz-x", "z" * 14 + "-x", "1-x"]
)
def test_a_key_of_no_reset(anonymous, db, key):
    path = f"{SESSION}auth/password/reset"
    answer = send(anonymous, path, json.dumps({"key": key, "password": "a long pass phrase"}))
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (400, "key")


@pytest.mark.parametrize("path", ["/accounts/login", f"{SESSION}auth/login", "/admin/login/"])
def test_a_body_over_the_limit(anonymous, db, settings, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    kind = "application/x-www-form-urlencoded" if "admin" in path else "application/json"
    response = anonymous.generic("POST", path, b" " * 1001, kind)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


TEXTS = st.text(st.characters(codec=None), max_size=20)
NUMBERS = st.integers() | st.floats() | st.integers(min_value=10**300, max_value=10**310)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=60,
)
KNOWN = sorted({field for fields in FIELDS.values() for field in fields})


@pytest.mark.usefixtures("board_only", "db")
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    path=st.sampled_from(list(FIELDS)),
    body=st.dictionaries(st.sampled_from(KNOWN) | TEXTS, JSON, max_size=6) | JSON,
    raw=st.none() | st.binary(max_size=30),
)
def test_no_body_breaks_a_view(alice, path, body, raw):
    text = raw if raw is not None else json.dumps(body)
    response = send(asker(path, alice), path, text, **{"Idempotency-Key": "k"})
    assert_refused_well(response, repr(text)[:500])


def test_every_route_that_takes_a_body_of_ours_is_tried():
    takers = {
        path_of(route)
        for route in ROUTES
        if route.kind == "api" and route.view and hasattr(route.view, "post")
    }
    elsewhere = {
        # These need an answered chat, and use the same parser.
        *("/chat/1/replies", "/chat/1/continue", "/chat/1/mark-reports"),
        "/accounts/token",  # takes no body
        "/accounts/oauth/token",  # takes forms: see tests/accounts/api/test_oauth.py
    }
    assert takers - elsewhere <= set(FIELDS)
