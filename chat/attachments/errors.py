"""Why a file is not taken, or not given.

Problem
├── NotReadable               422, nothing can be made of what was sent; `code` says why
├── StorageFull               409, the user's files take as much space as they may
├── AttachmentInUse           409, it belongs to a question, and goes with it
├── AttachmentsTooLong        422, they do not fit beside the question into the model's context
├── AttachmentsOff            404, this site takes no files
└── ServiceUnavailable
    ├── ConversionBusy        503, as many files as may be are being read
    └── StorageFailed         503, the disk or the bucket failed, or is full
        └── AttachmentLost    503, ends a turn: a file of its question cannot be read
"""

from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict, Problem, ServiceUnavailable, Unprocessable

_REASONS = {
    "unknown_kind": _(
        "This kind of file is not taken. Pictures may be PNG, JPEG, WebP or HEIC; texts may be "
        "plain text or PDF."
    ),
    "vector_picture": _("SVG pictures are not taken. Send it as PNG."),
    "unreadable": _("The file is damaged, or is not what it says it is."),
    "too_many_pixels": _("The picture has too many pixels. Send a smaller one."),
    "no_text": _("This PDF has no text, only pictures of it. Send its pages as pictures."),
    "locked": _("This PDF is protected by a password."),
    "too_long": _("The file has too much text. Send the part that matters."),
    "too_much_work": _("Reading this file takes too much time or memory."),
    "empty": _("The file is empty."),
}


class NotReadable(Unprocessable):
    default_code = "attachment_unreadable"

    def __init__(self, reason: str) -> None:
        known = reason if reason in _REASONS else "unreadable"
        super().__init__(_REASONS[known], f"attachment_{known}")
        self.reason = known


class StorageFull(Conflict):
    """The members `used` and `limit` are in bytes."""

    default_code = "attachment_storage_full"
    default_detail = _(
        "Your files take as much space as they may. Delete a conversation that has files, and try "
        "again."
    )


class AttachmentInUse(Conflict):
    default_code = "attachment_in_use"
    default_detail = _("This file belongs to a question. Delete the question to delete it.")


class AttachmentsTooLong(Unprocessable):
    """The members `tokens` and `limit` are estimates."""

    default_code = "attachments_too_long"
    default_detail = _("The files have more text than the model can read beside the question.")


class AttachmentsOff(Problem):
    status_code = 404
    default_code = "attachments_off"
    default_detail = _("This site takes no files.")


class ConversionBusy(ServiceUnavailable):
    default_code = "conversion_busy"
    default_detail = _("Other files are being read. Try again in a moment.")


class StorageFailed(ServiceUnavailable):
    default_code = "attachment_storage_failed"
    default_detail = _("The file could not be stored or read. Try again in a moment.")


class AttachmentLost(StorageFailed):
    default_code = "attachment_lost"
    default_detail = _("A file of the question could not be read. Ask again.")
    refunded = True
