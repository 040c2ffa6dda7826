"""A user's conversations as files of an export: one JSON file that can be imported
(`chat.importing`), and a Markdown document of each conversation.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.export.own import json_rows
from accounts.export.sections import File
from chat.attachments import files
from chat.attachments.errors import StorageFailed
from chat.attachments.models import Attachment
from chat.history.export import export
from chat.models import Chat, Citation, Conversation, MarkReport, Reply, shown_verdict
from config.api.renderers import json_line
from config.batches import paced
from config.db.connections import release_connection
from config.file_names import file_name

if TYPE_CHECKING:
    from accounts.models import User

FORMAT, VERSION = "daesa-conversations", 1
CHATS_PER_QUERY = 50
_LONGEST_NAME = 60
_REPLY = (
    *("id", "status", "content", "model", "server", "served_as"),
    *("finish_reason", "error_code", "follow_ups"),
)
_REPLY_TIMES = (
    *("created_at", "finished_at", "answered_from", "answered_alike"),
    *("prompt_tokens", "completion_tokens"),
)
_CITATION = ("quote_id", "text", "start", "end", "verdict", "match", "difference", "notes")


def conversation_files(user: "User") -> Iterator[File]:
    yield "conversations.json", _json(user)
    language = get_language() or settings.LANGUAGE_CODE
    for conversation in _conversations(user):
        pieces = (piece.encode() for piece in export(conversation, language=language))
        yield f"conversations/{_file_name(conversation)}.md", pieces
    yield "reported-marks.json", _reported_marks(user)
    yield from _attachments(user)


def _attachments(user: "User") -> Iterator[File]:
    """The files of questions. Of one that cannot be read, a note."""
    last = 0
    own = Attachment.objects.owned_by(user).exclude(chat=None).order_by("pk")
    while found := own.filter(pk__gt=last).first():
        last = found.pk
        try:
            yield attachment_name(found), [files.read(found.key)]
        except StorageFailed:
            yield f"{attachment_name(found)}.missing.txt", [_("This file is lost.").encode()]


def attachment_name(attachment: Attachment) -> str:
    """In the archive."""
    return f"files/{attachment.pk} {attachment.name}"


def _reported_marks(user: "User") -> Iterator[bytes]:
    reports = MarkReport.objects.owned_by(user).order_by("pk")
    cited = ("citation__reply_id", "before", "citation__text", "after", "citation__verdict")
    said = ("reason", "note", "state", "answer", "created_at", "settled_at")
    return json_rows(reports, *cited, *said)


def _file_name(conversation: Conversation) -> str:
    title = file_name(conversation.title)[:_LONGEST_NAME].strip(" .")
    return f"{conversation.pk} {title}".rstrip()


def _json(user: "User") -> Iterator[bytes]:
    yield b'{"format": "%s", "version": %d, "conversations": [' % (FORMAT.encode(), VERSION)
    for number, conversation in enumerate(_conversations(user)):
        yield b",\n" if number else b"\n"
        yield from _conversation(conversation)
    yield b"\n]}\n"


def _conversation(conversation: Conversation) -> Iterator[bytes]:
    head = {
        "id": conversation.pk,
        "title": conversation.title,
        "title_by": conversation.title_by,
        "system_prompt": conversation.system_prompt,
        "model": conversation.model,
        "pinned": conversation.pinned,
        "temporary": conversation.temporary,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    }
    yield json_line(head)[:-1] + b',"chats":['
    for number, chat in enumerate(_chats(conversation)):
        yield (b",\n" if number else b"\n") + json_line(chat)
    yield b"]}"


def _conversations(user: "User") -> Iterator[Conversation]:
    last = 0
    own = Conversation.objects.owned_by(user).order_by("pk")
    while found := list(own.filter(pk__gt=last)[:CHATS_PER_QUERY]):
        release_connection()
        yield from found
        last = found[-1].pk


def _chats(conversation: Conversation) -> Iterator[dict[str, Any]]:
    last = 0
    own = Chat.objects.filter(conversation=conversation).order_by("pk").defer("search_text")
    while chats := list(own.filter(pk__gt=last)[:CHATS_PER_QUERY]):
        replies = _replies([chat.pk for chat in chats])
        attached = _attached([chat.pk for chat in chats if chat.attachment_count])
        release_connection()
        for chat in paced(chats):
            yield {
                "id": chat.pk,
                "parent": chat.parent_id,
                "content": chat.content,
                "files": attached.get(chat.pk, []),
                "created_at": chat.created_at,
                "shown_reply": chat.chat_reply_id,
                "replies": replies.get(chat.pk, []),
            }
        last = chats[-1].pk


def _attached(chats: list[int]) -> dict[int, list[str]]:
    """The names of their files in the archive, by the key of the chat."""
    found: dict[int, list[str]] = {}
    for one in Attachment.objects.filter(chat__in=chats) if chats else ():
        found.setdefault(one.chat_id or 0, []).append(attachment_name(one))
    return found


def _replies(chats: list[int]) -> dict[int, list[dict[str, Any]]]:
    """By the key of their chat."""
    found: dict[int, list[dict[str, Any]]] = {}
    by_key: dict[int, dict[str, Any]] = {}
    rows = Reply.objects.filter(chat__in=chats).order_by("pk")
    for row in rows.values("chat_id", *_REPLY, *_REPLY_TIMES):
        found.setdefault(row.pop("chat_id"), []).append(row)
        by_key[row["id"]] = {**row, "citations": []}
        row["citations"] = by_key[row["id"]]["citations"]
    citations = Citation.objects.filter(reply__in=list(by_key)).order_by("start", "pk")
    for citation in citations.values("reply_id", *_CITATION):
        citation["verdict"] = shown_verdict(citation["verdict"], citation["match"])
        by_key[citation.pop("reply_id")]["citations"].append(citation)
    return found
