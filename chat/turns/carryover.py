"""Deleting an account and joining again with the same address gives no new units: what the deleted
account had used today is kept under a keyed hash of its address, and moves to the account that
joins with it.

Both functions are receivers of signals, so that they apply however an account is made or deleted.
The address itself is not kept, and `chat.turns.recover` deletes the rows of earlier days.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import UserManager
from chat.models import DailyUsage, FormerUsage
from config.db.sql import execute, fetch_one

if TYPE_CHECKING:
    from accounts.models import User

# Adds up: two deleted accounts may have had addresses with the same normal form.
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
            execute(_KEEP, [today, _digest(today, instance.email), own.used, own.refunded])


def take_over(instance: "User", *, created: bool, raw: bool = False, **_signal: Any) -> None:
    """A `post_save` of users."""
    if not created or raw:
        return
    today = timezone.localdate()
    with transaction.atomic():
        if found := fetch_one(_MOVE, [today, _digest(today, instance.email)]):
            used, refunded = found
            DailyUsage.objects.create(user=instance, day=today, used=used, refunded=refunded)


def forget_former_usage() -> None:
    """Delete the rows of earlier days."""
    old = FormerUsage.objects.filter(day__lt=timezone.localdate())
    if old.exists():  # on SQLite a DELETE takes the write lock even if it finds no row
        old.delete()


def _digest(day: date, email: str) -> str:
    """Includes the day, so that rows of two days cannot be linked to one address."""
    address = UserManager.normalize_email(email)
    return salted_hmac("chat.turns.carryover", f"{day} {address}", algorithm="sha256").hexdigest()
