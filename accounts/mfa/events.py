"""What the trail says about second factors: receivers of allauth's signals."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from rest_framework.request import Request

from accounts import trail
from accounts.mfa import mails
from accounts.models import User
from accounts.trail import Kind

RECOVERY_CODES = Authenticator.Type.RECOVERY_CODES


def connect() -> None:
    signals.authenticator_added.connect(_added, dispatch_uid="accounts.factor_added")
    signals.authenticator_removed.connect(_removed, dispatch_uid="accounts.factor_removed")
    signals.authenticator_reset.connect(_added, dispatch_uid="accounts.factor_reset")
    signals.authenticator_used.connect(_used, dispatch_uid="accounts.factor_used")


def note_use(request: Request | HttpRequest, user: User, factor: Authenticator) -> None:
    """Call after a factor was used. A recovery code is told to the owner: it is used rarely, and
    a thief's would be noticed by nothing else.
    """
    if factor.type != RECOVERY_CODES:
        return
    left = len(factor.wrap().get_unused_codes())
    trail.record(user, Kind.RECOVERY_CODE_USED, request=request, left=left)
    mails.tell(user, "recovery_code_used", left=left)


def _added(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    is_codes = authenticator.type == RECOVERY_CODES
    kind = Kind.RECOVERY_CODES_MADE if is_codes else Kind.FACTOR_ADDED
    trail.record(user, kind, request=request, type=authenticator.type)


def _removed(
    request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any
) -> None:
    trail.record(user, Kind.FACTOR_REMOVED, request=request, type=authenticator.type)


def _used(request: HttpRequest, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    note_use(request, user, authenticator)
