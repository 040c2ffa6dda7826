"""How often somebody may try. The rates stand in `ACCOUNT_RATE_LIMITS`; allauth counts them in the
cache. Every door (token, session, admin) spends from the same counts, through `spend` alone.

    Problem
    └── TooManyAttempts     429, with Retry-After
"""

import math
import time
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.base.response import RateLimitResponse
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from config.api.problems import Problem

APP = "allauth.account"


class TooManyAttempts(Problem):
    status_code = 429
    default_code = "too_many_attempts"
    default_detail = _("Too many attempts. Try again later.")


def spend(request: Request | HttpRequest, *, action: str, key: str | None = None) -> Any:
    """Counts one attempt; `rollback()` of what it returns takes it back.

    Raises `TooManyAttempts`, or at the session's door allauth's own form of a 429.
    """
    usage = ratelimit.consume(request, app=APP, action=action, key=key)
    if usage is not None:
        return usage
    wait = str(_wait(request, action=action, key=key))
    if is_headless_request(request):
        response = RateLimitResponse(request)
        response["Retry-After"] = wait
        raise ImmediateHttpResponse(response)
    raise TooManyAttempts(headers={"Retry-After": wait})


def _wait(request: Request | HttpRequest, *, action: str, key: str | None) -> int:
    """Seconds until each of the action's rates has room for one more attempt."""
    wait = 1.0
    for rate in ratelimit.get_rates(app=APP, action=action):
        name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
        history = cache.get(name, [])  # the newest first
        if len(history) >= rate.amount:
            wait = max(wait, history[rate.amount - 1] + rate.duration - time.time())
    return math.ceil(wait)
