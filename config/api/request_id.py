"""One id per request, in every log line, problem and response (`X-Request-ID`).

The caller's own id is used if it consists of at most 64 letters, digits and `-_.`, so that a
proxy's log can be joined with ours. Anything else is replaced.
"""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_ATTRIBUTE = "daesa_request_id"
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the current request, or `-` outside of one."""
    return _current.get()


def request_id_of(request: object) -> str:
    """The id of this request; works while a stream is sent, when the middleware has returned."""
    return str(getattr(request, _ATTRIBUTE, _current.get()))


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _PLAIN.match(given) else secrets.token_hex(16)
        setattr(request, _ATTRIBUTE, request_id)
        token = _current.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Adds the attribute `request_id` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = _current.get()
        return True
