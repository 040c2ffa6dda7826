"""The trail of security events, which users see of themselves and staff of everyone.

Call `record` after the change, in the same transaction if there is one. It writes one row and one
log line with the user's id, the event and the reason code: never a secret or an address.
"""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.devices import UNKNOWN_ADDRESS
from accounts.models import SecurityEvent, User

Kind = SecurityEvent.Kind
LONGEST_AGENT = 200
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
    address = get_adapter().get_client_ip(request) if request else UNKNOWN_ADDRESS
    agent = request.META.get("HTTP_USER_AGENT", "") if request else ""
    SecurityEvent.objects.create(
        user=user,
        kind=kind,
        reason=reason,
        ip_address=None if address == UNKNOWN_ADDRESS else address,
        user_agent="".join(filter(str.isprintable, agent))[:LONGEST_AGENT],
        actor=actor,
        details=details,
    )
    _delete_oldest_beyond(user, MOST)
    logger.info("user %s: %s %s", user.pk, kind.value, reason)


def _delete_oldest_beyond(user: User, most: int) -> None:
    own = SecurityEvent.objects.filter(user=user).order_by("-created_at", "-pk")
    if beyond := list(own.values_list("pk", flat=True)[most : most + 100]):
        SecurityEvent.objects.filter(pk__in=beyond).delete()
