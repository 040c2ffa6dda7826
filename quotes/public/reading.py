"""Who may read the board, and how often without an account.

Requests without an account are counted by their address, in the cache like the attempts to sign in.
A search costs more than a page of the board, so it has a limit of its own beside the general one
(`ACCOUNT_RATE_LIMITS`: `board` and `board_search`).
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request

from accounts.limits import rate_limits
from config.api.problems import problem_response

if TYPE_CHECKING:
    from accounts.models import User

MAX_AGE = 60  # seconds that caches may show a line which has left the board


def reader_of(request: Request | HttpRequest) -> "User | None":
    """The signed-in user, or None for a reader without an account."""
    return request.user if request.user.is_authenticated else None


def count_read(request: Request | HttpRequest, *, is_search: bool = False) -> None:
    """Raises `TooManyAttempts`."""
    rate_limits.spend(request, action="board", limit_get=True)
    if is_search:
        rate_limits.spend(request, action="board_search", limit_get=True)


def for_readers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Makes a Django view open to everybody for reading; other methods get 405."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request, *args, **named)
        refusal = str(MethodNotAllowed(str(request.method)).detail)
        allowed = {"Allow": "GET, HEAD"}
        return problem_response(request, status=405, detail=refusal, headers=allowed)

    return guarded


def demand_public() -> None:
    """Raises `Http404` where only signed-in users read the board."""
    if not settings.PUBLIC_BOARD:
        raise Http404
