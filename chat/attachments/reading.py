"""The content of attachments for the model, as `chat.answering.prompts` puts it into messages."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from chat.attachments import files
from chat.attachments.errors import AttachmentLost, StorageFailed
from chat.attachments.models import Attachment

logger = logging.getLogger(__name__)

MOST_PICTURES = 8  # of a whole conversation: the newest ones


@dataclass(frozen=True, slots=True)
class File:
    """`text` of a text file, `picture` (its bytes) of a picture; neither where it is not sent."""

    name: str
    kind: str
    content_type: str = ""
    text: str = ""
    picture: bytes = field(default=b"", repr=False)


Files = Mapping[int, Sequence[File]]  # by the key of the question


def files_of(asked: int, before: Collection[int]) -> Files:
    """The files of a question, and those of the questions `before` it. Raises `AttachmentLost`
    where one of its own cannot be read; of an earlier one, the name is left.
    """
    rows = Attachment.objects.filter(chat__in={asked, *before})
    rows = rows.order_by("-chat_id", "position", "pk")
    found: dict[int, list[File]] = {}
    pictures = 0
    for row in list(rows):
        is_picture = row.kind == Attachment.Kind.IMAGE
        pictures += is_picture
        is_left_out = is_picture and pictures > MOST_PICTURES
        content = b"" if is_left_out else _content(row, is_needed=row.chat_id == asked)
        found.setdefault(row.chat_id or 0, []).append(_file(row, content))
    return found


def _file(row: Attachment, content: bytes) -> File:
    if row.kind == Attachment.Kind.IMAGE:
        return File(row.name, row.kind, row.content_type, picture=content)
    return File(row.name, row.kind, row.content_type, text=content.decode("utf-8", "replace"))


def _content(row: Attachment, *, is_needed: bool) -> bytes:
    try:
        return files.read(row.key)
    except StorageFailed as error:
        if is_needed:
            raise AttachmentLost from error
        return b""
