"""Giving attachments to a question."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from chat.attachments.errors import AttachmentInUse
from chat.attachments.models import Attachment
from chat.attachments.uploads import copy
from chat.models import Chat

MOST = 4  # files of a question


def attach(chat: Chat, keys: Sequence[int]) -> None:
    """Give the user's own attachments to a question, in this order. Those that another question has
    stay there too: both name the same content. Call it in the transaction that stores the question.

    Raises `ValidationError` where one is gone.
    """
    own = Attachment.objects.select_for_update().filter(user=chat.user_id, pk__in=keys)
    found = {row.pk: row for row in own.order_by("pk")}
    for position, key in enumerate(keys):
        row = found.get(key)
        if row is None:
            raise no_such_attachment()
        if row.chat_id is not None:
            copy(row)
        row.chat, row.position = chat, position
        row.save()


def remove(attachment: Attachment) -> None:
    """Delete a file that waits for its question. Raises `AttachmentInUse`."""
    with transaction.atomic(durable=True):
        row = Attachment.objects.select_for_update().filter(pk=attachment.pk).first()
        if row is None:
            return
        if row.chat_id is not None:
            raise AttachmentInUse
        row.delete()


def no_such_attachment() -> serializers.ValidationError:
    what = _("There is no such %(what)s.") % {"what": "attachment"}
    return serializers.ValidationError(
        {"attachments": serializers.ErrorDetail(what, "does_not_exist")}
    )
