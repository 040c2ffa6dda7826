"""The `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header): reading it, and
the fingerprint that tells a retry from another request under the same key.
"""

import hashlib
from collections.abc import Mapping
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


def idempotency_key(request: Request) -> str | None:
    """The request's key without the quotes of its structured-field form, or None.

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
    """64 hex digits that are equal for equal validated input."""
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()
