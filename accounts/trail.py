"""The trail of security events, which users see of themselves and staff of everyone.

Call `record` after the change, in the same transaction if there is one. It writes one row and one
log line with the user's id, the event and the reason code: never a secret or an address.
"""

import logging
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.devices import origin_of
from accounts.models import SecurityEvent, User

Kind = SecurityEvent.Kind
MOST = 1000  # of a user: a year of daily sign-ins, and what an attacker adds cannot fill the disk

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
    """`actor`: the staff who did it, if not the user. `details`: small JSON values, such as the
    name of a provider.
    """
    SecurityEvent.objects.create(
        user=user,
        kind=kind,
        reason=reason,
        **origin_of(request),
        actor=actor,
        details=details,
    )
    _delete_oldest_beyond(user, MOST)
    logger.info("user %s: %s %s", user.pk, kind.value, reason)


def _delete_oldest_beyond(user: User, most: int) -> None:
    own = SecurityEvent.objects.filter(user=user).order_by("-created_at", "-pk")
    if beyond := list(own.values_list("pk", flat=True)[most : most + 100]):
        SecurityEvent.objects.filter(pk__in=beyond).delete()
