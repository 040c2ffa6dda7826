"""Signing in with a password (and a code, where the user has a second factor), and what every
sign-in records.

    APIException
    ├── AuthenticationFailed
    │   └── InvalidCredentials      401
    └── Problem
        ├── EmailNotVerified        403, only after the right password
        └── SecondFactorRequired    401, only after the right password (accounts.mfa.challenges)

`InvalidCredentials` has the same text for known and unknown addresses, after the same time.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed, ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts.addresses.ownership import is_usable, own_address
from accounts.devices import UNKNOWN_ADDRESS
from accounts.limits import password_attempts
from accounts.mfa import challenges
from accounts.mfa.factors import has_factor
from accounts.models import User
from config.api.problems import Problem


class InvalidCredentials(AuthenticationFailed):
    default_detail = _("The email address or the password is wrong.")
    default_code = "invalid_credentials"


class EmailNotVerified(Problem):
    status_code = 403
    default_code = "email_not_verified"
    default_detail = _("Confirm your email address first: we have sent you a mail with a link.")


def sign_in(request: Request, *, email: str, password: str) -> User:
    """For programs. Raises `InvalidCredentials`, `EmailNotVerified`, `SecondFactorRequired` or
    `TooManyAttempts`.
    """
    user: User | None = get_adapter().authenticate(request, email=email, password=password)
    if user is None:
        raise InvalidCredentials
    demand_confirmed_address(request, user)
    if has_factor(user):
        raise challenges.required(user)
    record_sign_in(request, user)
    return user


def complete_sign_in(request: Request, *, challenge: str, code: str) -> User:
    """After `SecondFactorRequired`.

    Raises `ChallengeNotValid`, `WrongCode` or `TooManyAttempts`.
    """
    user = challenges.complete(request, challenge=challenge, code=code)
    record_sign_in(request, user)
    return user


def demand_confirmed_address(request: Request | HttpRequest, user: User) -> None:
    """Call after the right password. Sends a mail with a link and raises `EmailNotVerified`."""
    if not is_usable(user):
        send_verification_email_to_address(request, own_address(user))
        raise EmailNotVerified


def record_sign_in(request: Request, user: User) -> None:
    """Sends Django's signal; its receivers store `last_login`, the address and the source."""
    user_logged_in.send(sender=User, request=request, user=user)


def record_address(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A receiver of `user_logged_in`."""
    address = get_adapter().get_client_ip(request)
    user.ip_address = None if address == UNKNOWN_ADDRESS else address
    user.save(update_fields=["ip_address"])


def confirm_password(request: Request, user: User, *, password: str, field: str) -> None:
    """Checks the password of the signed-in user, within the limits of signing in.

    Raises `ValidationError` for `field`, or `TooManyAttempts`.
    """
    if not password_attempts.check_password(request, user, password):
        wrong = ErrorDetail(gettext("The password is wrong."), code="incorrect_password")
        raise ValidationError({field: [wrong]})
