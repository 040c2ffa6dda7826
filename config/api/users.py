"""The user of a request, with its type."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from rest_framework.request import Request

if TYPE_CHECKING:
    from accounts.models import User


def request_user(request: Request | HttpRequest) -> "User":
    """The signed-in user. For views whose permission lets nobody else in."""
    return cast("User", request.user)
