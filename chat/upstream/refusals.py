"""From what an upstream said (a status, a body, an error event) to the one failure that it is."""

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import orjson

from chat.upstream import limits
from chat.upstream.errors import (
    UpstreamContentFilter,
    UpstreamContextTooLong,
    UpstreamFailed,
    UpstreamModelNotFound,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamUnauthorized,
)

RETRYABLE = frozenset({408, 409, 429, 500, 502, 503, 504})

# OpenAI has a code for it; vLLM, SGLang, llama.cpp, LM Studio and TGI only words.
_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|exceed_context|maximum (?:model|context|input) length"
    r"|prompt is too long|input is too long|longer than the model|tokens to keep from the initial"
    r"|max_new_tokens` must be",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content_filter|content_policy_violation|ResponsibleAIPolicyViolation")
_SPENT = re.compile(r"insufficient_quota|billing_hard_limit")

_BY_STATUS: dict[int, type[UpstreamFailed]] = {
    401: UpstreamUnauthorized,
    403: UpstreamUnauthorized,
    404: UpstreamModelNotFound,
    429: UpstreamRateLimited,
}


def from_response(*, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamFailed:
    words = _words(_error_of(body))
    kind = _kind_by_words(words) if status not in _BY_STATUS else None
    if kind:
        return kind(upstream_status=status)
    kind = _BY_STATUS.get(status) or (
        UpstreamFailed if status >= HTTPStatus.INTERNAL_SERVER_ERROR else UpstreamRejected
    )
    return kind(
        retryable=status in RETRYABLE and not _SPENT.search(words),
        wait=seconds_of(headers.get("Retry-After")),
        upstream_status=status,
    )


def from_event(error: Any) -> UpstreamFailed:
    """The failure for an error that came in place of a piece, after a 200. Some servers say in its
    `code` which status it would have been.
    """
    code = error.get("code") if isinstance(error, dict) else None
    by_code = _BY_STATUS.get(code) if isinstance(code, int) else None
    return (_kind_by_words(_words(error)) or by_code or UpstreamFailed)(upstream_status=200)


def seconds_of(retry_after: str | None) -> float | None:
    """Retry-After (RFC 9110, 10.2.3: seconds or a date) in seconds; None where it says nothing."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(0.0, seconds), limits.LONGEST_WAIT_SHOWN)


def _kind_by_words(words: str) -> type[UpstreamFailed] | None:
    if _FILTERED.search(words):
        return UpstreamContentFilter
    if _TOO_LONG.search(words):
        return UpstreamContextTooLong
    return None


def _error_of(body: bytes) -> Any:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    return parsed.get("error", parsed) if isinstance(parsed, dict) else parsed


def _words(error: Any) -> str:
    """All that could tell one refusal from another, as one text to search."""
    if isinstance(error, dict):
        return " ".join(str(error.get(name, "")) for name in ("code", "type", "message", "detail"))
    return str(error)
