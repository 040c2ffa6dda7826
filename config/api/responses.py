"""What is known of a request when its response has been sent, by ids alone: for the access log,
metrics and traces.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty
from prometheus_client import Counter

from config.api.request_id import request_id_of

logger = logging.getLogger("daesa.access")
_RESPONSES = Counter("daesa_responses", "Responses by the first digit of their status", ["status"])
_COUNTERS = {digit: _RESPONSES.labels(f"{digit}xx") for digit in range(1, 6)}

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class CountingMiddleware:
    """Counts responses. Costs 1 to 1.5 µs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        _COUNTERS[response.status_code // 100].inc()
        return response


class AccessLogMiddleware:
    """One line for each request (`ACCESS_LOG`), after its last byte: no address, path, query, name
    or text, since paths have keys of mails and queries what people search for.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.monotonic()
        response = self.get_response(request)
        when_sent(response, lambda size: _log(request, response, begun, size))
        return response


def _log(request: HttpRequest, response: HttpResponseBase, begun: float, size: int) -> None:
    values = {
        "method": _method_of(request),
        "route": route_of(request),
        "status": response.status_code,
        "ms": round((time.monotonic() - begun) * 1000),
        "bytes": 0 if request.method == "HEAD" else size,
        "user": user_id_of(request),
        "request_id": request_id_of(request),
    }
    logger.info("%(method)s %(route)s %(status)d %(ms)d ms %(bytes)d B", values, extra=values)


def _method_of(request: HttpRequest) -> str:
    """Other methods are not logged as they are: a client may send any text as the method."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return str(request.method) if request.method in known else "OTHER"


def route_of(request: HttpRequest) -> str:
    """The name of the request's route, such as `chat:chats`; its pattern where it has no name, and
    `-` where none matched: files, and what is not there.
    """
    match = request.resolver_match
    return (match.view_name if match.url_name else f"/{match.route}") if match else "-"


def user_id_of(request: HttpRequest) -> int | None:
    """The signed-in user, where the request has needed to know; this asks no database."""
    user = vars(request).get("user")
    if isinstance(user, SimpleLazyObject) and vars(user).get("_wrapped") is empty:
        return None
    return cast("int | None", getattr(user, "pk", None))


def when_sent(response: HttpResponseBase, call: Callable[[int], None]) -> None:
    """Calls `call` with the size of the body in bytes: for a stream when it is closed, else now."""
    if isinstance(response, FileResponse):  # the server may send it without reading it here
        call(int(response.headers.get("Content-Length", "0")))
    elif response.streaming:
        stream = cast("Any", response)
        stream.streaming_content = _Counted(stream.streaming_content, call)
    else:
        call(len(cast("HttpResponse", response).content))


class _Counted:
    """The pieces of a stream. Django closes it with the response, as it does the pieces."""

    def __init__(self, pieces: Iterator[bytes], call: Callable[[int], None]) -> None:
        self._pieces = pieces
        self._call: Callable[[int], None] | None = call
        self._size = 0

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._size += len(piece)
        return piece

    def close(self) -> None:
        call, self._call = self._call, None
        if call:
            call(self._size)
