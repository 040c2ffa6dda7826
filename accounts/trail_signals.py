"""Events of the trail that Django and allauth send signals of; connected in `AppConfig.ready`."""

from typing import Any

from allauth.account import signals as allauth_signals
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


def _signed_up(request: Request | HttpRequest, user: User, **_kwargs: Any) -> None:
    trail.record(user, Kind.JOINED, request=request)


def _signed_in(request: Request | HttpRequest, user: User, **_kwargs: Any) -> None:
    """`by`: a browser signs in for a session, a program for tokens."""
    way = "session" if isinstance(request, HttpRequest) else "tokens"
    trail.record(user, Kind.SIGNED_IN, request=request, by=way)
