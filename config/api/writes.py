"""How often an account may write: `WRITES_PER_MINUTE` requests with a writing method, over all
endpoints together, in each minute of the clock. Counted in the cache: exact over all workers with
Redis; nothing is counted while Redis is away.

    Problem
    └── TooManyWrites     429, with Retry-After and the RateLimit fields of this limit

`config.api.throttles.WritesPerMinute` counts for views of Django REST Framework, `WritesMiddleware`
for those of others (allauth).
"""

import time
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework.views import APIView

from config.api.problems import Problem, response_of
from config.api.throttles import WRITES

MINUTE = 60


class TooManyWrites(Problem):
    status_code = 429
    default_code = "too_many_writes"
    default_detail = _("Too many changes within a minute. Wait a moment, then go on.")

    def __init__(self, *, seconds: int) -> None:
        super().__init__(
            headers={
                "Retry-After": str(seconds),
                "RateLimit": f'"writes";r=0;t={seconds}',
                "RateLimit-Policy": f'"writes";q={settings.WRITES_PER_MINUTE};w={MINUTE}',
            }
        )


def count_write(user_id: int) -> None:
    """Counts one write of an account. Raises `TooManyWrites`."""
    limit = settings.WRITES_PER_MINUTE
    if not limit:
        return
    now = int(time.time())
    key = f"writes:{user_id}:{now // MINUTE}"
    # The key outlives its minute, because clocks of processes may differ.
    if cast("Any", cache).count(key, seconds=2 * MINUTE) > limit:
        raise TooManyWrites(seconds=MINUTE - now % MINUTE)


class WritesMiddleware:
    """Counts the writes of a session to views that are not Django REST Framework's. The
    administration is not counted: staff are trusted, and review faster than others may write.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if request.method not in WRITES or _is_api_view(view) or _is_admin(request):
            return None
        if not request.user.is_authenticated:
            return None
        try:
            count_write(request.user.pk)
        except TooManyWrites as problem:
            return response_of(request, problem)
        return None


def _is_api_view(view: Any) -> bool:
    kind = getattr(view, "cls", None)
    return isinstance(kind, type) and issubclass(kind, APIView)


def _is_admin(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and match.namespaces[:1] == ["admin"])
