"""The description of a form, for clients that draw it themselves: its fields, its links and the
providers beside it.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from accounts.providers import offered
from config.api.links import Link, absolute, link


class FormFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.ChoiceField(["email", "password", "text"])
    required = serializers.BooleanField()  # type: ignore[assignment]
    min_length = serializers.IntegerField(allow_null=True)
    max_length = serializers.IntegerField(allow_null=True)


class ProviderSerializer(serializers.Serializer[Any]):
    """By which people can sign in and join."""

    id = serializers.CharField()
    name = serializers.CharField()


def offered_providers() -> list[dict[str, str]]:
    """The shape of `ProviderSerializer(many=True)`, in the order in which they are shown."""
    return [{"id": found, "name": name} for found, name in offered.names().items()]


def form_fields(serializer: serializers.Serializer[Any]) -> list[dict[str, Any]]:
    """The shape of `FormFieldSerializer(many=True)`."""
    return [
        {
            "name": name,
            "type": "email" if name == "email" else field.style.get("input_type", "text"),
            "required": field.required,
            "min_length": getattr(field, "min_length", None),
            "max_length": getattr(field, "max_length", None),
        }
        for name, field in serializer.fields.items()
    ]


def form_links(request: Request, route: str) -> list[Link]:
    """The form itself, where it is sent for tokens or for a session, and the other of the two
    forms (join, login).
    """
    session = "signup" if route == "accounts:join" else "login"
    other = "login" if route == "accounts:join" else "join"
    return [
        link("self", absolute(request, route)),
        link("submit", absolute(request, route), "POST"),
        link("session", absolute(request, f"headless:browser:account:{session}"), "POST"),
        link(other, absolute(request, f"accounts:{other}")),
    ]
