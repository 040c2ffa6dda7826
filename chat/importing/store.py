"""Stores conversations of a file. They take no unit of the allowance, and their answers are
`imported`: no quotation in them was compared with the board.

    Conflict
    └── LimitReached     409: conversations, or characters of imported ones
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from chat.importing.types import ImportedChat, ImportedConversation, ImportedReply
from chat.models import Chat, Conversation, Import, Reply, Status
from chat.turns.concurrency import adding_conversation, may_pin
from config.api.problems import LimitReached
from config.batches import ROWS

if TYPE_CHECKING:
    from accounts.models import User

MOST_CHARACTERS = 50_000_000  # of all imported conversations of a user that are still there
# `Chat.updated_at` is later than `created_at` where there are several answers.
_SEVERAL_ANSWERS = timedelta(seconds=1)
_PLACE_CHAT = """
UPDATE chat_chat SET parent_id = %s, chat_reply_id = %s, created_at = %s, updated_at = %s
WHERE id = %s
"""
_PLACE_REPLY = "UPDATE chat_reply SET created_at = %s WHERE id = %s"


def store(user: "User", imported: ImportedConversation) -> Conversation | None:
    """The new conversation; None where the user has imported it before. Raises `LimitReached`."""
    size = _size(imported)
    with adding_conversation(user):
        own = Import.objects.filter(user=user)
        if own.filter(source_id=imported.source_id).exists():
            return None
        total = own.aggregate(total=Sum("characters"))["total"] or 0
        if total + size > MOST_CHARACTERS:
            raise LimitReached(name="imported_characters", value=MOST_CHARACTERS)
        conversation = _conversation(user, imported)
        Import.objects.create(
            user=user, source_id=imported.source_id, conversation=conversation, characters=size
        )
        chats = _add_chats(conversation, imported.chats)
        shown = _add_replies(chats, imported.chats)
        _place_chats(chats, imported.chats, shown)
    return conversation


def _size(imported: ImportedConversation) -> int:
    texts = [imported.system_prompt, *(chat.content for chat in imported.chats)]
    texts += [reply.content for chat in imported.chats for reply in chat.replies]
    return sum(map(len, texts))


def _conversation(user: "User", imported: ImportedConversation) -> Conversation:
    title = imported.title or imported.chats[0].content[:50].partition("\n")[0]
    conversation = Conversation.objects.create(
        user=user,
        title=title,
        system_prompt=imported.system_prompt,
        model=imported.model,
        pinned=imported.pinned and may_pin(user),
    )
    times = [chat.created_at for chat in imported.chats if chat.created_at]
    begun = imported.created_at or min(times, default=conversation.created_at)
    own = Conversation.objects.filter(pk=conversation.pk)
    own.update(created_at=begun, updated_at=max([begun, *times]))
    return conversation


def _add_chats(conversation: Conversation, imported: list[ImportedChat]) -> list[Chat]:
    """In the order of the list: a parent's key is less than its children's."""
    rows = [
        Chat(user_id=conversation.user_id, conversation=conversation, content=one.content)
        for one in imported
    ]
    chats = Chat.objects.bulk_create(rows, batch_size=ROWS)
    assert all(before.pk < after.pk for before, after in pairwise(chats))  # noqa: S101  # nosec B101
    return chats


def _add_replies(chats: list[Chat], imported: list[ImportedChat]) -> list[int | None]:
    """Returns the key of the shown reply of each chat."""
    rows = [
        [_reply(chat, reply) for reply in one.replies]
        for chat, one in zip(chats, imported, strict=True)
    ]
    Reply.objects.bulk_create([row for some in rows for row in some], batch_size=ROWS)
    times = [(_adapted(row.finished_at), row.pk) for some in rows for row in some]
    with connection.cursor() as cursor:
        cursor.executemany(_PLACE_REPLY, times)
    return [some[one.shown].pk if some else None for some, one in zip(rows, imported, strict=True)]


def _reply(chat: Chat, imported: ImportedReply) -> Reply:
    return Reply(
        user_id=chat.user_id,
        chat=chat,
        status=Status.IMPORTED,
        content=imported.content,
        model=imported.model,
        finished_at=imported.created_at or timezone.now(),
    )


def _place_chats(chats: list[Chat], imported: list[ImportedChat], shown: list[int | None]) -> None:
    """Sets what a new row cannot have: its relations, and a time of its own."""
    values = []
    for chat, one, reply in zip(chats, imported, shown, strict=True):
        parent = None if one.parent is None else chats[one.parent].pk
        begun = one.created_at or timezone.now()
        changed = begun + _SEVERAL_ANSWERS if len(one.replies) > 1 else begun
        values.append((parent, reply, _adapted(begun), _adapted(changed), chat.pk))
    with connection.cursor() as cursor:
        cursor.executemany(_PLACE_CHAT, values)


def _adapted(moment: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
