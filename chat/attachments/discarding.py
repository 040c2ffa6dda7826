"""Deleting the content of attachments: exactly when no row names it any more.

A file in storage cannot be part of a transaction, so a row of `DiscardedFile` is: written before a
file is, and together with the deletion of the last row that names it. So no crash leaves a file
that nothing knows of, and no rollback loses one that is still named.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat.attachments import files
from chat.attachments.errors import StorageFailed
from chat.models import Attachment, DiscardedFile
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
    return sum(map(_delete_if_unnamed, due.values_list("pk", flat=True)[:_AT_ONCE]))


def delete_waiting() -> int:
    """A task of `chat.turns.prune`: the uploads that no question was asked with."""
    before = timezone.now() - KEPT
    rows = Attachment.objects.waiting().filter(created_at__lt=before)
    return delete_in_batches(rows.order_by("pk"))


def _delete_if_unnamed(key: str) -> bool:
    """The row is locked, so that a concurrent deletion of an attachment writes it again after this.
    The file goes first: without the row, nothing would know of it.
    """
    with transaction.atomic(durable=True):
        row = DiscardedFile.objects.select_for_update().filter(key=key).first()
        if row is None:
            return False
        is_unnamed = not Attachment.objects.filter(key=key).exists()
        if is_unnamed:
            try:
                files.delete(key)
            except StorageFailed:
                return False
        row.delete()
    return is_unnamed
