"""Deleting an account and joining again as the same person gives no new units: what the deleted
account had used today is kept under keyed hashes of its address and of its identities at providers,
and moves to the account that joins with one of them.

The functions are receivers of signals, so that they apply however an account is made or deleted.
The address and identities themselves are not kept, and `chat.turns.recover` deletes the rows of
earlier days.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import UserManager
from chat.models import DailyUsage, FormerUsage
from config.db.sql import execute, fetch_one

if TYPE_CHECKING:
    from accounts.models import User

# Adds up: two deleted accounts may have had addresses with the same normal form, or one after the
# other the same identity.
_KEEP = """
INSERT INTO chat_formerusage (day, digest, used, refunded) VALUES (%s, %s, %s, %s)
ON CONFLICT (day, digest) DO UPDATE
SET used = chat_formerusage.used + excluded.used,
    refunded = chat_formerusage.refunded + excluded.refunded
"""
_MOVE = "DELETE FROM chat_formerusage WHERE day = %s AND digest = %s RETURNING used, refunded"


def keep_usage(instance: "User", **_signal: Any) -> None:
    """A `pre_delete` of users, in the transaction that deletes."""
    today = timezone.localdate()
    with transaction.atomic():
        # Waits for a question that is being stored, so that its unit is counted; a later question
        # finds no user any more.
        locked = type(instance).objects.select_for_update().filter(pk=instance.pk)
        locked.values_list("pk").first()
        own = DailyUsage.objects.filter(user=instance.pk, day=today).first()
        if own and (own.used or own.refunded):
            for digest in _digests(today, instance):
                execute(_KEEP, [today, digest, own.used, own.refunded])


def take_over(instance: "User", *, created: bool, raw: bool = False, **_signal: Any) -> None:
    """A `post_save` of users."""
    if not created or raw or not instance.email:
        return
    today = timezone.localdate()
    _move(today, _address(instance.email), instance.pk)


def take_over_identity(
    instance: SocialAccount, *, created: bool, raw: bool = False, **_signal: Any
) -> None:
    """A `post_save` of identities at providers, which come after their user."""
    if created and not raw:
        today = timezone.localdate()
        _move(today, _identity(instance), instance.user_id)


def _move(today: date, who: str, user_id: int) -> None:
    """The greater of both counts: where address and identity are one person's, it is one use. The
    key may have changed since the account was deleted.
    """
    digests = [_digest(today, who, secret) for secret in (None, *settings.SECRET_KEY_FALLBACKS)]
    with transaction.atomic():
        found = [row for one in digests if (row := fetch_one(_MOVE, [today, one]))]
        if not found:
            return
        used, refunded = map(sum, zip(*found, strict=True))
        own, is_new = DailyUsage.objects.get_or_create(
            user_id=user_id, day=today, defaults={"used": used, "refunded": refunded}
        )
        if not is_new:
            greater = {
                "used": Greatest(F("used"), used),
                "refunded": Greatest(F("refunded"), refunded),
            }
            DailyUsage.objects.filter(pk=own.pk).update(**greater)


def forget_former_usage() -> None:
    """Delete the rows of earlier days."""
    old = FormerUsage.objects.filter(day__lt=timezone.localdate())
    if old.exists():  # on SQLite a DELETE takes the write lock even if it finds no row
        old.delete()


def _digests(day: date, user: "User") -> Iterator[str]:
    """Of everything by which this person could join again."""
    if user.email:
        yield _digest(day, _address(user.email))
    for account in SocialAccount.objects.filter(user=user.pk):
        yield _digest(day, _identity(account))


def _address(email: str) -> str:
    return UserManager.normalize_email(email)


def _identity(account: SocialAccount) -> str:
    return f"{account.provider} {account.uid}"  # no address has a space


def _digest(day: date, who: str, secret: str | None = None) -> str:
    """Includes the day, so that rows of two days cannot be linked to one person. `secret`: a former
    SECRET_KEY; None is today's.
    """
    keyed = salted_hmac("chat.turns.carryover", f"{day} {who}", secret=secret, algorithm="sha256")
    return keyed.hexdigest()
