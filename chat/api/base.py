"""What all endpoints under /chat share: the allowance in the headers of each response."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import Error
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from chat.turns.quota import DailyQuota
from config.api.throttles import WritesPerMinute

# Why questions do not count as writes: with Redis the count would cost each turn a round trip, and
# nothing is stored without a unit.
ASKING = (
    "each takes a unit of the daily allowance, or one of its refunds, or is refused before "
    "anything is stored"
)


class QuotaHeaders:
    """Responses to signed-in users have the fields RateLimit and RateLimit-Policy."""

    throttle_classes: Sequence[type[BaseThrottle]] = (WritesPerMinute, DailyQuota)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if "RateLimit" not in response and _is_signed_in(request):
            with suppress(Error):  # of a response that is complete without these fields
                for name, value in DailyQuota.headers(request).items():
                    response[name] = value
        return response


class ChatView(QuotaHeaders, GenericAPIView[Any]):
    """Responses to signed-in users have the fields RateLimit and RateLimit-Policy."""


def _is_signed_in(request: Request) -> bool:
    return bool(getattr(request, "_user", None) and request.user.is_authenticated)
