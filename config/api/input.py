"""Input serializers without their weight."""

from functools import cache
from typing import Any, TypeVar, cast

from django.utils.translation import get_language
from rest_framework import serializers

AnySerializer = TypeVar("AnySerializer", bound=serializers.BaseSerializer[Any])


def shared(kind: type[AnySerializer]) -> AnySerializer:
    """One serializer for all requests, of which nothing stays in it: to make its fields anew takes
    longer than all that they check. One for each language, as DRF's validators keep the words in
    which they spoke first.
    """
    return cast("AnySerializer", _made(kind, get_language()))  # type: ignore[arg-type]


@cache
def _made(kind: type[serializers.BaseSerializer[Any]], _language: str | None) -> Any:
    return kind()
