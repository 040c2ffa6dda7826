"""A name that resembles one which an endpoint knows is refused with a hint; others are ignored."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.exceptions import ValidationError

from chat.models import Chat, Conversation
from config.api.names import KnownNames, refuse_misspelled
from tests.architecture.test_schema_bounds import COMPONENTS, OPERATIONS, kinds
from tests.chat.asking import make_chat
from tests.factories import make_personal_token, make_quote

# RFC 6749, 3.1 and 3.2: parameters of OAuth that are not known are ignored, whatever they resemble.
OF_OAUTH = {"AuthorizationSerializer", "CodeGrantSerializer", "RefreshGrantSerializer"}
ASK = ("content", "message", "conversation", "parent", "system_prompt", "max_tokens", "model")
TABLE = [
    ("systemprompt", ASK, "system_prompt"),
    ("systemPrompt", ASK, "system_prompt"),
    ("system-prompt", ASK, "system_prompt"),
    ("Message", ASK, "message"),
    ("messages", ASK, "message"),
    ("CONTENT", ASK, "content"),
    ("contnet", ASK, "content"),
    ("conversationId", ASK, "conversation"),
    ("conversation_id", ASK, "conversation"),
    ("maxTokens", ASK, "max_tokens"),
    ("parent_id", ASK, "parent"),
    ("refresh_token", ("refresh",), "refresh"),
    ("password", ("nickname", "current_password", "new_password"), "new_password"),
    ("perPage", ("page", "per_page", "per-page"), "per_page"),
    ("Q", ("q", "state"), "q"),
    ("stream", ASK, None),
    ("temperature", ASK, None),
    ("max_completion_tokens", ASK, None),
    ("system", ASK, None),
    ("x" * 10_000, ASK, None),
    ("", ASK, None),
    ("\ud800", ASK, None),
]


@pytest.mark.parametrize(("given", "known", "meant"), TABLE)
def test_a_name(given, known, meant):
    refuse_misspelled(known, known)
    if meant is None:
        refuse_misspelled([given], known)
        return
    with pytest.raises(ValidationError) as refused:
        refuse_misspelled([given, *known], known)
    assert refused.value.get_full_details() == {
        given: {
            "message": f'There is no such name here. Did you mean "{meant}"?',
            "code": "unknown_field",
        }
    }


def spoilt(name: str) -> str:
    return name.upper() if "_" not in name else name.replace("_", "")


def requests_of_the_schema():
    """Each field of each body, and each parameter of each query."""
    for method, path, operation in OPERATIONS:
        if path == "/accounts/authorize":
            continue  # see OF_OAUTH
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and "$ref" in body["schema"]:
            for name in COMPONENTS[body["schema"]["$ref"].rpartition("/")[2]]["properties"]:
                yield method, path, "body", name
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                yield method, path, "query", parameter["name"]


@pytest.fixture
def at(alice, db):
    """The path of an operation, of objects that are there."""
    chat, quote = make_chat(alice), make_quote(alice)
    token, _raw = make_personal_token(alice)

    def path_of(path: str) -> str:
        made: dict[str, Any] = {
            "/quote": quote,
            "/conversations": chat.conversation,
            "/accounts/tokens": token,
        }
        found = next((made[start] for start in made if path.startswith(start)), chat)
        values = {"id": found.pk, "stream_id": chat.chat_reply.stream_id, "session_id": UUID(int=1)}
        return path.format(**values)

    return path_of


def test_every_argument_of_every_operation(as_staff, as_alice, at, settings):
    settings.WRITES_PER_MINUTE = 0
    tried = 0
    for method, path, place, name in requests_of_the_schema():
        client = as_staff if path == "/quote/export" else as_alice
        given = {spoilt(name): "x"}
        if place == "body":
            response = client.generic(
                method.upper(), at(path), f'{{"{spoilt(name)}":"x"}}', "application/json"
            )
        else:
            response = client.get(at(path), given)
        assert response.status_code == 400, (method, path, name, response.content)
        codes = {error["field"]: error["code"] for error in response.json()["errors"]}
        assert codes[spoilt(name)] == "unknown_field", (method, path, name)
        tried += 1
    assert tried > 50
    assert Chat.objects.count() == 1


@pytest.mark.parametrize(
    ("route", "name", "meant"),
    [
        ("auth/login", "Email", "email"),
        ("auth/signup", "nickName", "nickname"),
        ("auth/email/verify", "Key", "key"),
        ("auth/password/request", "e-mail", "email"),
        ("auth/password/reset", "passwords", "password"),
    ],
)
def test_the_session(anonymous, db, route, name, meant):
    response = anonymous.post(f"/_allauth/browser/v1/{route}", {name: "x"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"] == [
        {
            "field": name,
            "code": "unknown_field",
            "detail": f'There is no such name here. Did you mean "{meant}"?',
        }
    ]


def test_a_message_of_the_history(as_alice):
    history = [{"role": "user", "content": "Hello", "Role": "user"}]
    response = as_alice.post("/chat", {"content": "Hi", "conversation_history": history})
    assert response.json()["errors"][0]["field"] == "conversation_history.0.Role"


def test_other_names_are_ignored(as_alice):
    conversation = as_alice.post("/conversations", {"title": "One", "colour": "red"})
    assert conversation.status_code == 201
    assert as_alice.get("/conversations", {"utm_source": "mail"}).status_code == 200


@pytest.mark.parametrize("path", ["/conversations/{}", "/quote/{}", "/accounts/profile"])
def test_an_object_may_be_sent_back(as_alice, alice, path):
    made = make_quote(alice) if "quote" in path else Conversation.objects.create(user=alice)
    body = as_alice.get(path.format(made.pk)).json()
    assert b"unknown_field" not in as_alice.put(path.format(made.pk), body).content


def test_every_serializer_of_a_request_knows_its_names():
    for kind in kinds():
        component = kind.__name__.removesuffix("Serializer") + "Request"
        if component in COMPONENTS or f"Patched{component}" in COMPONENTS:
            assert issubclass(kind, KnownNames) != (kind.__name__ in OF_OAUTH), kind
