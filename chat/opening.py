"""Storing the beginning of a turn: a unit of the allowance, the question, and its empty reply; all
of them or nothing.

PostgreSQL does it in one round trip, which makes a turn a good deal cheaper (bench/README.md).
SQLite, where a statement is a function call and writes to one table, does it in a transaction.
"""

import threading
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from chat import quota
from chat.models import Chat, Conversation, IdempotencyKey, Reply
from chat.rows import Together, change, changed, insert, stored, update_of

if TYPE_CHECKING:
    from accounts.models import User
    from chat.turns import Once, Question, Wish

TITLE_LENGTH = 60

# Whoever waits for SQLite's one writer tries again and again, the longer the more seldom, and may
# be overtaken until the patience is over. Here they stand in line.
_line = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is to be stored. `changes` are those of a conversation that is there already."""

    user: "User"
    day: date
    conversation: Conversation
    changes: dict[str, Any]
    chat: Chat
    reply: Reply
    key: IdempotencyKey | None


def open_turn(
    user: "User", question: "Question", once: "Once | None"
) -> tuple[quota.Standing, Chat, Reply]:
    """Take a unit and store the question, in a new conversation where it names none.

    Raises `QuotaExhausted`, `TooManyStreams`, or `IntegrityError` where the key of `once` has been
    used, or what the question follows is gone.
    """
    rows = _rows(user, question, once)
    store = _by_one_statement if connection.vendor == "postgresql" else _by_a_transaction
    standing = store(rows)
    rows.chat.conversation, rows.chat.chat_reply, rows.reply.chat = (
        rows.conversation,
        rows.reply,
        rows.chat,
    )
    return standing, rows.chat, rows.reply


def open_reply(user: "User", chat: Chat, wish: "Wish") -> tuple[quota.Standing, Reply]:
    """Take a unit for another answer to a stored question; to be called in a transaction.

    Raises `QuotaExhausted` or `TooManyStreams`.
    """
    standing = quota.reserve(user=user)
    reply = Reply(user=user, chat=chat, model=wish.model, charged_day=standing.day)
    insert(reply)
    change(chat, chat_reply=reply.pk, updated_at=reply.created_at)
    chat.chat_reply = reply
    return standing, reply


def _rows(user: "User", question: "Question", once: "Once | None") -> _Rows:
    conversation = question.conversation or Conversation(
        user=user, title=title_of(question.content), system_prompt=question.system_prompt
    )
    day = quota.today()
    return _Rows(
        user=user,
        day=day,
        conversation=conversation,
        changes=_changes(conversation, question) if question.conversation else {},
        chat=Chat(user=user, parent_id=question.parent_id, content=question.content),
        reply=Reply(user=user, model=question.wish.model, charged_day=day),
        key=IdempotencyKey(user=user, key=once.key, fingerprint=once.fingerprint) if once else None,
    )


def _changes(conversation: Conversation, question: "Question") -> dict[str, Any]:
    changes: dict[str, Any] = {"updated_at": timezone.now()}
    if not conversation.title:
        changes["title"] = title_of(question.content)
    if question.system_prompt:
        changes["system_prompt"] = question.system_prompt
    return changes


def _by_a_transaction(rows: _Rows) -> quota.Standing:
    quota.refuse_early(rows.user)
    with _line, transaction.atomic(durable=True):
        standing = quota.reserve(user=rows.user)
        if rows.changes:
            change(rows.conversation, **rows.changes)
        else:
            insert(rows.conversation)
        rows.chat.conversation_id = rows.conversation.pk
        insert(rows.chat)
        rows.reply.chat_id = rows.chat.pk
        insert(rows.reply)
        change(rows.chat, chat_reply=rows.reply.pk)
        if rows.key:
            rows.key.chat_id = rows.chat.pk
            insert(rows.key)
    return standing


def _by_one_statement(rows: _Rows) -> quota.Standing:
    parts = Together()
    parts.add("unit", *quota.taking(rows.user, rows.day))
    parts.add("new", "SELECT used, nextval('chat_reply_id_seq') AS reply_id FROM unit")
    if rows.changes:
        rows.chat.conversation_id = rows.conversation.pk
        update, values = update_of(rows.conversation, rows.changes)
        parts.add("touched", f"{update} AND EXISTS (SELECT FROM unit)", values)
        parts.insert("chat", rows.chat, "new", chat_reply_id="reply_id")
    else:
        parts.insert("conversation", rows.conversation, "new")
        columns = {"conversation_id": "conversation.id", "chat_reply_id": "reply_id"}
        parts.insert("chat", rows.chat, "new, conversation", **columns)
    parts.insert("reply", rows.reply, "new, chat", id="reply_id", chat_id="chat.id")
    if rows.key:
        parts.insert("idempotency_key", rows.key, "chat", chat_id="chat.id")
    found = parts.run(
        "SELECT used, chat.id, reply.id, chat.conversation_id FROM new, chat, reply",
        after=quota.LOCK,
        values=[rows.user.pk],
    )
    if found is None:
        raise quota.refusal(rows.user)
    used, *keys = found
    for row, key in zip((rows.chat, rows.reply, rows.conversation), keys, strict=True):
        stored(row, key)
    changed(rows.conversation, rows.changes)
    return quota.standing_of(rows.user, rows.day, used)


def title_of(content: str) -> str:
    """The first line of a question, cut at a word."""
    line = next(filter(None, map(str.strip, content.splitlines())), "")
    if len(line) <= TITLE_LENGTH:
        return line
    return (line[:TITLE_LENGTH].rsplit(" ", 1)[0] or line[:TITLE_LENGTH]) + "…"
