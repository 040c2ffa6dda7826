"""Deleting many chats at once: a whole history, one conversation, or those that are too old."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.utils import timezone

from chat.attachments.models import Attachment
from chat.models import (
    Chat,
    Citation,
    Conversation,
    ConversationQuerySet,
    IdempotencyKey,
    MarkReport,
    Reply,
    Status,
    StoredAnswer,
)
from config.batches import ROWS, batch, delete_in_batches
from config.db.sql import is_postgresql

if TYPE_CHECKING:
    from accounts.models import User

_KEYS_AT_ONCE = 1000
TEMPORARY_FOR = timedelta(days=1)


def clear_history(user: "User") -> None:
    """Delete all chats and conversations of a user in batches, the newest first, so that a chat is
    deleted after those that follow it. If it fails midway, the older ones remain.
    """
    newest_first = Chat.objects.owned_by(user).order_by("-created_at", "-pk")
    delete_in_batches(newest_first, delete=_delete_chats)
    delete_in_batches(Conversation.objects.owned_by(user).in_order())


def clear_conversation(conversation: Conversation) -> None:
    """Delete a conversation with its chats in the same way."""
    newest_first = Chat.objects.filter(conversation=conversation).order_by("-pk")
    delete_in_batches(newest_first, delete=_delete_chats)
    conversation.delete()


def delete_inactive(*, at_once: int = ROWS) -> int:
    """Deletes the conversations of all users without a question or answer for
    `CHAT_RETENTION_DAYS`, as their users would delete them: units stay used. Returns how many.
    `at_once` is the number of chats that one transaction deletes.
    """
    if not settings.CHAT_RETENTION_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.CHAT_RETENTION_DAYS)
    return _delete_all(Conversation.objects.filter(updated_at__lt=before), at_once)


def delete_temporary(*, at_once: int = ROWS) -> int:
    """Deletes the temporary conversations without a question or answer for `TEMPORARY_FOR` in the
    same way. One that its user keeps meanwhile stays. Returns how many.
    """
    before = timezone.now() - TEMPORARY_FOR
    old = Conversation.objects.filter(temporary=True, updated_at__lt=before)
    return _delete_all(old, at_once)


def _delete_all(old: ConversationQuerySet, at_once: int) -> int:
    return sum(_delete_while_old(pk, old, at_once) for pk in _keys(old))


def _keys(old: ConversationQuerySet) -> Iterator[int]:
    """Keys, some at a time; the table is read once."""
    found, last = old.order_by("pk"), 0
    while keys := list(found.filter(pk__gt=last).values_list("pk", flat=True)[:_KEYS_AT_ONCE]):
        yield from keys
        last = keys[-1]


def _delete_while_old(pk: int, old: ConversationQuerySet, at_once: int) -> bool:
    """Each batch checks again, under the lock that a new question needs: a concurrent question is
    either stored before, and the conversation stays, or finds that the conversation is gone.
    """
    still_old = old.filter(pk=pk).select_for_update()
    chats = Chat.objects.filter(conversation=pk).order_by("-pk")
    while True:
        with batch():
            conversation = still_old.first()
            writing = Reply.objects.filter(chat__conversation=pk, status=Status.STREAMING)
            if conversation is None or writing.exists():
                return False
            keys = list(chats.values_list("pk", flat=True)[:at_once])
            _delete_chats(keys)
            if len(keys) < at_once:
                conversation.delete()
                return True


def _lock(keys: Sequence[int]) -> None:
    """Locks the rows, so that no reply and no citations are added between the statements."""
    for rows in (Chat.objects.filter(pk__in=keys), Reply.objects.filter(chat__in=keys)):
        list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _delete_chats(keys: Sequence[int]) -> None:
    """Deletes chats with all that belongs to them, by few statements. Django would load the texts
    of all questions and answers first, and send twice as many.
    """
    if is_postgresql():
        _lock(keys)
    MarkReport.objects.filter(citation__reply__chat__in=keys).delete()
    Citation.objects.filter(reply__chat__in=keys)._raw_delete(connection.alias)  # noqa: SLF001
    IdempotencyKey.objects.filter(chat__in=keys).delete()
    Attachment.objects.filter(chat__in=keys).delete()  # by Django, so that `discard` is called
    StoredAnswer.objects.filter(reply__chat__in=keys).delete()
    # A chat that was asked meanwhile may follow one of these.
    Chat.objects.filter(parent__in=keys).exclude(pk__in=keys).update(parent=None)
    for rows in (Reply.objects.filter(chat__in=keys), Chat.objects.filter(pk__in=keys)):
        rows._raw_delete(connection.alias)  # noqa: SLF001 - without Django's cascade
