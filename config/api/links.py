"""Links of objects (`{rel, href, method}`, absolute) and of lists (RFC 8288 `Link`)."""

from typing import TypedDict
from uuid import UUID

from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.request import Request

from config.api.fast import path_of


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
    """`https://host` of the request, without a final slash; computed once per request."""
    cached = getattr(request, "_base_url", None)
    if cached is None:
        cached = f"{request.scheme}://{request.get_host()}"
        request._base_url = cached  # type: ignore[union-attr]  # noqa: SLF001
    return str(cached)


def link(rel: str, href: str, method: str = "GET") -> Link:
    return {"rel": rel, "href": href, "method": method}


def absolute(request: Request | HttpRequest, name: str, *keys: int | UUID) -> str:
    """The absolute URL of a named route."""
    return base_url(request) + path_of(name, *keys)
