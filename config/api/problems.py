"""Error responses: `application/problem+json` (RFC 9457).

    APIException                  (DRF: 400, 401, 403, 404, 405, 406, 415, 429)
    └── Problem                   ours: carries status, code, title and further members
        ├── Conflict              409
        │   └── LimitReached      409, an account has as many of something as it may
        ├── Unprocessable         422
        └── ServiceUnavailable    503, with Retry-After
            └── DatabaseUnavailable   the database is away or full, or waits too long for a lock

The apps add subclasses of `Problem` (chat: `QuotaExhausted`, `UpstreamFailed`). A body has
`type, title, status, detail, instance, code, request_id`, and for bad input
`errors: [{field, code, detail}]`.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.exceptions import PermissionDenied as Forbidden
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.api.renderers import JSONRenderer
from config.api.request_id import request_id_of
from config.db.errors import UNAVAILABLE

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class Problem(APIException):
    """An error with a code, response headers, and further members for the body."""

    status_code = 400
    default_code = "bad_request"
    default_detail = _("The request cannot be fulfilled.")
    headers: Mapping[str, str] = {}

    def __init__(
        self,
        detail: Any = None,
        code: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code)
        self.code = code or self.default_code
        self.headers = headers or {}
        self.members = members


class Conflict(Problem):
    status_code = 409
    default_code = "conflict"


class LimitReached(Conflict):
    """The member `limit` has the name and value of the limit."""

    default_code = "limit_reached"
    default_detail = _("Your account has as many of these as it may have. Delete some first.")

    def __init__(self, *, name: str, value: int) -> None:
        super().__init__(limit={"name": name, "value": value})


class Unprocessable(Problem):
    status_code = 422
    default_code = "unprocessable"


class ServiceUnavailable(Problem):
    status_code = 503
    default_code = "unavailable"
    default_detail = _("The service is busy. Try again in a moment.")

    def __init__(self, detail: Any = None, code: str | None = None, *, wait: int = 5) -> None:
        super().__init__(detail, code, headers={"Retry-After": str(wait)})


class DatabaseUnavailable(ServiceUnavailable):
    default_code = "database_unavailable"
    default_detail = _("The database does not answer.")


# For exceptions without a code, or with one that says less.
_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_media_type",
    429: "throttled",
    500: "internal",
}


class ProblemResponse(Response):
    """JSON, also where the view would have rendered a page or a stream. `media_type`: changed where
    another standard wants plain JSON.
    """

    media_type = CONTENT_TYPE

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]  # DRF gives bytes, too
        self["Content-Type"] = self.media_type
        return JSONRenderer().render(self.data)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's `EXCEPTION_HANDLER`. Unknown exceptions become a 500 and are logged."""
    set_rollback()
    request: Request = context["request"]
    known = _as_api_exception(error)
    status = known.status_code
    body = problem_body(request, status=status, detail=_detail(known), code=_code(known))
    if isinstance(known, ValidationError):
        body["errors"] = list(_field_errors(known.get_full_details()))
    if isinstance(known, Problem):
        body.update(known.members)
    response = ProblemResponse(body, status=status, headers=_headers(known))
    response.exception = True
    return response


def problem_body(
    request: Request | HttpRequest, *, status: int, detail: str, code: str
) -> dict[str, Any]:
    return {
        "type": f"urn:daesa:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": escape_uri_path(request.path),
        "code": code,
        "request_id": request_id_of(request),
    }


def problem_response(
    request: HttpRequest,
    *,
    status: int,
    detail: str,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> HttpResponse:
    """A problem outside of DRF's views: unknown paths, CSRF failures, invalid hosts, crashes."""
    code = code or _CODES[status]
    body = problem_body(request, status=status, detail=detail, code=code) | members
    return HttpResponse(
        JSONRenderer().render(body), status=status, content_type=CONTENT_TYPE, headers=headers
    )


def response_of(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The response for a `Problem` that was raised or found outside of DRF's views."""
    return problem_response(
        request,
        status=problem.status_code,
        detail=str(problem.detail),
        code=problem.code,
        headers=problem.headers,
        **problem.members,
    )


class ProblemMiddleware:
    """Handles a `Problem` or a `ValidationError` raised in a view that is not DRF's, such as
    allauth's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, ValidationError):
            errors = list(_field_errors(error.get_full_details()))
            return problem_response(
                request, status=400, detail=_detail(error), code=_code(error), errors=errors
            )
        return response_of(request, error) if isinstance(error, Problem) else None


def _as_api_exception(error: Exception) -> APIException:
    if isinstance(error, APIException):
        return error
    for kind, equivalent in _EQUIVALENTS.items():
        if isinstance(error, kind):
            return equivalent()
    if unavailable := database_unavailable(error):
        return unavailable
    if isinstance(error, Error):
        logger.error("database refused a statement", exc_info=error)
    else:
        logger.error("unhandled %s", type(error).__name__, exc_info=error)
    internal = APIException(gettext("The server failed. The failure has been logged."))
    internal.default_code = "internal"
    return internal


def database_unavailable(error: BaseException | None) -> DatabaseUnavailable | None:
    """The problem for a database that is away or full; None for any other error."""
    if not isinstance(error, UNAVAILABLE) or _is_wrong_statement(error):
        return None
    # Every request logs this while the database is away, so without a traceback.
    logger.error("database unavailable: %s", str(error).partition("\n")[0])
    return DatabaseUnavailable()


def _is_wrong_statement(error: Exception) -> bool:
    """SQLite calls a missing column or table an OperationalError, too."""
    return getattr(error.__cause__, "sqlite_errorname", "") == "SQLITE_ERROR"


class _TooLarge(Problem):
    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is larger than this server takes.")


class _Unreadable(Problem):
    """The client disconnected while sending."""

    default_detail = _("The request is not valid.")


_LONGEST_IN_SECONDS = 90

# Django's exceptions and the problems they become.
_EQUIVALENTS: dict[type[Exception], type[APIException]] = {
    Http404: NotFound,
    PermissionDenied: Forbidden,
    RequestDataTooBig: _TooLarge,
    UnreadablePostError: _Unreadable,
}


def too_large_response(request: HttpRequest) -> HttpResponse:
    """413 outside of DRF's views."""
    return response_of(request, _TooLarge())


def _code(error: APIException) -> str:
    if isinstance(error, ValidationError):
        return "invalid"
    if isinstance(error, Problem):
        return error.code
    own = error.get_codes()
    if isinstance(own, Mapping):  # simplejwt's errors
        own = own.get("detail")
    if isinstance(own, str) and own not in {"error", "parse_error"}:
        return own
    return _CODES.get(error.status_code, "bad_request")


def _detail(error: APIException) -> str:
    if isinstance(error, ValidationError):
        return gettext("Some of the input is not valid.")
    if isinstance(error.detail, Mapping):  # simplejwt's errors
        return str(error.detail.get("detail", error.default_detail))
    wait = getattr(error, "wait", None)  # of `Throttled`
    if wait is not None:
        return gettext("Too many requests. Try again in %(time)s.") % {"time": _duration(wait)}
    return str(error.detail)


def _duration(seconds: float) -> str:
    """Rounded up, in minutes where it is long."""
    whole = ceil(seconds)
    if whole <= _LONGEST_IN_SECONDS:
        return ngettext("%(count)d second", "%(count)d seconds", whole) % {"count": whole}
    minutes = ceil(whole / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _headers(error: APIException) -> dict[str, str]:
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _field_errors(details: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """DRF's nested error details as a flat list; `field` is a dotted path, "" for the body."""
    if _is_error(details):
        field = ".".join(part for part in path if part != "non_field_errors")
        yield {"field": field, "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for key, value in details.items():
            yield from _field_errors(value, (*path, str(key)))
    else:
        nested = not all(_is_error(entry) for entry in details)
        for index, entry in enumerate(details):
            yield from _field_errors(entry, (*path, str(index)) if nested else path)


def _is_error(details: Any) -> bool:
    """An error, not the errors of fields that happen to be named `message` and `code`."""
    return isinstance(details, Mapping) and isinstance(details.get("message"), str)
