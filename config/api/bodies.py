"""Request bodies as they come over the wire: transfer codings, content codings, and their size."""

import io

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from gunicorn.http.errors import ParseException

from config.api.problems import problem_response, too_large_response


def check_body(request: HttpRequest) -> HttpResponse | None:
    """The refusal of a body that cannot be read. A chunked one is read here: Django, and every
    library above it, takes a request without Content-Length for one without a body.
    """
    if "HTTP_CONTENT_ENCODING" in request.META and (refusal := _refuse_encoding(request)):
        return refusal
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return _read_chunks(request)
    return None


def _refuse_encoding(request: HttpRequest) -> HttpResponse | None:
    """Compressed bodies are not supported: 415 with `Accept-Encoding` (RFC 9110, 12.5.3 and
    15.5.16).
    """
    encoding = request.headers["Content-Encoding"].strip().lower()
    if encoding in {"", "identity"}:
        return None
    response = problem_response(
        request,
        status=415,
        code="unsupported_content_encoding",
        detail=_("A body must not be compressed: send it without Content-Encoding."),
    )
    response["Accept-Encoding"] = "identity"
    return response


def _read_chunks(request: HttpRequest) -> HttpResponse | None:
    """Reads the body, as long as it may be, and gives the request its length."""
    codings = request.headers["Transfer-Encoding"].lower().split(",")
    if [coding.strip() for coding in codings] != ["chunked"]:
        return problem_response(  # RFC 9112, 6.1
            request,
            status=501,
            code="unsupported_transfer_encoding",
            detail=_("The only Transfer-Encoding that this server reads is chunked."),
        )
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        body = request.META["wsgi.input"].read(limit + 1)
    except (OSError, ParseException):  # disconnected, or no chunks; gunicorn closes the connection
        return problem_response(
            request,
            status=400,
            code="malformed_body",
            detail=_("The chunks of the body are malformed or incomplete."),
        )
    if len(body) > limit:
        return too_large_response(request)
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = io.BytesIO(body)  # noqa: SLF001  # type: ignore[attr-defined]
    return None
