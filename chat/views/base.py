"""What every door under /chat shares: the allowance in the fields of each answer."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from django.db import DatabaseError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from chat.quota import DailyQuota

if TYPE_CHECKING:
    from accounts.models import User


class QuotaFields:
    """Adds RateLimit and RateLimit-Policy to each answer to somebody who is signed in."""

    throttle_classes: Sequence[type[BaseThrottle]] = (DailyQuota,)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if "RateLimit" not in response and _is_known(request):
            with suppress(DatabaseError):  # the answer says already that it is away
                for name, value in DailyQuota.fields(request).items():
                    response[name] = value
        return response


class ChatView(QuotaFields, GenericAPIView[Any]):
    """A door under /chat."""


def person(request: Request) -> "User":
    """Who asks. The permission class has let in nobody who is not signed in."""
    return cast("User", request.user)


def _is_known(request: Request) -> bool:
    return bool(getattr(request, "_user", None) and request.user.is_authenticated)
