"""What a personal token may do: every route × every method × every scope alone, and all scopes.

What is declared stands below; everything else refuses every personal token. A new view declares
nothing and so is closed. One that declares a scope fails here until it is listed.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from accounts.personal_tokens.models import PersonalToken
from config.api.scopes import Scope
from tests.architecture.routes import METHODS, ROUTES
from tests.architecture.test_open_routes import path_of
from tests.architecture.test_ownership import (
    OURS,
    RULES,
    Hers,
    _board_answers,  # noqa: F401 - a fixture
    accepting,
    body_for,
    encoded,
    hers,  # noqa: F401 - a fixture
    parameters,
    read,
    rows_of,
)
from tests.chat.asking import wait_for_end
from tests.factories import client_with, make_personal_token

pytestmark = pytest.mark.any_database

CHAT = {"read": Scope.CHAT_READ, "write": Scope.CHAT_WRITE}
QUOTES = {"read": Scope.QUOTES_READ, "write": Scope.QUOTES_WRITE}


def scopes_for(scopes: Mapping[str, Scope], **methods: str) -> dict[str, Scope]:
    return {method: scopes[what] for method, what in methods.items()}


CHANGED = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "write"}
DECLARED = {
    "accounts:profile": {"GET": Scope.PROFILE_READ},
    "chat:chats": scopes_for(CHAT, GET="read", POST="write", DELETE="write"),
    "chat:chat": scopes_for(CHAT, GET="read", PATCH="write", DELETE="write"),
    "chat:replies": scopes_for(CHAT, GET="read", POST="write"),
    "chat:continue": scopes_for(CHAT, POST="write"),
    "chat:mark-reports": scopes_for(CHAT, GET="read", POST="write"),
    "chat:mark-report": scopes_for(CHAT, DELETE="write"),
    "chat:streams": scopes_for(CHAT, POST="write"),
    "chat:stream": scopes_for(CHAT, GET="read", DELETE="write"),
    "chat:conversations": scopes_for(CHAT, GET="read", POST="write"),
    "chat:conversation": scopes_for(CHAT, **CHANGED),
    "chat:statistics": scopes_for(CHAT, GET="read"),
    "chat:attachments": scopes_for(CHAT, GET="read", POST="write"),
    "chat:attachment-storage": scopes_for(CHAT, GET="read"),
    "chat:attachment": scopes_for(CHAT, GET="read", DELETE="write"),
    "chat:attachment-content": scopes_for(CHAT, GET="read"),
    "chat:models": scopes_for(CHAT, GET="read"),
    "chat:import": scopes_for(CHAT, POST="write"),
    "quotes:quotes": scopes_for(QUOTES, GET="read", POST="write"),
    "quotes:similar": scopes_for(QUOTES, POST="read"),
    "quotes:random": scopes_for(QUOTES, GET="read"),
    "quotes:today": scopes_for(QUOTES, GET="read"),
    "quotes:like": scopes_for(QUOTES, PUT="write", DELETE="write"),
    "quotes:quote": scopes_for(QUOTES, **CHANGED),
}


def test_what_views_declare_is_what_is_listed():
    found = {route.name: route.view.scopes for route in ROUTES if hasattr(route.view, "scopes")}
    assert found == DECLARED


def expected(name: str, method: str, held: set[Scope]) -> int:
    if name == "accounts:logout":
        return 401  # it takes an access token, and this is none
    if RULES[name].open:
        return RULES[name].status(method, "anonymous")  # the token is ignored
    needed = DECLARED.get(name, {}).get(method)
    return RULES[name].status(method, "alice") if needed in held else 403


def refused_challenge(needed: Scope | None) -> str:
    scope = f', scope="{needed.value}"' if needed else ""
    return f'Bearer realm="api", error="insufficient_scope"{scope}'


def call(name: str, method: str, owned: Hers, held: set[Scope]) -> Any:
    person = owned.token.user
    _token, raw = make_personal_token(person, *held)
    client = client_with(raw)
    body = body_for(name, method, person)
    return client.generic(method, owned.path(name), *encoded(client, body), headers=accepting(name))


def judge(name: str, method: str, owned: Hers, held: set[Scope]) -> None:
    before = rows_without_tokens(owned)
    response = call(name, method, owned, held)
    text = read(response)
    assert response.status_code == expected(name, method, held), (held, text)
    if response.status_code == 202:
        wait_for_end()
    if response.status_code != 403:
        return
    assert response.json()["code"] == "insufficient_scope"
    needed = DECLARED.get(name, {}).get(method)
    assert response["WWW-Authenticate"] == refused_challenge(needed)
    assert rows_without_tokens(owned) == before


def rows_without_tokens(owned: Hers) -> list[Any]:
    """The test itself makes tokens."""
    rows = rows_of(owned.token.user)
    del rows[1]
    return rows


@pytest.mark.usefixtures("_board_answers", "carol")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", parameters(name for name in OURS if not RULES[name].open))
def test_each_scope_alone(hers, name, method):  # noqa: F811
    needed = DECLARED.get(name, {}).get(method)
    # The one that is enough comes last, as it may delete what the others would not have found.
    for scope in sorted(Scope, key=lambda one: one == needed):
        judge(name, method, hers, {scope})


@pytest.mark.usefixtures("_board_answers", "carol")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", parameters(OURS))
def test_all_scopes(hers, name, method):  # noqa: F811
    judge(name, method, hers, set(Scope))


@pytest.mark.usefixtures("_board_answers", "carol")
@pytest.mark.parametrize("name", parameters(OURS))
def test_the_rarer_methods(hers, name):  # noqa: F811
    """HEAD is a GET; the others need a scope that no view declares."""
    get, head = expected(name, "GET", set(Scope)), call(name, "HEAD", hers, set(Scope))
    assert head.status_code == get
    # As a server does; else its stream would count as open in later tests. Not `close`, which also
    # tells Django that the request is over, and so ends the test's connection.
    for close in head._resource_closers:
        close()
    for method in ("OPTIONS", "TRACE", "QUERY"):
        response = call(name, method, hers, set(Scope))
        if not RULES[name].open:
            assert response.status_code == 403, method


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.kind != "api"], ids=lambda route: route.pattern
)
def test_libraries_and_the_administration_know_no_personal_tokens(staff, route, method):
    _token, raw = make_personal_token(staff)
    answers = [
        client.generic(method, path_of(route), "{}", content_type="application/json")
        for client in (APIClient(), client_with(raw))
    ]
    without, with_token = answers
    assert with_token.status_code == without.status_code
    assert with_token.headers.get("Location") == without.headers.get("Location")


class Undeclared(APIView):
    """A view whose author has forgotten about scopes, and even about permissions."""

    permission_classes = (AllowAny,)

    def get(self, request: Any) -> Response:
        return Response(str(request.user))


class Declared(Undeclared):
    scopes = {"GET": Scope.QUOTES_READ}


@pytest.mark.parametrize(
    ("view", "held", "wanted"),
    [
        (Undeclared, set(Scope), 403),
        (Declared, {Scope.QUOTES_READ}, 200),
        (Declared, set(Scope) - {Scope.QUOTES_READ}, 403),
    ],
)
def test_a_new_view_is_closed_until_it_declares_a_scope(alice, client_for, view, held, wanted):
    _token, raw = make_personal_token(alice, *held)
    request = APIRequestFactory().get("/", headers={"Authorization": f"Bearer {raw}"})
    assert view.as_view()(request).status_code == wanted


def test_the_scopes_of_staff_are_those_of_the_token(staff):
    """Being staff opens nothing: a personal token of staff exports no board."""
    _token, raw = make_personal_token(staff)
    response = client_with(raw).get("/quote/export")
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
    assert PersonalToken.objects.count() == 1
