"""Checking a code of the second factor: of an authenticator app (TOTP, RFC 6238) or a recovery
code. Every endpoint that takes one uses `check_code`.

A code works once. allauth notes used ones in the cache for 30 seconds. Without Redis processes do
not share it, a restart forgets it, and a code is accepted for 90 seconds. Here the newest accepted
time step is stored (`FactorCounter`), and neither it nor an older one is accepted again.
"""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.http import HttpRequest
from rest_framework.request import Request

from accounts import trail
from accounts.limits import password_attempts, rate_limits
from accounts.mfa import mails
from accounts.mfa.factors import CODE_TYPES, Type
from accounts.models import FactorCounter, User

LONGEST = 32  # characters, with spaces and hyphens
TOLD_FROM = 3  # wrong codes in a row after which the owner gets a mail


def check_code(
    request: Request | HttpRequest, user: User, code: str, *, is_signed_in: bool = False
) -> Authenticator | None:
    """The factor whose code this is, which is used up; None for a wrong code. `is_signed_in`: the
    user confirms, and does not sign in.

    Raises `TooManyAttempts`.
    """
    attempt = password_attempts.begin(
        request, email=user.address_or_id, is_signed_in=is_signed_in, is_code=True
    )
    found = use_code(user, code)
    if found is None:
        _note_refusal(request, user, tell=not is_signed_in)
        return None
    attempt.succeed()
    return found


def use_code(user: User, code: str) -> Authenticator | None:
    """Like `check_code`, without the limits."""
    if len(code) > LONGEST:
        return None
    for factor in Authenticator.objects.filter(user_id=user.pk, type__in=CODE_TYPES):
        is_right = use_totp if factor.type == Type.TOTP else _use_recovery_code
        if is_right(factor, code):
            factor.refresh_from_db()  # a used recovery code is marked in another instance
            factor.user = user
            return factor
    return None


def use_totp(factor: Authenticator, code: str) -> bool:
    secret = decrypt(factor.data["secret"])
    return any(FactorCounter.advance(factor, step) for step in totp_steps(secret, code))


def totp_steps(secret: str, code: str) -> list[int]:
    """The time steps of now, and of the tolerance around it, that have this code."""
    return [
        step
        for step in totp.yield_hotp_counters_from_time()
        if compare_user_code(
            actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, step))
        )
    ]


def _use_recovery_code(factor: Authenticator, code: str) -> bool:
    """Allauth locks the row, and marks the code as used."""
    return bool(factor.wrap().validate_code(code))


def _note_refusal(request: Request | HttpRequest, user: User, *, tell: bool) -> None:
    trail.record(user, trail.Kind.FACTOR_REFUSED, request=request, reason="wrong_code")
    if not tell or password_attempts.refused_codes(user) < TOLD_FROM:
        return
    # The password was right before: somebody else may know it.
    if rate_limits.try_spend(request, action="wrong_codes_mail", key=user.address_or_id):
        mails.tell(user, "second_factor_refused")
