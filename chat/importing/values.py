"""Reads single values of a file, which may be of any type."""

import math
import re
from datetime import UTC, datetime
from typing import Any

from config.text import faithful, is_blank, one_line

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # PostgreSQL cannot store the first
LONGEST_TITLE, LONGEST_MODEL = 200, 100


def text_of(value: Any) -> str:
    """A text that may be stored, without control characters; empty for anything that is none."""
    text = _CONTROL.sub("", faithful(value)).strip() if isinstance(value, str) else ""
    return "" if is_blank(text) else text


def title_of(value: Any) -> str:
    return one_line(value)[:LONGEST_TITLE].strip() if isinstance(value, str) else ""


def model_of(value: Any) -> str:
    return one_line(value)[:LONGEST_MODEL].strip() if isinstance(value, str) else ""


def time_of(value: Any) -> datetime | None:
    """From seconds since 1970, or ISO 8601; None for what is no time of this century."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            moment = datetime.fromtimestamp(value, tz=UTC)
        elif isinstance(value, str):
            moment = datetime.fromisoformat(value)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if _FIRST <= moment < _LAST else None


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
