"""Signing in with a password, and what every sign-in leaves behind, by whichever door.

    APIException
    ├── AuthenticationFailed
    │   └── InvalidCredentials      401
    └── Problem
        └── EmailNotVerified        403, said only after a right password

`InvalidCredentials` speaks in the same words whoever it was, and after the same time.
"""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_for_user
from allauth.account.utils import has_verified_email
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed, ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts import limits
from accounts.adapter import NOBODY_KNOWS
from accounts.models import User
from config.api.problems import Problem


class InvalidCredentials(AuthenticationFailed):
    default_detail = _("The email address or the password is wrong.")
    default_code = "invalid_credentials"


class EmailNotVerified(Problem):
    status_code = 403
    default_code = "email_not_verified"
    default_detail = _("Confirm your email address first: we have sent you a mail with a link.")


def verification_is_mandatory() -> bool:
    return bool(app_settings.EMAIL_VERIFICATION == app_settings.EmailVerificationMethod.MANDATORY)


def sign_in(request: Request, *, email: str, password: str) -> User:
    """Raises `InvalidCredentials`, `EmailNotVerified` or `TooManyAttempts`."""
    user: User | None = get_adapter().authenticate(request, email=email, password=password)
    if user is None:
        raise InvalidCredentials
    if verification_is_mandatory() and not has_verified_email(user):
        send_verification_email_for_user(request, user)
        raise EmailNotVerified
    note_sign_in(request, user)
    return user


def note_sign_in(request: Request, user: User) -> None:
    """What Django does at a session's start: its receivers write `last_login` and the address."""
    user_logged_in.send(sender=User, request=request, user=user)


def note_address(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A receiver of `user_logged_in`."""
    address = get_adapter().get_client_ip(request)
    user.ip_address = None if address == NOBODY_KNOWS else address
    user.save(update_fields=["ip_address"])


def confirm_password(request: Request, user: User, *, password: str, field: str) -> None:
    """Asks the person behind a token or session for the password, within the limits of signing in.

    Raises `ValidationError` for `field`, or `TooManyAttempts`.
    """
    usage = limits.spend(request, action="login_failed", key=user.email)
    if not user.check_password(password):
        wrong = ErrorDetail(gettext("The password is wrong."), code="incorrect_password")
        raise ValidationError({field: [wrong]})
    usage.rollback()
