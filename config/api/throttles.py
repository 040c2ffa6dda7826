"""The default throttle of Django REST Framework's views. A view with throttles of its own must list
this one too. `uncounted_writes` of a view names methods whose writes are limited in another way;
tests/architecture/test_writes.py lists all of them.

In a module of its own, because `DEFAULT_THROTTLE_CLASSES` is imported by rest_framework.views.
"""

from typing import TYPE_CHECKING

from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class WritesPerMinute(BaseThrottle):
    """Counts the writes of a signed-in user. Raises `TooManyWrites`."""

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        from config.api.writes import count_write  # noqa: PLC0415 - see above

        method, user = request.method, request.user
        is_counted = method in WRITES and method not in getattr(view, "uncounted_writes", ())
        if is_counted and user and user.is_authenticated:
            count_write(user.pk)
        return True
