"""How often one caller's address may try. The rates are in `ACCOUNT_RATE_LIMITS`; allauth counts
them in the cache. Tokens, sessions and the admin share the same counts.
Wrong passwords of one account are counted in `password_attempts`.

    Problem
    └── TooManyAttempts     429, with Retry-After
"""

import math
import time
from typing import Any

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from config.api.problems import Problem

APP = "allauth.account"
MAIL_PAUSE = 60  # seconds between two mails of one kind to an address (`mail_again`)


class TooManyAttempts(Problem):
    status_code = 429
    default_code = "too_many_attempts"
    default_detail = _("Too many attempts. Try again later.")


def spend(
    request: Request | HttpRequest, *, action: str, key: str | None = None, limit_get: bool = False
) -> Any:
    """Counts one attempt and returns its usage, whose `rollback()` takes it back. A GET counts with
    `limit_get` alone.

    Raises `TooManyAttempts`.
    """
    usage = ratelimit.consume(request, app=APP, action=action, key=key, limit_get=limit_get)
    if usage is not None:
        return usage
    wait = _wait(request, action=action, key=key)
    raise TooManyAttempts(headers={"Retry-After": str(wait)})


def try_spend(request: Request | HttpRequest, *, action: str, key: str | None = None) -> bool:
    """Counts one attempt, of a GET too; False if it is over the limit. For work whose refusal is
    not shown, or is shown by a page.
    """
    usage = ratelimit.consume(request, app=APP, action=action, key=key, limit_get=True)
    return usage is not None


def _wait(request: Request | HttpRequest, *, action: str, key: str | None) -> int:
    """Seconds until every rate of the action allows one more attempt."""
    wait = 1.0
    for rate in ratelimit.get_rates(app=APP, action=action):
        name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
        history = cache.get(name, [])  # newest first
        if len(history) >= rate.amount:
            wait = max(wait, history[rate.amount - 1] + rate.duration - time.time())
    return math.ceil(wait)
