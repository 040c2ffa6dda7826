"""Changing the address of an account, adding a first one, and confirming it.

A new address counts only after it was confirmed by the link or the code of a mail to it. Until then
the account keeps the former, which is told by mail what was asked, and later what was done. A new
password ends a change that waits. Sessions and tokens go on; links to reset the password that were
sent to the former address are void, since they carry it (ADR 0035).

Whether another account has the new address is not told where addresses must be confirmed: the
answer is the same, and its owner gets another mail.
"""

from contextlib import suppress
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from accounts import trail
from accounts.addresses.confirmations import (
    AddressConfirmedElsewhere,
    CodeExpired,
    delete_expired_confirmations,
    lifetime,
    own_confirmation,
    pending_change,
    prolong,
    with_code,
)
from accounts.addresses.ownership import (
    holders,
    is_confirmed,
    is_confirmed_elsewhere,
    is_taken,
    own_address,
    release,
    verification_is_mandatory,
)
from accounts.limits import rate_limits
from accounts.models import AddressConfirmation, PendingJoin, SignInSource, User
from accounts.signup_policy import domain_is_allowed
from config import background
from config.api.problems import Conflict

AnyRequest = Request | HttpRequest
_SALT = "accounts.addresses.change"


class NothingToConfirm(Conflict):
    default_code = "nothing_to_confirm"

    def __init__(self) -> None:
        super().__init__(_("This address does not wait for a confirmation."))


def ask_for_change(request: AnyRequest, user: User, *, email: str) -> AddressConfirmation:
    """Replaces a change that waits. Raises `ValidationError` or `TooManyAttempts`."""
    if user.email and email == user.email.lower():
        _refuse(_("This is your address already."), "unchanged")
    if not domain_is_allowed(email):
        _refuse(_("This site takes only addresses of certain domains."), "signup_domain")
    rate_limits.spend(request, action="address_change", key=str(user.pk))
    rate_limits.spend(request, action="mail_source")
    rate_limits.spend(request, action="mail_again", key=email)
    if not verification_is_mandatory() and holders(email).exists():
        _refuse(_("This email address is taken."), "unique")
    with transaction.atomic(durable=True):
        User.objects.select_for_update().filter(pk=user.pk).values_list("pk").first()
        AddressConfirmation.objects.filter(user=user, is_change=True).delete()
        row = AddressConfirmation.objects.create(user=user, email=email, is_change=True)
        trail.record(user, trail.Kind.ADDRESS_CHANGE_ASKED, request=request)
    background.run(partial(_send_mails, row, user))
    return row


def cancel_change(request: AnyRequest, user: User) -> None:
    deleted, _rows = AddressConfirmation.objects.filter(user=user, is_change=True).delete()
    if deleted:
        kind = trail.Kind.ADDRESS_CHANGE_ASKED
        trail.record(user, kind, request=request, reason="cancelled")


def send_again(request: AnyRequest, user: User, *, email: str) -> None:
    """For the address of the change that waits, or the account's own if it is unconfirmed.

    Raises `NothingToConfirm` or `TooManyAttempts`.
    """
    change = pending_change(user)
    is_own = bool(user.email) and email == (user.email or "").lower()
    if not (change and change.email == email) and not (is_own and not is_confirmed(user)):
        raise NothingToConfirm
    rate_limits.spend(request, action="mail_source")
    rate_limits.spend(request, action="mail_again", key=email)
    if is_own or change is None:
        row = own_confirmation(user)
    else:
        prolong(AddressConfirmation.objects.filter(pk=change.pk))
        row = AddressConfirmation.objects.get(pk=change.pk)
    background.run(partial(_send_confirmation, row, user))


def confirm_by_code(request: AnyRequest, user: User, *, email: str, code: str) -> User:
    """Raises `WrongCode`, `CodeExpired`, `AddressConfirmedElsewhere` or `TooManyAttempts`."""
    rate_limits.spend(request, action="code")
    rows = AddressConfirmation.objects.filter(user=user, email__iexact=email)
    return confirm(request, with_code(rows, code))


def change_of_key(key: str) -> AddressConfirmation | None:
    """The row of a confirmation link's key, if the key is valid."""
    try:
        pk = signing.loads(key, salt=_SALT, max_age=lifetime())
    except signing.BadSignature:
        return None
    return AddressConfirmation.objects.filter(pk=pk).first()


def confirm(request: AnyRequest, row: AddressConfirmation) -> User:
    """The link was opened or the code typed. Of concurrent calls one succeeds.

    Raises `CodeExpired` or `AddressConfirmedElsewhere`.
    """
    try:
        with transaction.atomic(durable=True):
            user, former = _confirm(request, row)
    except IntegrityError as error:
        if is_taken(error):
            raise AddressConfirmedElsewhere from None
        raise
    if former:
        background.run(partial(_tell_former_address, user, former, "email_changed"))
    return user


def confirm_by_link(request: AnyRequest, verification: EmailConfirmationHMAC) -> None:
    """Of allauth's links, which are for the account's own address. Raises
    `AddressConfirmedElsewhere`.
    """
    try:
        with transaction.atomic():
            address = verification.confirm(request)
            if address is None:
                raise AddressConfirmedElsewhere
            AddressConfirmation.objects.filter(user=address.user, is_change=False).delete()
            trail.record(address.user, trail.Kind.ADDRESS_CONFIRMED, request=request)
    except IntegrityError as error:
        if is_confirmed_elsewhere(error):
            raise AddressConfirmedElsewhere from None
        raise


def _confirm(request: AnyRequest, row: AddressConfirmation) -> tuple[User, str | None]:
    """The user, and the former address if there was another one."""
    # All rows at once, in one order, so that two users who exchange addresses do not wait for each
    # other.
    both = User.objects.alias(login=Lower("email")).filter(Q(pk=row.user_id) | Q(login=row.email))
    locked = {user.pk: user for user in both.order_by("pk").select_for_update()}
    user = locked.pop(row.user_id, None)
    deleted, _rows = AddressConfirmation.objects.filter(pk=row.pk).delete()
    if user is None or not user.is_active or not deleted:
        raise CodeExpired
    if not row.is_change:
        return _confirm_own(request, user, row.email), None
    for holder in locked.values():
        if is_confirmed(holder) or not verification_is_mandatory():
            raise AddressConfirmedElsewhere
        release(holder)
    return user, _change(request, user, row.email)


def _confirm_own(request: AnyRequest, user: User, email: str) -> User:
    if user.email != email:
        raise CodeExpired
    own_address(user)
    EmailAddress.objects.filter(user=user, email=email.lower()).update(verified=True)
    trail.record(user, trail.Kind.ADDRESS_CONFIRMED, request=request)
    return user


def _change(request: AnyRequest, user: User, email: str) -> str | None:
    """Returns the former address."""
    former, known = user.email, SignInSource.objects.of(user.address_or_id).filter(user=user)
    SignInSource.objects.of(email).delete()
    with suppress(IntegrityError), transaction.atomic():  # somebody tries to sign in to it now
        known.update(address=SignInSource.digest(email))
    EmailAddress.objects.filter(user=user).delete()
    AddressConfirmation.objects.filter(user=user).delete()
    PendingJoin.objects.filter(email=email).delete()
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    trail.record(user, trail.Kind.ADDRESS_CHANGED, request=request)
    return former


def _send_mails(row: AddressConfirmation, user: User) -> None:
    delete_expired_confirmations()
    _send_confirmation(row, user)
    if user.email:
        _tell_former_address(user, user.email, "address_change_asked")


def _send_confirmation(row: AddressConfirmation, user: User) -> None:
    """Mails the link and the code, or to the member who has the address that nothing happened."""
    if not row.is_change:
        key, template = EmailConfirmationHMAC(own_address(user)).key, "email_confirmation"
        get_adapter().send_code_mail(template, row.email, key=key, code=row.code)
        return
    holder = holders(row.email).exclude(pk=user.pk).first()
    if holder and is_confirmed(holder):
        get_adapter().send_mail("account/email/address_in_use", row.email, {})
        return
    key, template = signing.dumps(row.pk, salt=_SALT), "address_change"
    get_adapter().send_code_mail(template, row.email, key=key, code=row.code)


def _tell_former_address(user: User, email: str, template: str) -> None:
    get_adapter().send_notification_mail(f"account/email/{template}", user, email=email)


def _refuse(text: str, code: str) -> Any:
    raise ValidationError({"email": [ErrorDetail(text, code=code)]})
