"""How many answers a process may write at once, and how many conversations a user may have and pin.

How many answers a user may have open is checked where a unit is taken: `chat.turns.quota`. How many
streams may be open: `chat.live.readers`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat.live.errors import ProcessFull
from chat.live.registry import registry
from chat.models import Conversation, ConversationQuerySet
from config.api.problems import LimitReached
from config.db.locks import lock_user

if TYPE_CHECKING:
    from accounts.models import User


MOST_PINNED = 20


class TooManyPinned(LimitReached):
    default_detail = _("You have pinned as many conversations as allowed. Unpin one first.")


def check_process() -> None:
    """Raises `ProcessFull`. Call it before a unit is taken."""
    if len(registry) >= settings.MAX_STREAMS_PER_PROCESS:
        raise ProcessFull


@contextmanager
def adding_conversation(user: "User") -> Iterator[None]:
    """A transaction that adds a conversation, one at a time for each user. Raises `LimitReached`.

    Not for conversations that a question begins: the daily allowance limits those.
    """
    limit = settings.MAX_CONVERSATIONS
    with transaction.atomic(durable=True):
        lock_user(user)
        if Conversation.objects.owned_by(user).order_by()[:limit].count() >= limit:
            raise LimitReached(name="conversations", value=limit)
        yield


def may_pin(user: "User") -> bool:
    """Whether the user may pin another conversation. Call it in a transaction that has locked the
    user's row.
    """
    return _pinned(user)[:MOST_PINNED].count() < MOST_PINNED


def check_pin(user: "User", conversation: Conversation | None = None) -> None:
    """Lock the user's row for the transaction, so that pins are counted one after another. Raises
    `TooManyPinned` where as many others than this conversation are pinned as may be.
    """
    lock_user(user)
    others = _pinned(user).exclude(pk=conversation.pk) if conversation else _pinned(user)
    if others[:MOST_PINNED].count() >= MOST_PINNED:
        raise TooManyPinned(name="pinned_conversations", value=MOST_PINNED)


def _pinned(user: "User") -> ConversationQuerySet:
    return Conversation.objects.owned_by(user).filter(pinned=True).order_by()
