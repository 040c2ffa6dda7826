"""Joining. Where addresses must be confirmed, a join waits as a `PendingJoin` until the link in its
mail is opened or its code typed, and only then becomes an account. So an unconfirmed address blocks
nobody else, and new and existing addresses get the same answer after the same work: one hash, one
row, and the rest in the background. The row of a member's address stays as well, so that codes get
the same answers; no mail has its code.
"""

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

from accounts.addresses.confirmations import (
    AddressConfirmedElsewhere,
    CodeExpired,
    lifetime,
    prolong,
    with_code,
)
from accounts.addresses.ownership import (
    holders,
    is_confirmed,
    is_taken,
    own_address,
    release,
    verification_is_mandatory,
)
from accounts.joining.admission import admitted, demand_may_join
from accounts.joining.invitations import digest_of, kept_in_session
from accounts.limits import rate_limits
from accounts.models import PendingJoin, User
from accounts.sign_in import record_sign_in
from config import background

_SALT, _HANDLE_SALT = "accounts.join", "accounts.join.handle"


class AddressTaken(Exception):  # noqa: N818
    """Another account has the address. Raised only where addresses need no confirmation."""


def join(
    request: Request, *, email: str, password: str, nickname: str, invitation: str = ""
) -> User | PendingJoin:
    """The new user, signed in; or not signed in, if staff have to approve the join; where the
    address has to be confirmed, the join that waits for it. `invitation` is the token of a link.

    Raises `ValidationError` for a taken address, `SignupRefused`, or `TooManyAttempts`.
    """
    rate_limits.spend(request, action="join")
    rate_limits.spend(request, action="join_account", key=email)
    try:
        user = register(
            request, email=email, password=password, nickname=nickname, invitation=invitation
        )
    except AddressTaken:
        taken = ErrorDetail(_("This email address is taken."), code="unique")
        raise ValidationError({"email": [taken]}) from None
    if isinstance(user, PendingJoin):
        return user
    user_signed_up.send(sender=User, request=request, user=user)
    if app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.NONE:
        send_verification_email_to_address(request, own_address(user), signup=True)
    if user.is_active:
        record_sign_in(request, user)
    return user


def register(
    request: Request | HttpRequest,
    *,
    email: str,
    password: str,
    nickname: str,
    invitation: str = "",
) -> User | PendingJoin:
    """The new account, not signed in yet (inactive where staff have to approve it); where the
    address has to be confirmed, the join that waits for it. `invitation` is a token; without it,
    the session's counts.

    Raises `AddressTaken`, `SignupRefused` or `TooManyAttempts`.
    """
    digest = digest_of(invitation) or kept_in_session(request)
    demand_may_join(request, email=email, invitation=digest)
    user = User(email=email, nickname=nickname)
    user.set_password(password)
    if verification_is_mandatory():
        rate_limits.spend(request, action="mail_source")
        rate_limits.try_spend(request, action="mail_again", key=email)  # the first counts, too
        pending = PendingJoin.objects.create(
            email=email, nickname=nickname, password=user.password, invitation=digest
        )
        background.run(partial(_send_confirmation, pending))
        return pending
    try:
        with (
            transaction.atomic(durable=True),
            admitted(request, user, email=email, invitation=digest),
        ):
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
        pk = signing.loads(key, salt=_SALT, max_age=lifetime())
    except signing.BadSignature:
        return None
    return PendingJoin.objects.filter(pk=pk).first()


def handle_of(pending: PendingJoin) -> str:
    """By which a program names its join when it sends the code."""
    return signing.dumps(pending.pk, salt=_HANDLE_SALT)


def pk_of_handle(handle: str) -> int:
    """0 for one that is none or older than a day, by when the join has expired."""
    try:
        pk: int = signing.loads(handle, salt=_HANDLE_SALT, max_age=timedelta(days=1))
    except signing.BadSignature:
        return 0
    return pk


def complete_by_code(request: Request | HttpRequest, pk: int, *, code: str) -> User:
    """Raises `WrongCode`, `CodeExpired`, `AddressConfirmedElsewhere` or `TooManyAttempts`."""
    rate_limits.spend(request, action="code")
    return complete_join(request, with_code(PendingJoin.objects.filter(pk=pk), code))


def send_again(request: Request | HttpRequest, pk: int) -> None:
    """The mail of a join that waits. Raises `CodeExpired` or `TooManyAttempts`."""
    rows = PendingJoin.objects.filter(pk=pk, created_at__gt=timezone.now() - lifetime())
    pending = rows.first()
    if pending is None:
        raise CodeExpired(
            _(
                "Nothing waits here any more. If you have confirmed the address already, sign in; "
                "otherwise join again."
            )
        )
    rate_limits.spend(request, action="mail_source")
    rate_limits.spend(request, action="mail_again", key=pending.email)
    prolong(rows)
    pending.refresh_from_db(fields=["code_secret"])
    background.run(partial(_send_confirmation, pending))


def complete_join(request: Request | HttpRequest, pending: PendingJoin) -> User:
    """The account of a join that was confirmed, with its address. Another account that has the
    address unconfirmed loses it. The account is inactive where staff have to approve it.

    Who may join may have changed since the mail was sent, so it is asked again. Raises
    `SignupRefused` or `AddressConfirmedElsewhere`.
    """
    user = User(email=pending.email, nickname=pending.nickname, password=pending.password)
    try:
        with transaction.atomic(durable=True):
            for holder in holders(pending.email).select_for_update():
                if is_confirmed(holder):
                    raise AddressConfirmedElsewhere
                release(holder)
            with admitted(request, user, email=pending.email, invitation=pending.invitation):
                user.save()
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
            PendingJoin.objects.filter(email=pending.email).delete()
    except IntegrityError as error:
        if is_taken(error):
            raise AddressConfirmedElsewhere from None
        raise
    user_signed_up.send(sender=User, request=request, user=user)
    return user


def delete_expired_joins() -> None:
    PendingJoin.objects.filter(created_at__lt=timezone.now() - lifetime()).delete()


def _send_confirmation(pending: PendingJoin) -> None:
    """Mails the link and the code, or to a member that the account exists already."""
    delete_expired_joins()
    member = holders(pending.email).first()
    if member and is_confirmed(member):
        get_adapter().send_account_already_exists_mail(pending.email)
        return
    key, template = signing.dumps(pending.pk, salt=_SALT), "email_confirmation_signup"
    get_adapter().send_code_mail(template, pending.email, key=key, code=pending.code)
