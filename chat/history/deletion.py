"""Deleting many chats at once: a whole history, or one conversation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection

from chat.models import Chat, Citation, Conversation, IdempotencyKey, Reply
from config.batches import delete_in_batches
from config.db.sql import is_postgresql

if TYPE_CHECKING:
    from accounts.models import User


def clear_history(user: "User") -> None:
    """Delete all chats and conversations of a user in batches, the newest first, so that a chat is
    deleted after those that follow it. If it fails midway, the older ones remain.
    """
    newest_first = Chat.objects.owned_by(user).order_by("-created_at", "-pk")
    delete_in_batches(newest_first, delete=_delete_chats)
    delete_in_batches(Conversation.objects.owned_by(user).order_by("-created_at", "-pk"))


def clear_conversation(conversation: Conversation) -> None:
    """Delete a conversation with its chats in the same way."""
    newest_first = Chat.objects.filter(conversation=conversation).order_by("-pk")
    delete_in_batches(newest_first, delete=_delete_chats)
    conversation.delete()


def _lock(keys: Sequence[int]) -> None:
    """So that no reply and no citations are added between the statements."""
    for rows in (Chat.objects.filter(pk__in=keys), Reply.objects.filter(chat__in=keys)):
        list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _delete_chats(keys: Sequence[int]) -> None:
    """Deletes chats with all that belongs to them, by few statements. Django would load the texts
    of all questions and answers first, and send twice as many.
    """
    if is_postgresql():
        _lock(keys)
    Citation.objects.filter(reply__chat__in=keys).delete()
    IdempotencyKey.objects.filter(chat__in=keys).delete()
    # A chat that was asked meanwhile may follow one of these.
    Chat.objects.filter(parent__in=keys).exclude(pk__in=keys).update(parent=None)
    for rows in (Reply.objects.filter(chat__in=keys), Chat.objects.filter(pk__in=keys)):
        rows._raw_delete(connection.alias)  # noqa: SLF001 - without Django's cascade
