"""Files that users have uploaded, and contents that may be deleted."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import Chat

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_FILE_NAME = 120


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def owned_by(self, user: "User") -> "AttachmentQuerySet":
        return self.filter(user=user)

    def waiting(self) -> "AttachmentQuerySet":
        """Those that belong to no question yet."""
        return self.filter(chat=None)


class Attachment(models.Model):
    """A file of a user, and of a question once that is asked. `key` names its content in
    `chat.attachments.files`; the files of several questions may have the same one. `digest` is the
    SHA-256 of what was uploaded, `size` the bytes that are kept, `tokens` an estimate for the
    model. Written by `chat.attachments`.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("picture")
        TEXT = "text", _("text")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="attachments",
        verbose_name=_("user"),
    )
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, null=True, related_name="attachments")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    name = models.CharField(max_length=LONGEST_FILE_NAME)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField(_("bytes"))
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    tokens = models.PositiveIntegerField()
    key = models.CharField(max_length=35, db_index=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("position", "id")
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(chat__isnull=True), name="attachment_waiting"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DiscardedFile(models.Model):
    """The content of an attachment that may be deleted from `due_at` on, unless an attachment names
    it then. A row is written before each upload, and with each deletion. See
    `chat.attachments.discarding`.
    """

    key = models.CharField(max_length=35, primary_key=True)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
