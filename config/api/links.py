"""Links of objects (`{rel, href, method}`, absolute) and of lists (RFC 8288 `Link`)."""

from functools import cache
from typing import TypedDict
from uuid import UUID

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

# Keys that stand for those of their kind where the form of a path is worked out.
_SAMPLES: dict[type, int | UUID] = {int: 10**17 + 1, UUID: UUID(int=10**17 + 1)}


class Link(TypedDict):
    rel: str
    href: str
    method: str


class LinkSerializer(serializers.Serializer[Link]):
    """The shape of a link, for the schema."""

    rel = serializers.CharField()
    href = serializers.URLField()
    method = serializers.CharField()


def base_url(request: Request | HttpRequest) -> str:
    """`https://host` of the request, without a slash at its end; worked out once per request."""
    cached = getattr(request, "_base_url", None)
    if cached is None:
        cached = f"{request.scheme}://{request.get_host()}"
        request._base_url = cached  # type: ignore[union-attr]  # noqa: SLF001
    return str(cached)


def link(rel: str, href: str, method: str = "GET") -> Link:
    return {"rel": rel, "href": href, "method": method}


def absolute(request: Request | HttpRequest, name: str, *keys: int | UUID) -> str:
    """The absolute URL of a named route."""
    return base_url(request) + _form(name, tuple(map(type, keys))).format(*keys)


@cache
def _form(name: str, kinds: tuple[type, ...]) -> str:
    """The path with gaps for its keys. Working out the path of each object would take longer than
    all else that a list tells of it.
    """
    path = str(reverse(name, args=[_SAMPLES[kind] for kind in kinds]))
    for kind in kinds:
        path = path.replace(str(_SAMPLES[kind]), "{}", 1)
    return path
