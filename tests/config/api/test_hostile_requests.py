"""Requests that are made to break parsers, at every route and with every method: each is refused,
and none is answered with 500. (test_hostile_bodies tries more values, at the routes with fields.)
"""

import base64
from urllib.parse import quote

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from tests.architecture.routes import METHODS, ROUTES
from tests.architecture.test_open_routes import path_of

OURS = [route for route in ROUTES if route.kind != "admin"]
DEEP = b"[" * 50_000
DIGITS = b"1" * 6000
NAMES = ("email", "password", "key", "content", "title", "nickname", "refresh", "chat_reply")


def fields(value: bytes) -> bytes:
    return b"{" + b",".join(b'"%b":%b' % (name.encode(), value) for name in NAMES) + b"}"


BODIES = {
    "half a character": fields(b'"\\ud800"'),
    "half a character, raw": fields(b'"\xed\xa0\x80"'),
    "half a character as a name": b'{"\\udc00":1}',
    "brackets": DEEP,
    "closed brackets": fields(DEEP + b"]" * 50_000),
    "number": DIGITS,
    "number in a field": fields(DIGITS),
    "negative number": fields(b"-" + DIGITS),
}


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


HEAD, NOTHING = encoded(b'{"alg":"HS256","typ":"JWT"}'), encoded(b"{}")
PARTS = [b"[" * 5000 + b"]" * 5000, b'{"alg":%b}' % DIGITS, b'{"alg":"\\ud800"}', b"\xff", DIGITS]
TOKENS = [
    *(f"{encoded(part)}.{NOTHING}.x" for part in PARTS),
    *(f"{HEAD}.{encoded(part)}.x" for part in PARTS),
    *("[" * 5000, "\xff", "1" * 6000, "a\x00b"),
]
TEXTS = ["[" * 5000, "1" * 6000, "%ED%A0%80", "\xed\xa0\x80;q=" + "1" * 6000]
HEADERS = [
    "Accept",
    "Accept-Language",
    "Content-Type",
    "Cookie",
    "Idempotency-Key",
    "If-Modified-Since",
    "If-None-Match",
    "Last-Event-ID",
    "Origin",
    "Prefer",
    "Range",
    "Referer",
    "X-CSRFToken",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Request-ID",
]
PARAMETERS = [
    "q",
    "page",
    "per_page",
    "per-page",
    "conversation",
    "state",
    "mine",
    "speaker",
    "language",
    "sort",
    "format",
    "last_event_id",
    "lang",
    "next",
]


@pytest.fixture
def client(settings, alice):
    settings.OPENAI_BASE_URL, settings.DEFAULT_MODEL, settings.CHAT_MODELS = "", "board", ["board"]
    settings.DAILY_CHAT_LIMIT = 10**6
    return signed_in(alice)


def signed_in(person) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_login(person)
    return client


def answer_to(client, method, path, body=b"[]", kind="application/json", **more):
    cache.clear()  # rate limits have tests of their own
    response = client.generic(method, path, body, kind, **more)
    assert response.status_code < 500, (method, path, response.content[:300])
    if response.status_code >= 400 and "json" in response.headers.get("Content-Type", ""):
        assert response.json()["status"] == response.status_code
    return response


def methods_with_a_body(route) -> list[str]:
    if route.kind == "headless":
        return ["DELETE"] if route.name.endswith("current_session") else ["POST"]
    return [method for method in METHODS[1:] if hasattr(route.view, method.lower())]


# They read no body, or a part of it is enough for them.
WITHOUT = {
    ("PUT", "like"),
    *(("DELETE", name) for name in ["like", "chats", "chat", "quote", "stream"]),
}
WITHOUT |= {("DELETE", name) for name in ("conversation", "current_session", "email", "export")}
# Answers that are given before a body is read, or without one.
OTHER_ANSWERS = {
    "oauth-token": 415,  # takes a form
    "token": 403,  # takes no body, and a session that has just signed in
    "resend_email_verification_code": 409,  # takes no body, and a session that waits for a mail
    "redirect_to_provider": 302,  # takes a form, and tells the page of an error by its address
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_at_every_route(client, name):
    anonymous, tried = APIClient(raise_request_exception=False), 0
    for route in OURS:
        for method in methods_with_a_body(route):
            who = anonymous if route.kind == "headless" else client
            response = answer_to(who, method, path_of(route), BODIES[name])
            last = route.name.rpartition(":")[2]
            if (method, last) not in WITHOUT:
                expected = {OTHER_ANSWERS[last]} if last in OTHER_ANSWERS else {400, 404}
                assert response.status_code in expected, (method, route.pattern)
                tried += 1
    assert tried > 15


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-16", "text/plain", "multipart/form-data", ""]
)
def test_a_body_of_another_kind(client, kind):
    for body in BODIES.values():
        for path in ("/accounts/login", "/_allauth/browser/v1/auth/login", "/admin/login/"):
            answer_to(client, "POST", path, body, kind)


def test_a_token(anonymous, db):
    for token in TOKENS:
        answer_to(anonymous, "GET", "/quote", headers={"Authorization": f"Bearer {token}"})
        if token.isascii():
            body = f'{{"refresh":"{token}","token":"{token}"}}'.replace("\x00", "\\u0000")
            for path in ("/accounts/token/refresh", "/accounts/token/verify", "/accounts/logout"):
                answered = answer_to(anonymous, "POST", path, body.encode())
                assert answered.status_code in {400, 401}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header(client, name):
    for text in TEXTS:
        value = f"sessionid={text}; csrftoken={text}; device={text}" if name == "Cookie" else text
        for method, path in (
            ("GET", "/quote"),
            ("GET", "/"),
            ("POST", "/chat"),
            ("POST", "/_allauth/browser/v1/auth/login"),
        ):
            answer_to(client, method, path, headers={name: value})


@pytest.mark.parametrize("text", TEXTS)
def test_a_query_at_every_route(client, text):
    value = quote(text, safe="%")
    query = "&".join(f"{name}={value}" for name in PARAMETERS)
    for route in OURS:
        if route.kind == "headless" or hasattr(route.view, "get"):
            answer_to(client, "GET", path_of(route), QUERY_STRING=f"{query}&{value}=1")


@pytest.mark.parametrize("path", ["/chat", "/conversations", "/quote"])
def test_a_parameter_of_a_list(client, path):
    for name in PARAMETERS:
        answer_to(client, "GET", path, QUERY_STRING=f"{name}={'1' * 6000}")
        answer_to(client, "GET", path, QUERY_STRING=f"{name}=%ED%A0%80")
