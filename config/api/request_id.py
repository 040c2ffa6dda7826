"""One id per request, in every log line, problem and response (`X-Request-ID`).

A caller's own id is taken when it is plain (letters, digits, `-_.`; at most 64), so that a proxy's
log and ours can be joined; anything else is replaced.
"""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_ATTRIBUTE = "daesa_request_id"
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the request being answered, or `-` outside of one."""
    return _current.get()


def request_id_of(request: object) -> str:
    """The same by its request, also while a stream is being told: then the middleware is left."""
    return str(getattr(request, _ATTRIBUTE, _current.get()))


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _PLAIN.match(given) else uuid.uuid4().hex
        setattr(request, _ATTRIBUTE, request_id)
        token = _current.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Gives every record the attribute `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = _current.get()
        return True
