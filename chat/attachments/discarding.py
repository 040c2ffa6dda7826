"""Deleting the content of attachments: exactly when no row names it any more.

A file in storage cannot be part of a transaction, so a row of `DiscardedFile` is: written before a
file is, and together with the deletion of the last row that names it. So no crash leaves a file
that nothing knows of, and no rollback loses one that is still named.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chat.attachments import files
from chat.attachments.errors import StorageFailed
from chat.attachments.models import Attachment, DiscardedFile
from config.batches import delete_in_batches

_UPLOAD = timedelta(hours=1)  # longer than any upload takes
KEPT = timedelta(days=1)  # of a file that no question was asked with
_AT_ONCE = 1000


def expect(key: str) -> None:
    """Before a file is written. Where the upload ends midway, the file is deleted later."""
    DiscardedFile.objects.create(key=key, due_at=timezone.now() + _UPLOAD)


def keep(key: str) -> None:
    """In the transaction that stores the row of the file."""
    DiscardedFile.objects.filter(key=key).delete()


def discard(instance: Attachment, **_signal: Any) -> None:
    """A `post_delete` of attachments, in the transaction that deletes."""
    now = {"due_at": timezone.now()}
    DiscardedFile.objects.update_or_create(key=instance.key, defaults=now)


def delete_discarded() -> int:
    """A task of `chat.turns.prune`. Returns how many files were deleted. Those that the storage
    does not delete now are tried again.
    """
    due = DiscardedFile.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    rows = list(due.values_list("key", "due_at")[:_AT_ONCE])
    return sum(_delete_if_unnamed(key, due_at) for key, due_at in rows)


def delete_waiting() -> int:
    """A task of `chat.turns.prune`: the uploads that no question was asked with."""
    before = timezone.now() - KEPT
    rows = Attachment.objects.waiting().filter(created_at__lt=before)
    return delete_in_batches(rows.order_by("pk"))


def _delete_if_unnamed(key: str, due_at: datetime) -> bool:
    """The file goes first: without the row, nothing would know of it. No transaction is open
    meanwhile, since a bucket may answer slowly: a content that no row names is never named again,
    and a deletion that comes meanwhile gives the row another `due_at`, so that it stays.
    """
    is_unnamed = not Attachment.objects.filter(key=key).exists()
    if is_unnamed:
        try:
            files.delete(key)
        except StorageFailed:
            return False
    DiscardedFile.objects.filter(key=key, due_at=due_at).delete()
    return is_unnamed
