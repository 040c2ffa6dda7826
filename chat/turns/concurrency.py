"""How many answers a process may write at once, and how many conversations a user may have.

How many answers a user may have open is checked where a unit is taken: `chat.turns.quota`. How many
streams may be open: `chat.live.readers`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from chat.live.errors import ProcessFull
from chat.live.registry import registry
from chat.models import Conversation
from config.api.problems import LimitReached
from config.db.locks import lock_user

if TYPE_CHECKING:
    from accounts.models import User


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
        if Conversation.objects.owned_by(user)[:limit].count() >= limit:
            raise LimitReached(name="conversations", value=limit)
        yield
