"""What belongs to no app: the root, the health of the server, and errors outside of the API's
views. All of it is open to everybody and tells nothing about anybody.
"""

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.upstream import health as upstream_health
from config import page
from config.api.links import LinkSerializer, absolute, link
from config.api.problems import problem_response
from config.connections import release_connection

logger = logging.getLogger(__name__)

VERSION = str(settings.SPECTACULAR_SETTINGS["VERSION"])


class Open(APIView):
    """A view for everybody: no sign-in is looked at, so none can fail."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class Root(Open):
    # The page for a browser, and for everybody else what the API is.

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if page.is_wanted(request):
            return page.show(request)
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept"])
        return response

    @extend_schema(
        summary="What this is, and where to go",
        responses=inline_serializer(
            "Service",
            {
                "service": serializers.CharField(),
                "status": serializers.CharField(),
                "version": serializers.CharField(),
                "timestamp": serializers.DateTimeField(),
                "links": LinkSerializer(many=True),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        routes = [
            ("join", "accounts:join", "POST"),
            ("login", "accounts:login", "POST"),
            ("chat", "chat:chats", "POST"),
            ("quotes", "quotes:quotes", "GET"),
            ("models", "chat:models", "GET"),
            ("docs", "docs", "GET"),
            ("health", "health", "GET"),
        ]
        return Response(
            {
                "service": "daesa",
                "status": "ok",
                "version": VERSION,
                "timestamp": timezone.localtime(),
                "links": [link(rel, absolute(request, name), how) for rel, name, how in routes],
            }
        )


HEALTH = inline_serializer(
    "Health",
    {
        "status": serializers.ChoiceField(["ok", "degraded", "unavailable"]),
        "checks": serializers.DictField(child=serializers.CharField()),
    },
)


class Live(Open):
    @extend_schema(
        summary="Whether the process answers",
        responses=inline_serializer("Live", {"status": serializers.CharField()}),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response({"status": "ok"})


class Ready(Open):
    """The database decides; Redis and the upstream have stand-ins: without them it is degraded."""

    @extend_schema(
        summary="The state of database, Redis and upstream",
        responses={200: HEALTH, 503: HEALTH},
        examples=[
            OpenApiExample(
                "All is well",
                value={
                    "status": "ok",
                    "checks": {"database": "ok", "redis": "not_configured", "upstream": "ok"},
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        checks = {"database": _state(_ask_database)}
        release_connection()  # the others may be slow to answer, and anybody may ask
        checks["redis"] = _state(_ask_redis) if settings.REDIS_URL else "not_configured"
        checks["upstream"] = upstream_health.state()
        if checks["database"] != "ok":
            status = "unavailable"
        elif {"unavailable"} & set(checks.values()):
            status = "degraded"
        else:
            status = "ok"
        return Response(
            {"status": status, "checks": checks}, status=503 if status == "unavailable" else 200
        )


def _state(ask: Callable[[], None]) -> str:
    try:
        ask()
    except (DatabaseError, redis.RedisError) as error:
        logger.warning("health: %s", type(error).__name__)
        return "unavailable"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
    ) as client:
        client.ping()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return problem_response(request, status=400, detail=_("The request is not valid."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return problem_response(request, status=403, detail=_("You may not do this."))


def page_route(request: HttpRequest) -> HttpResponse:
    """An address of the page's own. To a program there is nothing."""
    return page.show(request) if page.is_wanted(request) else page_not_found(request)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    if page.is_wanted(request):
        return page.show(request, status=404)
    return problem_response(request, status=404, detail=_("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    return problem_response(
        request, status=500, detail=_("The server failed. The failure has been logged.")
    )


def csrf_failure(request: HttpRequest, reason: str = "", **_kwargs: Any) -> HttpResponse:  # noqa: ARG001
    return problem_response(
        request, status=403, code="csrf_failed", detail=_("The CSRF token is missing or wrong.")
    )
