"""Joining. Where addresses must be confirmed, a join waits as a `PendingJoin` until the link in its
mail is opened, and only then becomes an account. So an unconfirmed address blocks nobody else, and
new and existing addresses get the same answer after the same work: one hash, one row, and the rest
in the background.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.account.signals import user_signed_up
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts.addresses.ownership import (
    holders,
    is_confirmed,
    is_taken,
    own_address,
    release,
    verification_is_mandatory,
)
from accounts.limits import rate_limits
from accounts.models import PendingJoin, User
from accounts.sign_in import record_sign_in
from config import background

_SALT = "accounts.join"


class AddressTaken(Exception):  # noqa: N818
    """Another account has the address. Raised only where addresses need no confirmation."""


@dataclass(frozen=True)
class _Confirmation:
    """What allauth's confirmation mail needs."""

    key: str
    email_address: EmailAddress


def join(request: Request, *, email: str, password: str, nickname: str) -> User | None:
    """The new user, signed in; None where the address has to be confirmed first.

    Raises `ValidationError` for a taken address, or `TooManyAttempts`.
    """
    rate_limits.spend(request, action="join")
    rate_limits.spend(request, action="join_account", key=email)
    try:
        user = register(request, email=email, password=password, nickname=nickname)
    except AddressTaken:
        taken = ErrorDetail(_("This email address is taken."), code="unique")
        raise ValidationError({"email": [taken]}) from None
    if user is None:
        return None
    user_signed_up.send(sender=User, request=request, user=user)
    if app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.NONE:
        send_verification_email_to_address(request, own_address(user), signup=True)
    record_sign_in(request, user)
    return user


def register(
    request: Request | HttpRequest, *, email: str, password: str, nickname: str
) -> User | None:
    """The new account, not signed in yet; None where the address has to be confirmed first.

    Raises `AddressTaken`.
    """
    user = User(email=email, nickname=nickname)
    user.set_password(password)
    if verification_is_mandatory():
        pending = PendingJoin.objects.create(email=email, nickname=nickname, password=user.password)
        background.run(partial(_send_confirmation, request, pending))
        return None
    try:
        with transaction.atomic(durable=True):
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, primary=True)
    except IntegrityError as error:
        if is_taken(error):
            raise AddressTaken from None
        raise
    return user


def pending_join_of(key: str) -> PendingJoin | None:
    """The join of a confirmation link's key, if the key is valid."""
    try:
        pk = signing.loads(key, salt=_SALT, max_age=_lifetime())
    except signing.BadSignature:
        return None
    return PendingJoin.objects.filter(pk=pk).first()


def complete_join(request: HttpRequest, pending: PendingJoin) -> User | None:
    """The account of a join whose link was opened, with its address confirmed. Another account
    that has the address unconfirmed loses it. None if the address is confirmed already.
    """
    user = User(email=pending.email, nickname=pending.nickname, password=pending.password)
    try:
        with transaction.atomic(durable=True):
            for holder in holders(pending.email).select_for_update():
                if is_confirmed(holder):
                    return None
                release(holder)
            user.save()
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
            PendingJoin.objects.filter(email=pending.email).delete()
    except IntegrityError as error:
        if is_taken(error):
            return None
        raise
    user_signed_up.send(sender=User, request=request, user=user)
    return user


def delete_expired_joins() -> None:
    PendingJoin.objects.filter(created_at__lt=timezone.now() - _lifetime()).delete()


def _lifetime() -> timedelta:
    return timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)


def _send_confirmation(request: Request | HttpRequest, pending: PendingJoin) -> None:
    """Mails the link, or to a member that the account exists already."""
    delete_expired_joins()
    member = holders(pending.email).first()
    if member and is_confirmed(member):
        pending.delete()
        get_adapter().send_account_already_exists_mail(pending.email)
        return
    to = EmailAddress(user=User(email=pending.email), email=pending.email)
    key = signing.dumps(pending.pk, salt=_SALT)
    get_adapter().send_confirmation_mail(request, _Confirmation(key, to), signup=True)
