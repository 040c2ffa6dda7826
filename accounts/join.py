"""Joining by the API. The session's door is allauth's, with `forms.SignupForm`."""

from allauth.account import app_settings
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.account.signals import user_signed_up
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts import limits
from accounts.models import User
from accounts.sign_in import note_sign_in, verification_is_mandatory


def join(request: Request, *, email: str, password: str, nickname: str) -> User | None:
    """The new person; or None where addresses must be verified: the rest is said by mail, so that
    the answer is alike for a new address and a taken one.

    Raises `ValidationError` for a taken address (without that policy), or `TooManyAttempts`.
    """
    limits.spend(request, action="join")
    limits.spend(request, action="join_account", key=email)
    is_taken = bool(filter_users_by_email(email))
    user = User(email=email, nickname=nickname)
    user.set_password(password)  # for a taken address too: the same time
    address = None if is_taken else _save(user)
    if address is None and not verification_is_mandatory():
        taken = ErrorDetail(_("This email address is taken."), code="unique")
        raise ValidationError({"email": [taken]})
    if address is not None:
        user_signed_up.send(sender=User, request=request, user=user)
    if app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.NONE:
        # With an address of nobody, allauth tells its owner that there is an account.
        to = address or EmailAddress(user=None, email=email)
        send_verification_email_to_address(request, to, signup=True)
    if verification_is_mandatory():
        return None
    note_sign_in(request, user)
    return user


def _save(user: User) -> EmailAddress | None:
    """None when somebody else was faster with this address."""
    try:
        with transaction.atomic(durable=True):
            user.save()
            return EmailAddress.objects.create(user=user, email=user.email, primary=True)
    except IntegrityError:
        return None
