"""Where a sign-in comes from: the browser, recognized by a cookie it got when it signed in before
(OWASP's "device cookie"), and the network of the caller's address.

The cookie is a random text. `SignInSource` says for which account it counts; it signs nobody in.
"""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TypedDict

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.models import SignInSource

DEVICE, NETWORK = "device:", "network:"
UNKNOWN_ADDRESS = "unknown"  # the caller's address behind a Unix socket
COOKIE_AGE = timedelta(days=400)  # the longest that browsers keep a cookie
LONGEST_AGENT = 200
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)


class Origin(TypedDict):
    ip_address: str | None
    user_agent: str


def origin_of(request: Request | HttpRequest | None) -> Origin:
    """What is stored of the caller beside sign-ins, tokens and events."""
    if request is None:
        return {"ip_address": None, "user_agent": ""}
    address = get_adapter().get_client_ip(request)
    agent = request.META.get("HTTP_USER_AGENT", "")
    return {
        "ip_address": None if address == UNKNOWN_ADDRESS else address,
        "user_agent": "".join(filter(str.isprintable, agent[: 4 * LONGEST_AGENT]))[:LONGEST_AGENT],
    }


def device_of(request: Request | HttpRequest, secret: str | None = None) -> str | None:
    """The `source` of the browser; None without a valid cookie. `secret`: a former SECRET_KEY."""
    token = _token_of(request)
    return DEVICE + SignInSource.digest(token, secret) if token else None


def network_of(request: Request | HttpRequest, secret: str | None = None) -> str:
    """The `source` of the caller's address: one IPv4 address, or the /64 network of an IPv6
    address, which one household or machine has. `secret`: a former SECRET_KEY.
    """
    return NETWORK + SignInSource.digest(ratelimit.get_ip(request), secret)


def has_known_address(request: Request | HttpRequest) -> bool:
    return bool(get_adapter().get_client_ip(request) != UNKNOWN_ADDRESS)


def remember_device(request: HttpRequest) -> str:
    """The `source` of the browser. `DeviceMiddleware` sets or renews its cookie."""
    token = _token_of(request) or secrets.token_urlsafe(32)
    request._device = token  # type: ignore[attr-defined]  # noqa: SLF001
    return DEVICE + SignInSource.digest(token)


def _token_of(request: Request | HttpRequest) -> str | None:
    token = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return token if _TOKEN.fullmatch(token) else None


class DeviceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        token = getattr(request, "_device", None)
        if token:
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                token,
                max_age=COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
