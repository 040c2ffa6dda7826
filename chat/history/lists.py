"""A user's chats for the history: a page of any size by three statements, and one for files, as
light rows with the names of the models' fields.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from chat.attachments.models import Attachment
from chat.models import (
    Chat,
    ChatQuerySet,
    Citation,
    Conversation,
    ConversationQuerySet,
    may_continue,
)
from config.db.sql import PreparedQuery
from config.text import searchable


@dataclass(slots=True)
class CitationRow:
    quote_id: int | None
    text: str
    start: int
    end: int
    verdict: str
    match: str
    difference: list[list[str]]
    notes: list[str]


@dataclass(slots=True)
class ReplyRow:
    pk: int
    content: str
    created_at: datetime
    finished_at: datetime | None
    status: str
    stream_id: UUID
    model: str
    server: str
    finish_reason: str
    error_code: str
    charged_day: date | None
    unjudged: str | None
    continued_from: int | None
    continuations: int
    continuation_day: date | None
    continuation_error: str
    answered_from: datetime | None
    answered_alike: bool
    follow_ups: list[str] | None
    prompt_tokens: int | None
    completion_tokens: int | None
    citations: list[CitationRow]

    @property
    def may_continue(self) -> bool:
        return may_continue(
            self.status, self.finish_reason, self.continued_from, self.continuations
        )


@dataclass(slots=True)
class ChatRow:
    pk: int
    content: str
    created_at: datetime
    updated_at: datetime
    conversation_id: int
    parent_id: int | None
    attachment_count: int
    attachments: list[Attachment]
    chat_reply: ReplyRow | None


_CHAT = (
    *("pk", "content", "created_at", "updated_at", "conversation_id", "parent_id"),
    "attachment_count",
)
_REPLY = [field.name for field in fields(ReplyRow) if field.name != "citations"]
_CITATION = [field.name for field in fields(CitationRow)]
_COLUMNS = [*_CHAT, *(f"chat_reply__{name}" for name in _REPLY)]

# The few temporary conversations have an index of their own, so that the many others need no look.
_OWN = PreparedQuery(
    lambda user: (
        Chat.objects.filter(user=user)
        .exclude(conversation__in=Conversation.objects.filter(user=user, temporary=True))
        .values_list(*_COLUMNS)
    ),
    parameters=1,
)
_IN_CONVERSATION = PreparedQuery(
    lambda user, conversation: Chat.objects.filter(
        user=user, conversation=conversation
    ).values_list(*_COLUMNS),
    parameters=2,
)
_ONE = PreparedQuery(
    lambda user, pk: Chat.objects.filter(user=user, pk=pk).values_list(*_COLUMNS), parameters=2
)


def chat_of(user_id: int, pk: int) -> ChatRow | None:
    """One of the user's own chats."""
    return next(iter(_chats(_ONE.rows(user_id, pk))), None)


class History:
    """A user's chats, but for those in temporary conversations, or the chats in one conversation,
    newest first, for `LinkedPagination`.
    """

    def __init__(self, user_id: int, conversation: int | None = None) -> None:
        self._query, self._values = _OWN, [user_id]
        if conversation is not None:
            self._query, self._values = _IN_CONVERSATION, [user_id, conversation]

    def __len__(self) -> int:
        return self._query.count(*self._values)

    def __getitem__(self, wanted: slice) -> list[ChatRow]:
        start = wanted.start or 0
        return _chats(self._query.rows(*self._values, limit=wanted.stop - start, offset=start))


class FoundChats:
    """The chats that a search of the history has found, for `LinkedPagination`. They are searched
    once, for their keys: no index helps, and counting alone would take as long.
    """

    def __init__(self, found: ChatQuerySet) -> None:
        self._found = found

    @cached_property
    def _keys(self) -> list[int]:
        return list(self._found.values_list("pk", flat=True))

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, wanted: slice) -> list[Chat]:
        chats = list(Chat.objects.filter(pk__in=self._keys[wanted]).with_replies())
        prefetch_related_objects([one for one in chats if one.attachment_count], "attachments")
        return chats


def with_words_in_title(found: ConversationQuerySet, words: list[str]) -> ConversationQuerySet:
    """Those of the conversations whose title has all the words, which are in the form of
    `config.text.searchable`. Titles have no such form in the database, where the two kinds of
    databases would find different ones; `MAX_CONVERSATIONS` bounds how many are read.
    """
    titles = ((pk, searchable(title)) for pk, title in found.values_list("pk", "title"))
    return found.filter(pk__in=[pk for pk, title in titles if all(w in title for w in words)])


def _chats(rows: Iterable[tuple[Any, ...]]) -> list[ChatRow]:
    chats = [_chat(row) for row in rows]
    replies = {chat.chat_reply.pk: chat.chat_reply for chat in chats if chat.chat_reply}
    for reply, *citation in _citations(len(replies)).rows(*replies) if replies else ():
        replies[reply].citations.append(CitationRow(*citation))
    _add_attachments({chat.pk: chat for chat in chats if chat.attachment_count})
    return chats


def _add_attachments(chats: dict[int, ChatRow]) -> None:
    """Costs a query only where there are any."""
    for one in Attachment.objects.filter(chat__in=chats) if chats else ():
        chats[one.chat_id or 0].attachments.append(one)


def _chat(row: tuple[Any, ...]) -> ChatRow:
    reply = row[len(_CHAT) :]
    shown = ReplyRow(*(*reply, [])) if reply[0] is not None else None
    return ChatRow(*(*row[: len(_CHAT)], [], shown))


@cache
def _citations(replies: int) -> PreparedQuery:
    """The query for the citations of so many replies."""
    return PreparedQuery(
        lambda *keys: Citation.objects.filter(reply__in=keys).values_list("reply_id", *_CITATION),
        parameters=replies,
    )
