"""How long the administration stays open in a session: `ADMIN_IDLE_MINUTES` after a sign-in or the
last page of it. Then staff confirm that it is still them; the rest of the session goes on.

The time is kept in the session. Requests outside of the administration do not read it.
"""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User

_SEEN = "admin_seen_at"
_WRITTEN_EVERY = 60  # seconds, so that not every page writes the session


def open_at_sign_in(request: Request | HttpRequest, user: User, **_kwargs: Any) -> None:
    """A receiver of `user_logged_in`."""
    if user.is_staff and isinstance(request, HttpRequest):
        reopen(request)


def reopen(request: HttpRequest) -> None:
    request.session[_SEEN] = int(time.time())


def is_open(request: HttpRequest) -> bool:
    """Whether it is open; then the time begins anew."""
    idle = time.time() - request.session.get(_SEEN, 0)
    if idle >= settings.ADMIN_IDLE_MINUTES * 60:
        return False
    if idle >= _WRITTEN_EVERY:
        reopen(request)
    return True
