"""Stores the beginning of a turn: a unit of the allowance, the question and its empty reply; all of
them or nothing.

PostgreSQL does it in one round trip instead of eight (figures in bench/README.md). SQLite, where a
statement is a function call and writes to one table, does it in a transaction; so does PostgreSQL
where a turn takes no unit on a site that has a budget, or files go with the question.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import Error, IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import APIException

from accounts.personal_tokens import usage
from chat.answering.board_model import is_small_talk
from chat.answering.prompts import PastTurn
from chat.attachments.attaching import attach
from chat.live.errors import TooManyStreams
from chat.models import Chat, Conversation, IdempotencyKey, Reply, Status
from chat.turns import ancestors, quota, site_budget
from chat.turns.errors import (
    AlreadyContinued,
    AnswerFollowed,
    ParentInProgress,
    QuotaExhausted,
    SiteLimitReached,
)
from chat.turns.types import GenerationOptions, IdempotencyClaim, NewQuestion, QuotaStatus
from config.db.errors import is_lost_connection
from config.db.sql import (
    CteStatement,
    apply_changes,
    insert,
    is_postgresql,
    mark_stored,
    update,
    update_statement,
)
from config.text import one_line

if TYPE_CHECKING:
    from accounts.models import User

TITLE_LENGTH = 60
_OF_A_TURN = 3  # columns of a turn above the question, behind those of `_STORED`
_STORED = "used, site_used, chat.id, reply.id, chat.conversation_id"

# SQLite's own busy handler backs off unfairly, so that a writer may be overtaken until it times
# out. Writers queue in the process instead.
_sqlite_writers = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows to store. `changes` are those of a conversation that exists already. `follows` is
    the parent, where the turns above the question are to be read. `is_free`: it takes no unit, as
    long as few enough were free or given back today.
    """

    user: "User"
    day: date
    conversation: Conversation
    changes: dict[str, Any]
    chat: Chat
    reply: Reply
    key: IdempotencyKey | None
    follows: int | None
    is_free: bool
    attachments: Sequence[int]


_Store = Callable[[_Rows], tuple[QuotaStatus, list[PastTurn]]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored, and the turns that the question follows, newest first."""

    quota: QuotaStatus
    chat: Chat
    reply: Reply
    history: Sequence[PastTurn]


def store_turn(
    user: "User", question: NewQuestion, claim: IdempotencyClaim | None, *, is_free: bool = False
) -> Stored:
    """Take a unit and store the question, in a new conversation where it names none. The turns
    before it are not read where the request has its own history. Small talk, and what `is_free`,
    takes no unit.

    Raises `QuotaExhausted`, `SiteLimitReached`, `TooManyStreams`, `ParentInProgress`,
    `InvalidToken` where the personal token of the request was revoked meanwhile, `ValidationError`
    where an attachment was deleted meanwhile, or `IntegrityError` where the key of `claim` has been
    used, or the conversation or the parent is gone.
    """
    rows = _rows(user, question, claim, is_free=is_free)
    is_several = bool(rows.attachments) or (rows.is_free and site_budget.is_on())
    is_single = is_postgresql() and not is_several
    store = _store_in_one_statement if is_single else _store_in_a_transaction
    try:
        return _stored(rows, *store(rows))
    except Error as error:
        if not is_lost_connection(error):
            raise
        return _store_again(store, rows)


def _store_again(store: _Store, rows: _Rows) -> Stored:
    """The connection broke, and nobody knows whether the rows were stored. The second attempt waits
    for the first one's lock; if that has stored them, `stream_id` is taken, or the last unit.
    """
    try:
        return _stored(rows, *store(rows))
    except (IntegrityError, QuotaExhausted, SiteLimitReached, TooManyStreams, ParentInProgress):
        replies = Reply.objects.select_related("chat__conversation")
        reply = replies.filter(stream_id=rows.reply.stream_id).first()
        if reply is None:
            raise
    reply.chat.chat_reply = reply
    history = ancestors.past_turns(rows.follows, may_refuse=False)
    return Stored(quota.status(rows.user), reply.chat, reply, history)


def _stored(rows: _Rows, status: QuotaStatus, history: Sequence[PastTurn]) -> Stored:
    rows.chat.conversation, rows.chat.chat_reply = rows.conversation, rows.reply
    rows.reply.chat = rows.chat
    return Stored(status, rows.chat, rows.reply, history)


def store_reply(
    user: "User",
    chat: Chat,
    options: GenerationOptions,
    *,
    stream_id: UUID,
    claim: IdempotencyClaim | None,
) -> Stored:
    """Take a unit for another reply to a stored question. Call it in a transaction that has locked
    the question.

    Raises `QuotaExhausted`, `SiteLimitReached`, `TooManyStreams` or `ParentInProgress`, or
    `IntegrityError` where the key of `claim` has been used for something else.
    """
    small_talk = is_small_talk(chat.content, options.model)
    status, day, history = _reserve(user, parent_of(chat, options), is_free=small_talk)
    reply = Reply(
        user=user,
        chat=chat,
        model=options.model,
        charged_day=day,
        stream_id=stream_id,
        personal_token_id=user.personal_token_id,
    )
    insert(reply)
    update(chat, chat_reply=reply.pk, updated_at=reply.created_at)
    chat.chat_reply = reply
    Conversation.objects.filter(pk=chat.conversation_id).update(updated_at=reply.created_at)
    if claim:
        _store_key(claim, reply)
    return Stored(status, chat, reply, history)


def store_continuation(
    user: "User",
    chat: Chat,
    reply: Reply,
    *,
    stream_id: UUID,
    claim: IdempotencyClaim | None,
) -> Stored:
    """Have a reply that was cut off be written again, and take the unit that it costs, if any. Call
    it in a transaction that has locked the question.

    Raises `QuotaExhausted`, `SiteLimitReached`, `TooManyStreams`, `ParentInProgress`,
    `AnswerFollowed`, `AlreadyContinued`, or `IntegrityError` where the key of `claim` has been used
    for something else.
    """
    is_paid = bool(settings.CONTINUATION_UNITS)
    status = quota.reserve(user=user) if is_paid else quota.admit(user)
    if chat.children.exists():  # looked for with the user's row locked, so that none is added now
        raise AnswerFollowed
    history = ancestors.past_turns(chat.parent_id)
    changes = _continued(user, reply, day=status.day if is_paid else None)
    only_if = "status = 'done' AND continued_from IS NULL"
    if not update(reply, only_if=only_if, stream_id=stream_id, **changes):
        raise AlreadyContinued
    now = reply.heartbeat_at
    Conversation.objects.filter(pk=chat.conversation_id).update(updated_at=now)
    if claim:
        _store_key(claim, reply)
    return Stored(status, chat, reply, history)


def _continued(user: "User", reply: Reply, *, day: date | None) -> dict[str, Any]:
    """What changes in a reply that is written further. `day` is that of the unit it takes."""
    begun = reply.written
    return {
        "status": Status.STREAMING,
        "content": begun,
        "continued_from": len(begun),
        "continuations": reply.continuations + 1,
        "continuation_day": day,
        "continuation_token_id": user.personal_token_id if day else None,
        "continuation_error": "",
        "follow_ups": None,
        "heartbeat_at": timezone.now(),
        "stop_requested": False,
        "finished_at": None,
    }


def _store_key(claim: IdempotencyClaim, reply: Reply) -> None:
    """The key names the newest attempt: an earlier one has failed."""
    given = {"user_id": reply.user_id, "key": claim.key, "fingerprint": claim.fingerprint}
    if not IdempotencyKey.objects.filter(**given).update(reply=reply):
        insert(IdempotencyKey(**given, chat_id=reply.chat_id, reply_id=reply.pk))


def _rows(
    user: "User", question: NewQuestion, claim: IdempotencyClaim | None, *, is_free: bool
) -> _Rows:
    conversation = question.conversation or Conversation(
        user=user,
        title=title_of(question.content),
        system_prompt=question.system_prompt,
        model=question.model,
        temporary=question.temporary,
    )
    key = None
    if claim:
        key = IdempotencyKey(user=user, key=claim.key, fingerprint=claim.fingerprint)
    day = timezone.localdate()
    return _Rows(
        user=user,
        day=day,
        conversation=conversation,
        changes=_changes(conversation, question) if question.conversation else {},
        chat=Chat(
            user=user,
            parent_id=question.parent_id,
            content=question.content,
            attachment_count=len(question.attachments),
        ),
        reply=Reply(
            user=user,
            model=question.options.model,
            charged_day=day,
            personal_token_id=user.personal_token_id,
        ),
        key=key,
        follows=question.parent_id if question.options.history is None else None,
        is_free=is_free or is_small_talk(question.content, question.options.model),
        attachments=question.attachments,
    )


def _changes(conversation: Conversation, question: NewQuestion) -> dict[str, Any]:
    changes: dict[str, Any] = {"updated_at": timezone.now()}
    if not conversation.title:
        changes["title"] = title_of(question.content)
    if question.system_prompt:
        changes["system_prompt"] = question.system_prompt
    if question.model:
        changes["model"] = question.model
    return changes


def _store_in_a_transaction(rows: _Rows) -> tuple[QuotaStatus, list[PastTurn]]:
    if not rows.is_free:
        quota.refuse_early(rows.user)
    writers = nullcontext() if is_postgresql() else _sqlite_writers
    with writers, transaction.atomic(durable=True):
        status, rows.reply.charged_day, history = _reserve(
            rows.user, rows.follows, is_free=rows.is_free
        )
        if rows.changes:
            update(rows.conversation, **rows.changes)
        else:
            insert(rows.conversation)
        rows.chat.conversation_id = rows.conversation.pk
        insert(rows.chat)
        rows.reply.chat_id = rows.chat.pk
        insert(rows.reply)
        update(rows.chat, chat_reply=rows.reply.pk)
        if rows.key:
            rows.key.chat_id = rows.chat.pk
            insert(rows.key)
        if rows.attachments:
            attach(rows.chat, rows.attachments)
    return status, history


def parent_of(chat: Chat, options: GenerationOptions) -> int | None:
    """The chat whose turns are sent with the question; None where the request has its own."""
    return chat.parent_id if options.history is None else None


def _reserve(
    user: "User", follows: int | None, *, is_free: bool
) -> tuple[QuotaStatus, date | None, list[PastTurn]]:
    """Takes a unit, unless the turn is free. The second value is the day of the unit. Refuses in
    the order of `_refusal`.
    """
    try:
        free = quota.admit_free(user) if is_free else None
        status = free or quota.reserve(user=user)
    except TooManyStreams:
        ancestors.past_turns(follows)
        raise
    return status, None if free else status.day, ancestors.past_turns(follows)


def _store_in_one_statement(rows: _Rows) -> tuple[QuotaStatus, list[PastTurn]]:
    select = f"SELECT {_STORED}, NULL, NULL, NULL FROM new, chat, reply"  # noqa: S608
    if rows.follows:
        select = (
            f"SELECT {_STORED}, question, answer, with_files FROM new, chat, reply "  # noqa: S608
            "LEFT JOIN ancestor ON answer IS NOT NULL ORDER BY ancestor.id DESC"
        )
    with site_budget.raising_limit():
        found = _statement(rows).rows(select, before=quota.LOCK_USER, values=[rows.user.pk])
    if not found and rows.is_free:
        return _store_in_a_transaction(rows)  # it takes a unit, or says why it is refused
    if not found:
        raise _refusal(rows)
    used, site_used, *keys = found[0][:-_OF_A_TURN]
    for row, key in zip((rows.chat, rows.reply, rows.conversation), keys, strict=True):
        mark_stored(row, key)
    apply_changes(rows.conversation, rows.changes)
    history = ancestors.whole_turns(row[-_OF_A_TURN:] for row in found)
    return quota.status_with(rows.user, rows.day, used, site_used), history


def _refusal(rows: _Rows) -> APIException:
    """Raises `ParentInProgress` where that is the reason."""
    problem = quota.refusal(rows.user)
    if isinstance(problem, TooManyStreams):
        ancestors.past_turns(rows.follows)
    return problem


def _statement(rows: _Rows) -> CteStatement:
    parts, only_if = CteStatement(), ""
    if rows.follows:
        parts.add("ancestor", *ancestors.walk_statement(rows.follows))
        only_if = ancestors.NONE_IN_PROGRESS
    take = quota.free_statement if rows.is_free else quota.take_statement
    parts.add("unit", *take(rows.user, rows.day, only_if=only_if))
    rows.reply.charged_day = None if rows.is_free else rows.day
    site_used, taken = "NULL::integer", "unit"
    if site_budget.is_on():
        parts.add("site", *site_budget.take_statement(rows.day, source="FROM unit"))
        site_used, taken = "site.used", "unit, site"
    parts.add(
        "new",
        f"SELECT unit.used, {site_used} AS site_used, nextval('chat_reply_id_seq') AS reply_id "  # noqa: S608
        f"FROM {taken}",
    )
    if rows.user.personal_token_id and not rows.is_free:
        count, values = usage.count_statement(rows.user.personal_token_id, rows.day)
        parts.add("personal_token", f"{count} AND EXISTS (SELECT FROM new)", values)
    if rows.changes:
        rows.chat.conversation_id = rows.conversation.pk
        change, values = update_statement(rows.conversation, rows.changes)
        parts.add("touched", f"{change} AND EXISTS (SELECT FROM unit)", values)
        parts.insert("chat", rows.chat, "new", chat_reply_id="reply_id")
    else:
        parts.insert("conversation", rows.conversation, "new")
        columns = {"conversation_id": "conversation.id", "chat_reply_id": "reply_id"}
        parts.insert("chat", rows.chat, "new, conversation", **columns)
    parts.insert("reply", rows.reply, "new, chat", id="reply_id", chat_id="chat.id")
    if rows.key:
        parts.insert("idempotency_key", rows.key, "chat", chat_id="chat.id")
    return parts


def title_of(content: str) -> str:
    """The first line of a question, cut at a word."""
    line = next(filter(None, map(one_line, content.splitlines())), "")
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH].rsplit(" ", 1)[0] or line[:TITLE_LENGTH]
    return one_line(cut) + "…"  # again, since the cut may fall within an emoji
