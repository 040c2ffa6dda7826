"""The `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header): reading it, and
the fingerprint that distinguishes a retry from another request with the same key.

    Problem
    ├── BadIdempotencyKey            400
    ├── IdempotencyKeyUnsupported    400, the endpoint would ignore it
    └── Unprocessable
        └── IdempotencyKeyReused     422
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from config.api.problems import Problem, Unprocessable

LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=24)


class BadIdempotencyKey(Problem):
    default_code = "bad_idempotency_key"
    default_detail = _("Idempotency-Key must be 1 to 255 printable ASCII characters.")


class IdempotencyKeyReused(Unprocessable):
    default_code = "idempotency_key_reused"
    default_detail = _("This Idempotency-Key was used with another request.")


class IdempotencyKeyUnsupported(Problem):
    default_code = "idempotency_key_unsupported"
    default_detail = _(
        "This address does not take an Idempotency-Key: send the request without it. A retry may"
        " take effect a second time."
    )


def takes_keys(view: Callable[..., Any], method: str | None) -> bool:
    """Whether a view does what an Idempotency-Key asks for: it sets `takes_idempotency_key`, or the
    method may be repeated by definition, as PUT and DELETE. True also of views that are no API and
    do not have the method.
    """
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if method not in {"POST", "PATCH"} or not hasattr(kind, method.lower()):
        return True
    return bool(getattr(kind, "takes_idempotency_key", False))


def idempotency_key(request: Request) -> str | None:
    """The key without the quotes of a structured field, or None.

    Raises `BadIdempotencyKey`.
    """
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise BadIdempotencyKey
    return key


def fingerprint(data: Mapping[str, Any]) -> str:
    """64 hex digits, equal for equal validated input."""
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()
