"""Chooses the UpstreamFailed for what an upstream sent: a status, a body, or an error event."""

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from typing import Any

import orjson

from chat.upstream.errors import (
    UpstreamContentFilter,
    UpstreamContextTooLong,
    UpstreamFailed,
    UpstreamModelNotFound,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnauthorized,
    UpstreamUnreachable,
)
from chat.upstream.parameters import complaint_of
from chat.upstream.too_long import is_too_long

RETRYABLE = frozenset({408, 409, 429, 500, 502, 503, 504})
MAX_RETRY_AFTER = 24 * 3600.0  # seconds

_FILTERED = re.compile(r"content_filter|content_policy_violation|ResponsibleAIPolicyViolation")
# Some servers repeat the request: after their message, or in other fields.
_MAX_FIELD_LENGTH = 2000
_FIELDS = (
    *("code", "type", "message", "detail", "msg", "param", "loc"),
    *("error", "errors", "metadata", "raw"),  # where gateways put the error of another server
)
_MAX_FIELDS, _MAX_DEPTH = 40, 6
_QUOTA_SPENT = re.compile(r"insufficient_quota|billing_hard_limit")

_BY_STATUS: dict[int, type[UpstreamFailed]] = {
    401: UpstreamUnauthorized,
    403: UpstreamUnauthorized,
    404: UpstreamModelNotFound,
    407: UpstreamUnreachable,  # a proxy's
    413: UpstreamContextTooLong,
    429: UpstreamRateLimited,
}
_REFUSED_PARAMETERS = frozenset({400, 422})


def from_response(*, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamFailed:
    error = _error_of(body)
    text = _searchable_text(error)
    kind = _kind_by_text(text) if status not in _BY_STATUS else None
    if kind:
        return kind(upstream_status=status)
    kind = _BY_STATUS.get(status) or (
        UpstreamFailed if status >= HTTPStatus.INTERNAL_SERVER_ERROR else UpstreamRejected
    )
    return kind(
        retryable=status in RETRYABLE and not _QUOTA_SPENT.search(text),
        wait=seconds_of(headers.get("Retry-After")),
        upstream_status=status,
        complaint=complaint_of(error, text) if status in _REFUSED_PARAMETERS else None,
    )


def from_event(error: Any) -> UpstreamFailed:
    """For an error that came in place of a chunk, after a 200. Some servers put the status that it
    would have been into `code`.
    """
    code = error.get("code") if isinstance(error, dict) else None
    by_code = _BY_STATUS.get(code) if isinstance(code, int) else None
    kind = _kind_by_text(_searchable_text(error)) or by_code or UpstreamFailed
    return kind(upstream_status=200)


def seconds_of(retry_after: str | None) -> float | None:
    """Retry-After (RFC 9110, 10.2.3: seconds or a date) in seconds; None without a valid value."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(0.0, seconds), MAX_RETRY_AFTER)


def _kind_by_text(text: str) -> type[UpstreamFailed] | None:
    if _FILTERED.search(text):
        return UpstreamContentFilter
    if is_too_long(text):
        return UpstreamContextTooLong
    return None


def _error_of(body: bytes) -> Any:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    if isinstance(parsed, dict) and isinstance(parsed.get("error"), (dict, list)):
        return parsed["error"]
    return parsed


def _searchable_text(error: Any) -> str:
    """All fields that distinguish errors, in one text."""
    return " ".join(field[:_MAX_FIELD_LENGTH] for field in islice(_fields(error), _MAX_FIELDS))


def _fields(error: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(error, (dict, list)):
        each = (
            (error[name] for name in _FIELDS if name in error) if isinstance(error, dict) else error
        )
        for part in each if depth < _MAX_DEPTH else ():
            yield from _fields(part, depth + 1)
    elif error is not None:
        yield str(error)
