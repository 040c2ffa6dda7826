"""The schema class of every view: tags by app, and bounds that spectacular does not see."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import force_instance
from rest_framework import serializers

from config.api.fields import LineField
from config.api.scopes import scope_of

# Django REST Framework's own checks of every text: no NUL, and unless it may be blank, at least one
# character that is not white space.
NO_NUL = r"^[^\u0000]*$"
NOT_BLANK = r"^\s*[^\s\u0000][^\u0000]*$"


class AutoSchema(SpectacularAutoSchema):
    """A serializer may set

    - `any_of`: names of fields of which a body must have one;
    - `is_whole`: whether PATCH takes the same required fields as PUT.
    """

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.split(".")[0].replace("config", "server")]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """With the scope that a personal token needs, where one is enough; `{}`, where none is
        needed (`open_methods` of the view).
        """
        found: list[dict[str, list[str]]] = super().get_auth()
        if self.method in getattr(self.view, "open_methods", ()):
            found = [*found, {}]
        scope = scope_of(self.view, self.method)
        return [*found, {"personalToken": [scope.value]}] if scope else found

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        serializer = force_instance(serializer)  # type: ignore[no-untyped-call]
        if getattr(serializer, "is_whole", False):
            return self.resolve_serializer(serializer, direction).ref, True
        schema, is_required = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        return schema, is_required or hasattr(serializer, "any_of")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and hasattr(serializer, "any_of"):
            # Within `allOf`, which the page's generator of TypeScript types needs.
            schema["allOf"] = [{"anyOf": [{"required": [name]} for name in serializer.any_of]}]
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, *options: Any, **named: Any) -> Any:
        schema = super()._map_serializer_field(field, direction, *options, **named)  # type: ignore[no-untyped-call]
        return {**schema, **_bounds(field, schema)} if direction == "request" and schema else schema


def _bounds(field: Any, schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(field, serializers.ListSerializer):
        given = {name: getattr(field, name) for name in ("min_length", "max_length")}
        words = {"min_length": "minItems", "max_length": "maxItems"}
        return {words[name]: bound for name, bound in given.items() if bound is not None}
    is_text = isinstance(field, serializers.CharField) and schema.get("type") == "string"
    if not is_text or {"pattern", "format", "enum"} & set(schema):
        return {}
    if isinstance(field, LineField):  # accepts every character
        return {}
    may_be_blank = field.allow_blank or not field.trim_whitespace
    return {"pattern": NO_NUL if may_be_blank else NOT_BLANK}
