"""What every door under /chat shares: the allowance in the fields of each answer."""

from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from chat.quota import DailyQuota


class QuotaFields:
    """Adds RateLimit and RateLimit-Policy to each answer to somebody who is signed in."""

    throttle_classes = (DailyQuota,)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if response.status_code < 500 and "RateLimit" not in response and _is_known(request):  # noqa: PLR2004
            for name, value in DailyQuota.fields(request).items():
                response[name] = value
        return response


class ChatView(QuotaFields, GenericAPIView[Any]):
    """A door under /chat."""


def _is_known(request: Request) -> bool:
    return bool(getattr(request, "_user", None) and request.user.is_authenticated)
