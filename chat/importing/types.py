"""A conversation of a file, whatever the format."""

from dataclasses import dataclass, field
from datetime import datetime


class NotAConversation(Exception):  # noqa: N818
    """The value has not the shape of the format."""


@dataclass
class ImportedReply:
    content: str
    model: str = ""
    created_at: datetime | None = None


@dataclass
class ImportedChat:
    """`parent` and `shown` are indexes: of an earlier chat, and of a reply."""

    content: str
    parent: int | None = None
    created_at: datetime | None = None
    replies: list[ImportedReply] = field(default_factory=list)
    shown: int = -1


@dataclass
class ImportedConversation:
    """`source_id` tells two conversations of files apart, so that none is imported twice."""

    source_id: str
    title: str = ""
    system_prompt: str = ""
    model: str = ""
    pinned: bool = False
    created_at: datetime | None = None
    chats: list[ImportedChat] = field(default_factory=list)
