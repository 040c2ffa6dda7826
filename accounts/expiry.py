"""The rows of this app that have expired and can be deleted."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import sessions, trail
from accounts.addresses.confirmations import lifetime
from accounts.export import job as export
from accounts.models import (
    AddressConfirmation,
    AuthorizationCode,
    DataExport,
    PendingJoin,
    RevokedToken,
    SecondFactorChallenge,
    SecurityEvent,
    SignInSource,
    TokenFamily,
)


def expired(now: datetime) -> dict[str, models.QuerySet[Any]]:
    """The rows, each kind under its name."""
    past = now - api_settings.LEEWAY  # until then an expired token is accepted
    unconfirmed = now - lifetime()
    return {
        "revoked access tokens": RevokedToken.objects.filter(expires_at__lte=past),
        "refresh tokens": OutstandingToken.objects.filter(expires_at__lte=past),
        "sign-ins of programs": TokenFamily.objects.filter(expires_at__lte=past),
        "sessions": Session.objects.filter(expire_date__lt=now),
        "rows of sessions that are gone": sessions.without_session(),
        "sign-in failures": SignInSource.objects.stale(),
        "joins without confirmation": PendingJoin.objects.filter(created_at__lt=unconfirmed),
        "addresses without confirmation": AddressConfirmation.objects.filter(
            created_at__lt=unconfirmed
        ),
        "challenges of second factors": SecondFactorChallenge.objects.filter(expires_at__lt=past),
        "authorization codes": AuthorizationCode.objects.filter(expires_at__lt=past),
        "security events": SecurityEvent.objects.filter(created_at__lt=now - trail.KEPT),
    }


def delete_exports() -> int:
    """Archives that users have asked for and that have expired."""
    before = DataExport.objects.count()
    export.delete_expired()
    return max(0, before - DataExport.objects.count())
