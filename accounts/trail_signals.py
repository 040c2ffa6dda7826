"""Events of the trail that Django and allauth send signals of; connected in `AppConfig.ready`."""

from typing import Any

from allauth.account import signals as allauth_signals
from allauth.account.internal.flows.login import get_authentication_records
from django.contrib.auth import signals as django_signals
from django.http import HttpRequest
from rest_framework.request import Request

from accounts import trail
from accounts.models import User
from accounts.trail import Kind


def connect() -> None:
    receivers = {
        allauth_signals.user_signed_up: _signed_up,
        django_signals.user_logged_in: _signed_in,
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver, weak=False, dispatch_uid="accounts.trail")


def _signed_up(
    request: Request | HttpRequest,
    user: User,
    provider: str = "",
    reason: str = "",
    **_kwargs: Any,
) -> None:
    details: dict[str, Any] = {"provider": provider} if provider else {}
    trail.record(user, Kind.JOINED, request=request, reason=reason, **details)


def _signed_in(request: Request | HttpRequest, user: User, **_kwargs: Any) -> None:
    """`by`: a browser signs in for a session, a program for tokens. `provider`: where it did not by
    a password.
    """
    if not isinstance(request, HttpRequest):
        trail.record(user, Kind.SIGNED_IN, request=request, by="tokens")
        return
    records = get_authentication_records(request, user)
    provider = next((one["provider"] for one in reversed(records) if "provider" in one), "")
    details: dict[str, Any] = {"provider": provider} if provider else {}
    trail.record(user, Kind.SIGNED_IN, request=request, by="session", **details)
