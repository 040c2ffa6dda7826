"""What gunicorn answers itself, because no request could be read or the application failed: a
problem as every other error is (`config.api.problems`), instead of gunicorn's HTML.

Imported before gevent patches the standard library, so it must not import Django.
"""

import json
from http import HTTPStatus

from gunicorn.http import errors

BAD_REQUEST = (HTTPStatus.BAD_REQUEST, "malformed_request", "This is not a valid HTTP request.")
FAILED = (HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "The server failed.")
# By gunicorn's errors. What the application's own response headers cause is no client's fault.
_OTHERS = {
    errors.LimitRequestLine: (
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "uri_too_long",
        "The address is longer than this server reads.",
    ),
    errors.LimitRequestHeaders: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers_too_large",
        "The headers are longer or more than this server reads.",
    ),
    errors.UnsupportedTransferCoding: (
        HTTPStatus.NOT_IMPLEMENTED,
        "unsupported_transfer_encoding",
        "This server reads no transfer coding but chunked.",
    ),
    errors.ExpectationFailed: (
        HTTPStatus.EXPECTATION_FAILED,
        "expectation_failed",
        "This server knows only the expectation 100-continue.",
    ),
    errors.InvalidResponseHeader: FAILED,
    errors.InvalidResponseHeaderName: FAILED,
}


def is_of_client(error: BaseException) -> bool:
    return _of(error) != FAILED


def response_to(error: BaseException, request_id: str) -> bytes:
    """The whole response, after which the connection is closed. Repeats nothing of the request."""
    status, code, detail = _of(error)
    problem = {
        "type": f"urn:daesa:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Request-ID: {request_id}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def _of(error: BaseException) -> tuple[HTTPStatus, str, str]:
    if not isinstance(error, errors.ParseException):
        return FAILED
    return _OTHERS.get(type(error), BAD_REQUEST)
