"""The trail of security events, which users see of themselves and staff of everyone.

Call `record` after the change, in its transaction if there is one. It stores one row and writes one
log line with the user's id, the event and the reason code: never a secret or an address.

Events are kept for `KEPT`. What strangers can cause, such as wrong passwords, is counted in one row
an hour and has a bound of its own, so that it cannot push out what the user has to see.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts.devices import origin_of
from accounts.models import SecurityEvent, User
from config.batches import ROWS, divided

Kind = SecurityEvent.Kind
# Those that need no sign-in.
OF_STRANGERS = frozenset(
    {
        Kind.SIGN_IN_REFUSED,
        Kind.FACTOR_REFUSED,
        Kind.PASSWORD_RESET_ASKED,
        Kind.PROVIDER_CONFLICT,
    }
)
KEPT = timedelta(days=365)
MOST, MOST_OF_STRANGERS = 1000, 200  # rows of one user, of the two kinds
COUNTED_TOGETHER = timedelta(hours=1)
_OLD_AT_ONCE = 500

logger = logging.getLogger(__name__)


def record(
    user: User,
    kind: Kind,
    *,
    request: Request | HttpRequest | None = None,
    reason: str = "",
    actor: User | None = None,
    **details: Any,
) -> None:
    """`reason`: a code. `actor`: the staff who did it, if not the user. `details`: small JSON
    values, such as the name of a provider.
    """
    logger.info("user %s: %s %s", user.pk, kind.value, reason)
    event = SecurityEvent(
        user=user,
        kind=kind,
        reason=reason,
        **origin_of(request),
        actor=actor,
        details=details,
    )
    if kind in OF_STRANGERS and _count_again(event):
        return
    event.save(force_insert=True)
    _delete_oldest(event)


def record_for_many(
    users: Sequence[int],
    kind: Kind,
    *,
    reason: str,
    actor: User | None = None,
    **details: Any,
) -> None:
    """The same event for each of these ids, such as what the members of a group are given."""
    for some in divided(users, ROWS):
        logger.info("%d users: %s %s", len(some), kind.value, reason)
        rows = [
            SecurityEvent(user_id=pk, kind=kind, reason=reason, actor=actor, details=details)
            for pk in some
        ]
        SecurityEvent.objects.bulk_create(rows)


def of(user: User) -> QuerySet[SecurityEvent]:
    """A user's events, newest first."""
    return SecurityEvent.objects.filter(user=user)


def delete_old() -> None:
    """Deletes events older than `KEPT`, some at a time."""
    old = SecurityEvent.objects.filter(created_at__lt=timezone.now() - KEPT).order_by()
    if keys := list(old.values_list("pk", flat=True)[:_OLD_AT_ONCE]):
        SecurityEvent.objects.filter(pk__in=keys).delete()


def _count_again(event: SecurityEvent) -> bool:
    """Whether the last hour has such an event already; it is counted there."""
    same = of(event.user).filter(
        kind=event.kind,
        reason=event.reason,
        ip_address=event.ip_address,
        created_at__gt=timezone.now() - COUNTED_TOGETHER,
    )
    # Two requests at once may have stored two such rows: only one of them is counted on.
    oldest = same.order_by("pk").values("pk")[:1]
    return bool(SecurityEvent.objects.filter(pk__in=oldest).update(count=F("count") + 1))


def _delete_oldest(event: SecurityEvent) -> None:
    """Keeps the newest rows of the event's sort. One statement, whatever there is to delete."""
    if event.kind in OF_STRANGERS:
        rows, most = of(event.user).filter(kind__in=OF_STRANGERS), MOST_OF_STRANGERS
    else:
        rows, most = of(event.user).exclude(kind__in=OF_STRANGERS), MOST
    beyond = rows.values("pk")[most : most + _OLD_AT_ONCE]
    SecurityEvent.objects.filter(pk__in=beyond).order_by().delete()
