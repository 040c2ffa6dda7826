"""Views of no app: the root, the server's health, and errors outside of the API's views. All are
open to everybody and show nothing about users.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.contrib import admin
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chat.upstream import upstream_health
from config import page, readiness, redis_url
from config.api.links import LinkSerializer, absolute, link
from config.api.problems import (
    database_unavailable,
    problem_response,
    response_of,
    too_large_response,
)
from config.api.views import OpenView
from config.db.connections import release_connection

logger = logging.getLogger(__name__)


class Root(OpenView):
    # The page for browsers, a description of the API for other clients.

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
                "version": settings.VERSION,
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


class Live(OpenView):
    @extend_schema(
        summary="Whether the process answers",
        responses=inline_serializer("Live", {"status": serializers.CharField()}),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response({"status": "ok"})


class Ready(OpenView):
    """The database decides, and has to take writes; Redis and the upstream have stand-ins: without
    them it is degraded.
    """

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
        checks = health_checks()
        if checks["database"] != "ok":
            status = "unavailable"
        elif {"unavailable"} & set(checks.values()):
            status = "degraded"
        else:
            status = "ok"
        return Response(
            {"status": status, "checks": checks}, status=503 if status == "unavailable" else 200
        )


def health_checks() -> dict[str, str]:
    """`ok`, `unavailable`, `not_configured` or `not_writable` for what the server needs."""
    checks = {"database": _state_of_database()}
    release_connection()  # the next checks may be slow, and anyone can request this
    checks["redis"] = _state(_check_redis) if settings.REDIS_URL else "not_configured"
    checks["upstream"] = upstream_health()
    return checks


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except (Error, redis.RedisError) as error:
        logger.warning("health: %s", type(error).__name__)
        return "unavailable"
    return "ok"


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _state_of_database() -> str:
    """A database that only reads cannot store a question."""
    state = _state(_check_database)
    if state == "ok" and (failure := readiness.probe.failure()):
        logger.warning("health: %s", failure)
        return "not_writable"
    return state


def _check_redis() -> None:
    with redis_url.client(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
        client.ping()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also called where Django could not store a session, for whatever reason."""
    if isinstance(exception, SessionInterrupted):
        cause: BaseException | None = exception.__context__
        while cause:
            if unavailable := database_unavailable(cause):
                return response_of(request, unavailable)
            cause = cause.__context__
    if isinstance(exception, RequestDataTooBig):
        return too_large_response(request)
    return problem_response(request, status=400, detail=_("The request is not valid."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Staff get a page of the administration, programs a problem."""
    if request.path.startswith("/admin/") and page.prefers_html(request):
        context = {**admin.site.each_context(request), "title": _("You may not do this.")}
        return TemplateResponse(request, "admin/permission_denied.html", context, status=403)
    return problem_response(request, status=403, detail=_("You may not do this."))


def page_route(request: HttpRequest) -> HttpResponse:
    """A route of the page, which is 404 for programs."""
    return page.show(request) if page.is_wanted(request) else page_not_found(request)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    if page.is_wanted(request):
        return page.show(request, status=404)
    return problem_response(request, status=404, detail=_("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away or full is 503 here too. Django calls this while it handles the
    exception.
    """
    if unavailable := database_unavailable(sys.exc_info()[1]):
        return response_of(request, unavailable)
    return problem_response(
        request, status=500, detail=_("The server failed. The failure has been logged.")
    )


def csrf_failure(request: HttpRequest, reason: str = "", **_kwargs: Any) -> HttpResponse:  # noqa: ARG001
    return problem_response(
        request, status=403, code="csrf_failed", detail=_("The CSRF token is missing or wrong.")
    )
