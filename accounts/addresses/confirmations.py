"""Confirming by code: counting guesses, and the rows of `AddressConfirmation`.

A code is good for an hour and `MOST_WRONG` wrong guesses, and only for the row that the caller
names: that of the session, of the signed-in user, or of a signed handle. An attempt is counted by a
conditional UPDATE before the code is compared, so that concurrent guesses are counted as well.

    Problem
    ├── WrongCode         400
    ├── CodeExpired       400: too old, guessed too often, or replaced
    └── AddressConfirmedElsewhere   409
"""

from datetime import timedelta
from typing import Any, TypeVar

from allauth.account import app_settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.addresses.codes import MOST_WRONG, typed_code
from accounts.models import AddressConfirmation, Confirmable, User, new_code_secret
from config.api.problems import Conflict, Problem

Row = TypeVar("Row", bound=Confirmable)


class WrongCode(Problem):
    default_code = "wrong_code"
    default_detail = _("This is not the code of the mail.")


class CodeExpired(Problem):
    default_code = "code_expired"
    default_detail = _(
        "This code is no longer valid. If you have confirmed the address already, sign in; "
        "otherwise ask for another mail."
    )


class AddressConfirmedElsewhere(Conflict):
    default_code = "address_taken"
    default_detail = _("Meanwhile this address belongs to another account. Nothing was changed.")


def lifetime() -> timedelta:
    return timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)


def expires_at(row: Confirmable) -> Any:
    return row.created_at + lifetime()


def with_code(rows: "QuerySet[Row]", typed: str) -> Row:
    """The one row of `rows`, if this is its code. Raises `WrongCode` or `CodeExpired`."""
    given = typed_code(typed)
    if given is None:  # mistyped, not guessed
        raise WrongCode
    open_rows = rows.filter(wrong_codes__lt=MOST_WRONG, created_at__gt=timezone.now() - lifetime())
    counted = open_rows.update(wrong_codes=F("wrong_codes") + 1)
    row = rows.first()
    if not counted or row is None:
        raise CodeExpired
    if not constant_time_compare(given, row.code):
        raise WrongCode
    return row


def prolong(rows: "QuerySet[Any]") -> None:
    """Before the mail is sent again: another hour, and after too many guesses another code."""
    rows.update(created_at=timezone.now())
    exhausted = rows.filter(wrong_codes__gte=MOST_WRONG)
    exhausted.update(code_secret=new_code_secret(), wrong_codes=0)


def own_confirmation(user: User) -> AddressConfirmation:
    """The row for the account's own address, which it has; with another hour."""
    rows = AddressConfirmation.objects.filter(user=user, is_change=False)
    rows.exclude(email=user.email).delete()
    prolong(rows)
    row, _is_new = AddressConfirmation.objects.get_or_create(
        user=user, is_change=False, defaults={"email": user.email or ""}
    )
    return row


def pending_change(user: User) -> AddressConfirmation | None:
    """The change of address that waits for its confirmation, if it has not expired."""
    since = timezone.now() - lifetime()
    return AddressConfirmation.objects.filter(
        user=user, is_change=True, created_at__gt=since
    ).first()


def delete_expired_confirmations() -> None:
    since = timezone.now() - lifetime()
    AddressConfirmation.objects.filter(created_at__lt=since).delete()
