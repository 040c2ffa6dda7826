"""Middleware for requests and responses of every view."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from config.api.bodies import check_body
from config.api.idempotency import IdempotencyKeyUnsupported, takes_keys
from config.api.parsers import read_json, whole
from config.api.problems import problem_response, response_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SESSION_API = "/_allauth/"


class PlainHttpMiddleware(SecurityMiddleware):
    """Refuses requests over plain HTTP where `SECURE_SSL_REDIRECT` is set: a redirect would hide
    that a token or password has already been sent unencrypted. Only a browser that opens a page
    is left to Django's own middleware, which redirects it.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Other responses get their security headers from Django's own middleware.
        refusal = self.process_request(request)
        if refusal is not None:
            return self.process_response(request, refusal)
        return cast("HttpResponseBase", self.get_response(request))

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        if super().process_request(request) is None or _is_page_visit(request):
            return None
        response = problem_response(
            request,
            status=403,
            code="https_required",
            detail=_(
                "This server answers over HTTPS only. A password or token in this request could be"
                " read on the way: replace it."
            ),
        )
        response["Cache-Control"] = "no-store"
        return response


def _is_page_visit(request: HttpRequest) -> bool:
    if request.method not in {"GET", "HEAD"} or "Authorization" in request.headers:
        return False
    kinds = ["application/json", "application/problem+json", "text/html"]
    return request.get_preferred_type(kinds) == "text/html"


class NoStoreMiddleware(MiddlewareMixin):
    """Responses are private: without a `Cache-Control` of their own they must not be stored."""

    def process_response(
        self,
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponseBase,
    ) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class InputMiddleware:
    """Refuses, before the views, what no view of its kind can take."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return check_body(request) or self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        _args: Any,
        _kwargs: Any,
    ) -> HttpResponse | None:
        is_session = request.path_info.startswith(SESSION_API)
        if "HTTP_IDEMPOTENCY_KEY" in request.META and not takes_keys(view, request.method):
            return response_of(request, IdempotencyKeyUnsupported())
        if not is_session or request.method in {"GET", "HEAD"} or _takes_form(view):
            return None
        return _check_session_body(request)


def _takes_form(view: Callable[..., Any]) -> bool:
    """Of allauth's views: whether it reads a form and no JSON."""
    return not getattr(getattr(view, "view_class", None), "handle_json_input", True)


def _check_session_body(request: HttpRequest) -> HttpResponse | None:
    """Parses bodies before allauth does. It uses Python's own parser, which crashes on deep nesting
    and on numbers of thousands of digits, and accepts lone surrogates.
    """
    try:
        body = whole(request.body, request)
        value = read_json(body) if body else {}
    except UnreadablePostError:  # the client has disconnected
        return problem_response(request, status=400, detail=_("The request is not valid."))
    except ParseError as error:
        code = str(error.get_codes())
        return problem_response(request, status=400, detail=str(error.detail), code=code)
    if not isinstance(value, dict):
        detail = _("The body must be a JSON object.")
        return problem_response(request, status=400, detail=detail)
    return None
