"""The schema names every bound that the serializers hold, and bodies as they are taken."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import validators
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from chat.api.inputs import AskSerializer
from config.api.fields import LineField
from tests.architecture.test_serializers import OURS, subclasses
from tests.chat.asking import make_chat
from tests.factories import make_personal_token, make_quote

assert get_resolver().url_patterns  # every view is imported now, and so every serializer
DOCUMENT: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
COMPONENTS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
PARAMETERS = [
    {**parameter, "path": path}
    for _, path, one in OPERATIONS
    for parameter in one.get("parameters", [])
]
Kind = type[serializers.Serializer[Any]]


def kinds() -> Iterator[Kind]:
    for kind in subclasses(serializers.Serializer):
        if kind.__module__.split(".")[0] in OURS:
            yield kind


def shapes(kind: Kind, name: str) -> list[dict[str, Any]]:
    """The field as bodies have it, and as queries have it; none for what is only answered."""
    component = kind.__name__.removesuffix("Serializer") + "Request"
    bodies = [
        COMPONENTS[prefix + component]
        for prefix in ("", "Patched")
        if prefix + component in COMPONENTS
    ]
    found = [body["properties"][name] for body in bodies if name in body["properties"]]
    return found or [
        parameter["schema"]
        for parameter in PARAMETERS
        if parameter["in"] == "query"
        and parameter["name"] == name
        and parameter["path"] == QUERIES.get(kind.__name__)
    ]


QUERIES = {
    "BoardFilters": "/quote",
    "ChatFilterSerializer": "/chat",
    "ExportChoice": "/quote/export",
}
FIELDS = [
    (kind, name, field)
    for kind in kinds()
    for name, field in kind().fields.items()
    if not field.read_only and shapes(kind, name)
]
BY_NAME = pytest.mark.parametrize(
    ("kind", "name", "field"), FIELDS, ids=[f"{kind.__name__}.{name}" for kind, name, _ in FIELDS]
)
# What a validator holds, as JSON Schema says it.
SAID = {
    validators.MaxLengthValidator: "maxLength",
    validators.MinLengthValidator: "minLength",
    validators.MaxValueValidator: "maximum",
    validators.MinValueValidator: "minimum",
}


def word_for(field: serializers.Field, word: str) -> str:
    """The length of a list has a word of its own."""
    return word.replace("Length", "Items") if isinstance(field, serializers.ListField) else word


def bounds(field: serializers.Field) -> dict[str, Any]:
    """The field's bounds in the words of JSON Schema."""
    found: dict[str, Any] = {}
    for validator in field.validators:
        for kind, word in SAID.items():
            if type(validator) is kind:
                found[word_for(field, word)] = validator.limit_value
        if isinstance(validator, validators.RegexValidator):
            found["pattern"] = True
    if isinstance(field, serializers.ListSerializer) and vars(field)["max_length"] is not None:
        found = {"maxItems": vars(field)["max_length"]}
    if isinstance(field, serializers.CharField):
        if not field.allow_blank:
            found.setdefault("minLength", 1)
        # An address says so by its format; a text that is brought into one line has no pattern.
        if not isinstance(field, (serializers.EmailField, LineField)):
            found["pattern"] = True
    if isinstance(field, serializers.ChoiceField):
        found["enum"] = list(field.choices)
    return found


def documented_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema says, behind a reference, or of the text that is not empty."""
    if "$ref" in schema:
        return COMPONENTS[schema["$ref"].rpartition("/")[2]]
    if "allOf" in schema:  # a reference with a default
        [reference] = schema["allOf"]
        return documented_bounds(reference)
    if "oneOf" in schema:
        assert schema["oneOf"][1:] == [{"type": "string", "maxLength": 0}]
        return schema["oneOf"][0]
    return schema


def test_there_is_something_to_compare():
    assert {"JoinSerializer", "AskSerializer", "QuoteInput", *QUERIES} <= {
        kind.__name__ for kind, _, _ in FIELDS
    }
    assert len(FIELDS) > 40


@BY_NAME
def test_each_bound_of_a_field_is_in_the_schema(kind, name, field):
    for schema in shapes(kind, name):
        documented = documented_bounds(schema)
        for word, bound in bounds(field).items():
            assert word in documented, word
            assert bound is True or documented[word] == bound


def refuses(field: serializers.Field, value: Any) -> bool:
    try:
        field.run_validation(value)
    except ValidationError:
        return True
    return False


@BY_NAME
def test_each_bound_in_the_schema_is_held(kind, name, field):
    for schema in shapes(kind, name):
        documented = documented_bounds(schema)
        text = "a" * documented.get("maxLength", 1)
        if name == "email":
            text = "a@" + "a" * 250 + ".com"
        is_bounded = documented.get("type") == "string" and "maxLength" in documented
        if is_bounded and not name.startswith("language"):
            assert refuses(field, text + "a" * 8)
            assert name == "email" or not refuses(field, text)
        if documented.get("minLength", 0) > 1:
            assert refuses(field, "a" * (documented["minLength"] - 1))
        for word, over in (("maximum", 1), ("minimum", -1)):
            if word in documented:
                assert not refuses(field, documented[word])
                assert refuses(field, documented[word] + over)
        if "maxItems" in documented:
            most = documented["maxItems"]
            one = "chat:read" if name == "scopes" else {"role": "user", "content": "a"}
            many = [*range(1, most + 2)] if name == "attachments" else [one] * (most + 1)
            assert not refuses(field, many[:most])
            assert refuses(field, many)


TEXTS = [entry for entry in FIELDS if "pattern" in bounds(entry[2])]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    entry=st.sampled_from(TEXTS),
    text=st.text(
        st.sampled_from("\0\t\n \u3000\u2028\u200b\x85\x1fa가.") | st.characters(codec="utf-8"),
        max_size=8,
    ),
)
def test_what_a_pattern_excludes_is_refused(entry, text):
    kind, name, field = entry
    for schema in shapes(kind, name):
        documented = documented_bounds(schema)
        if not re.search(documented["pattern"], text) and not (text == "" and "oneOf" in schema):
            # Outer white space is cut off before the rest is looked at.
            stripped = text.strip()
            if stripped != text and re.search(documented["pattern"], stripped):
                continue
            assert refuses(field, text) or (stripped == "" and field.allow_blank)


# --- Bodies -------------------------------------------------------------------------------------

NEEDS_BODY = {
    ("post", "/chat"),
    ("post", "/chat/stream"),
    ("patch", "/chat/{id}"),
    ("post", "/chat/{id}/mark-reports"),
    ("post", "/quote"),
    ("put", "/quote/{id}"),
    ("post", "/quote/similar"),
    ("post", "/conversations/import"),
    ("put", "/accounts/profile"),
    ("post", "/accounts/tokens"),
    ("patch", "/accounts/tokens/{id}"),
    ("post", "/accounts/login/second-factor"),
    *(("post", f"/accounts/{name}") for name in ("join", "login", "token/refresh", "token/verify")),
    ("post", "/accounts/authorize"),
    *(("post", f"/accounts/join/{name}") for name in ("confirm", "invitation", "resend")),
    *(("post", f"/accounts/{name}") for name in ("email", "email/confirm", "email/resend")),
}


def test_a_body_is_required_where_nothing_is_done_without():
    required = {
        (method, path)
        for method, path, operation in OPERATIONS
        if operation.get("requestBody", {}).get("required")
    }
    assert required == NEEDS_BODY


@pytest.mark.parametrize(("method", "path"), sorted(NEEDS_BODY))
def test_without_a_body_it_is_refused(as_alice, alice, method, path):
    if "{id}" in path:
        made: Any = make_quote(alice) if path.startswith("/quote") else make_chat(alice)
        if path.startswith("/accounts/tokens"):
            made, _raw = make_personal_token(alice)
        path = path.replace("{id}", str(made.pk))
    for body in ({}, {"content": None, "message": None}):
        assert getattr(as_alice, method)(path, body, format="json").status_code == 400
    assert as_alice.generic(method.upper(), path, b"", "application/json").status_code == 400


def test_a_question_has_one_of_two_names():
    schema = COMPONENTS["AskRequest"]
    [either] = schema["allOf"]
    assert either == {"anyOf": [{"required": [name]} for name in AskSerializer.any_of]}
    assert "required" not in schema


def test_the_choice_of_a_reply_is_whole():
    assert COMPONENTS["ShownRequest"]["required"] == ["chat_reply"]
    assert "PatchedShownRequest" not in COMPONENTS


@pytest.mark.parametrize("name", ["Idempotency-Key", "Last-Event-ID", "last_event_id"])
def test_headers_have_their_bounds(name):
    found = [parameter["schema"] for parameter in PARAMETERS if parameter["name"] == name]
    assert found
    for schema in found:
        if name == "Idempotency-Key":
            assert (schema["minLength"], schema["maxLength"]) == (1, 257)
            assert re.search(schema["pattern"], '"a key"')
            assert not re.search(schema["pattern"], "대사")
        else:
            assert schema == {"type": "integer", "minimum": 0, "maximum": 999_999_999}
