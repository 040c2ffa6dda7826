"""Refusals that depend on what a request asks for: each function returns the status and the body of
the refusal, or None where the request is answered.
"""

from collections.abc import Mapping
from typing import Any

Refusal = tuple[int, dict[str, Any]] | None

MOST_MESSAGES = 4  # the system prompt, one turn, and the question


def reasoning_model(body: Mapping[str, Any]) -> Refusal:
    """One complaint for each request, as OpenAI's server does it."""
    if "max_tokens" in body:
        message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return _refusal(message, param="max_tokens", code="unsupported_parameter")
    if body.get("temperature", 1) != 1:
        message = "Unsupported value: 'temperature' does not support it. Only the default (1) is."
        return _refusal(message, param="temperature", code="unsupported_value")
    return None


def strict(body: Mapping[str, Any]) -> Refusal:
    """A validator's list without `param`, as FastAPI sends it."""
    detail = [
        {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
        for name in ("temperature", "stream_options")
        if name in body
    ]
    return (422, {"detail": detail}) if detail else None


def short_context(body: Mapping[str, Any]) -> Refusal:
    if len(body["messages"]) <= MOST_MESSAGES:
        return None
    return _refusal("The input token count (9) exceeds the maximum number of tokens allowed (4).")


def _refusal(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return 400, {"error": error}
