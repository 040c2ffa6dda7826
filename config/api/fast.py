"""The hand-tuned parts of the API's request path. (`config.db.sql` has those of the database.)

Figures are the best of 120 interleaved rounds of both ways on two shared cores, with the garbage
collector set as in `config/gunicorn.conf.py`.
"""

from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.reverse import reverse

AnySerializer = TypeVar("AnySerializer", bound=serializers.BaseSerializer[Any])

# Keys to build the path of a route with, replaced by placeholders afterwards.
_SAMPLE_KEYS: dict[type, int | UUID] = {int: 10**17 + 1, UUID: UUID(int=10**17 + 1)}


def shared_serializer(serializer_class: type[AnySerializer]) -> AnySerializer:
    """One input serializer for all requests; use its `run_validation`, which keeps no state.

    Django REST Framework builds all fields for each request: checking a question took 336 µs, with
    a shared serializer 48. There is one per language, because validators keep their messages in
    the language of their first use.
    """
    return cast("AnySerializer", _serializer(serializer_class, get_language()))  # type: ignore[arg-type]


@cache
def _serializer(
    serializer_class: type[serializers.BaseSerializer[Any]], _language: str | None
) -> Any:
    return serializer_class()


def path_of(route: str, *keys: int | UUID) -> str:
    """The path of a named route, from a template that is built once per route.

    An absolute URL by `reverse` takes 42 µs, with this 2.
    """
    return _path_template(route, tuple(map(type, keys))).format(*keys)


@cache
def _path_template(route: str, key_types: tuple[type, ...]) -> str:
    path = str(reverse(route, args=[_SAMPLE_KEYS[key_type] for key_type in key_types]))
    for key_type in key_types:
        path = path.replace(str(_SAMPLE_KEYS[key_type]), "{}", 1)
    return path
