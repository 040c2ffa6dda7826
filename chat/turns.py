"""The life of a turn: a question, its unit of the allowance, and one attempt at an answer.

`start_turn` reserves and stores in one transaction; `chat.generation` writes the answer with none
open; `finish_turn`, `fail_turn` and `stop_turn` end it by one conditional UPDATE on
`status = streaming`. Whoever's UPDATE changes the row has won and alone settles the unit, on the
day that was reserved; everyone else changes nothing.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chat import limits, metrics, quota
from chat.citing import Cited
from chat.mirror import mirror
from chat.models import Chat, Citation, Conversation, IdempotencyKey, Reply, Status
from chat.opening import open_reply, open_turn
from chat.problems import Failure, QuotaExhausted, ReplyInProgress, TooManyStreams, TurnInterrupted
from chat.rows import Together, change, changed, update_of
from chat.streams import STOP, Live, registry
from chat.upstream import Message
from config.api.idempotency import KEPT_FOR, IdempotencyKeyReused
from config.connections import release_connection

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

STOP_SECONDS = 5.0
STOP_LOOK_SECONDS = 0.05

# PostgreSQL and SQLite give the columns of VALUES the same names.
_BEAT = """
UPDATE chat_reply
SET heartbeat_at = %s, content = COALESCE(news.column2, chat_reply.content)
FROM (VALUES {values}) AS news
WHERE chat_reply.id = news.column1 AND chat_reply.status = 'streaming'
RETURNING chat_reply.id, chat_reply.stop_requested
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """How an answer is to be made. `history` None: the conversation's own turns."""

    model: str
    temperature: float
    max_tokens: int
    history: Sequence[Message] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A validated question. Without a conversation a new one is begun; `system_prompt` is its."""

    content: str
    wish: Wish
    conversation: Conversation | None = None
    parent_id: int | None = None
    system_prompt: str = ""


@dataclass(frozen=True, slots=True)
class Once:
    """An Idempotency-Key with the fingerprint of its request."""

    key: str
    fingerprint: str


@dataclass(slots=True)
class Turn:
    """A turn in this process. `live` is None when its answer is not being written here; `is_stored`
    says that the end of a new one is in the database, and `reply` as it is there.
    `started` and `first_token` are of the monotonic clock.
    """

    chat: Chat
    reply: Reply
    wish: Wish
    live: Live | None = None
    standing: quota.Standing | None = None
    is_new: bool = True
    is_stored: bool = False
    cited: Cited | None = None
    failure: Failure | None = None
    started: float = field(default_factory=time.monotonic)
    first_token: float | None = None


def start_turn(*, user: "User", question: Question, once: Once | None = None) -> Turn:
    """Take a unit and store the question with an empty reply, or take up the turn that `once`
    has begun already; then nothing is taken.

    Raises `QuotaExhausted` or `IdempotencyKeyReused`; then nothing was stored.
    """
    if once and (begun := _begun(user, question, once)):
        return begun
    limits.check_process()
    try:
        standing, chat, reply = open_turn(user, question, once)
    except (IntegrityError, QuotaExhausted, TooManyStreams):
        # A twin of this request may have won the race: for its key, or for the last unit.
        if once and (begun := _begun(user, question, once)):
            return begun
        raise
    return _opened(chat, reply, question.wish, standing)


def start_reply(*, user: "User", chat: Chat, wish: Wish) -> Turn:
    """Take a unit for another answer to a stored question.

    Raises `QuotaExhausted`, or `ReplyInProgress` while an answer is being written.
    """
    limits.check_process()
    with transaction.atomic(durable=True):
        # No key of it changes: a question that follows it need not wait, nor be waited for.
        Chat.objects.select_for_update(of=("self",), no_key=True).get(pk=chat.pk)
        if chat.replies.filter(status=Status.STREAMING).exists():
            raise ReplyInProgress
        standing, reply = open_reply(user, chat, wish)
    return _opened(chat, reply, wish, standing)


def show_reply(*, chat: Chat, reply: Reply) -> None:
    """Make one of a chat's replies the one that is shown, and that a next question follows.

    Raises `ReplyInProgress` while an answer is being written, or where one was begun just now.
    """
    shown = chat.chat_reply
    if shown == reply:
        return
    if Status.STREAMING in {reply.status, shown and shown.status}:
        raise ReplyInProgress
    # An answer that is being written is always the one shown: who finds another there is too late.
    unchanged = Chat.objects.filter(pk=chat.pk, chat_reply=shown)
    if not unchanged.update(chat_reply=reply, updated_at=timezone.now()):
        raise ReplyInProgress


def finish_turn(turn: Turn, *, content: str, finish_reason: str, status: Status) -> bool:
    """Store the answer as done or stopped, with what it cites; the unit stays taken. False: the
    turn had ended. `content` is what was written: what is stored may be mended.
    """
    reply, cited = turn.reply, turn.cited or Cited(content)
    changes: dict[str, Any] = {
        "status": status,
        "content": cited.content,
        "model": reply.model,
        "finish_reason": finish_reason,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
    }
    if cited.corrections:
        changes["corrections"] = cited.corrections
    citations = cited.citations
    won = _claim_with(citations, reply, changes) if citations else _claim(reply, **changes)
    if won:
        metrics.turn_ended(outcome=reply.status, model=reply.model)
    return won


def _claim_with(citations: Sequence[Citation], reply: Reply, changes: dict[str, Any]) -> bool:
    try:
        if connection.vendor == "postgresql":
            return _claim_together(citations, reply, changes)
        with transaction.atomic(durable=True):
            won = _claim(reply, **changes)
            if won:
                Citation.objects.bulk_create(citations)
    except IntegrityError:  # a cited quote was withdrawn while the answer was written
        for citation in citations:
            citation.pk = citation.quote_id = None  # the key was rolled back with its row
        return _claim_with(citations, reply, changes)
    return won


def _claim_together(citations: Sequence[Citation], reply: Reply, changes: dict[str, Any]) -> bool:
    changes = {**changes, "finished_at": timezone.now()}
    update, values = update_of(reply, changes)
    parts = Together()
    parts.add("ended", f"{update} AND status = 'streaming' RETURNING id", values)
    for number, citation in enumerate(citations):
        parts.insert(f"citation{number}", citation, "ended", reply_id="ended.id")
    won = parts.run("SELECT id FROM ended") is not None
    if won:
        changed(reply, changes)
    return won


def fail_turn(reply: Reply, *, failure: Failure, content: str) -> bool:
    """Store that there is no (whole) answer, keep what there is, and give the unit back unless the
    failure is the person's own. False: the turn had ended, and nothing was given back.
    """
    day: date | None = reply.charged_day
    back = day if failure.refunded else None
    try:
        with transaction.atomic(durable=True):
            won = _claim(
                reply,
                status=_status_of(failure),
                content=content,
                error_code=failure.code,
                charged_day=None if failure.refunded else day,
            )
            if won and back:
                quota.give_back(user_id=reply.user_id, day=back)
    except Exception:
        reply.charged_day = day  # nothing of it is stored, so who tries again must give it back
        raise
    if won:
        metrics.turn_ended(outcome=reply.status, model=reply.model, refunded=back is not None)
    return won


def _status_of(failure: Failure) -> Status:
    return Status.INTERRUPTED if isinstance(failure, TurnInterrupted) else Status.FAILED


def stop_turn(reply: Reply) -> None:
    """Have an answer end where it stands, in whichever process it is written; what was written is
    kept, and charged. Returns when it has ended, or after `STOP_SECONDS`.
    """
    if live := registry.get(reply.stream_id):
        live.cut_short(STOP)
        release_connection()
        live.wait_for_end(STOP_SECONDS)
        return
    streaming = Reply.objects.filter(pk=reply.pk, status=Status.STREAMING)
    if not streaming.update(stop_requested=True):
        return
    if mirror:
        mirror.ask_to_stop(reply.stream_id)
    deadline = time.monotonic() + STOP_SECONDS
    while streaming.exists() and time.monotonic() < deadline:
        release_connection()
        time.sleep(STOP_LOOK_SECONDS)


def reap(*, silent_for: timedelta) -> int:
    """End the turns whose writer has not been heard for so long, give their units back, and return
    how many there were. One that was to be stopped counts as stopped.
    """
    lost = Reply.objects.filter(
        status=Status.STREAMING, heartbeat_at__lt=timezone.now() - silent_for
    )
    return sum(map(_bury, lost))


def _bury(reply: Reply) -> bool:
    content = max(reply.content, mirror.text_of(reply.stream_id) if mirror else "", key=len)
    if reply.stop_requested:
        won = _claim(reply, status=Status.STOPPED, content=content, finish_reason="stopped")
        if won:
            metrics.turn_ended(outcome=reply.status, model=reply.model)
    else:
        won = fail_turn(reply, failure=TurnInterrupted(), content=content)
    if won:
        metrics.reaped()
        log_end(reply, seconds=(timezone.now() - reply.created_at).total_seconds())
    return won


def log_end(reply: Reply, *, seconds: float, first_token: float | None = None) -> None:
    """The one log line of a turn: ids, codes and counts, nothing that anybody wrote. Both times are
    from its start; `status` is `streaming` where somebody else has ended it, or nobody yet.
    """
    logger.info(
        "turn %s",
        reply.status,
        extra={
            "status": reply.status,
            "reply": reply.pk,
            "chat": reply.chat_id,
            "user": reply.user_id,
            "model": reply.model,
            "error_code": reply.error_code,
            "finish_reason": reply.finish_reason,
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "first_token_ms": None if first_token is None else round(first_token * 1000),
            "ms": round(seconds * 1000),
        },
    )


def beat(rows: Sequence[tuple[int, str | None]]) -> dict[int, bool]:
    """Store by one statement that these replies are being written, and the text that each has by
    now (None: as it was). Returns those that are still open, with whether they are to be stopped.
    """
    if not rows:
        return {}
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = ", ".join(["(%s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(_BEAT.format(values=values), [now, *chain.from_iterable(rows)])
        return {pk: bool(stop) for pk, stop in cursor.fetchall()}


def _claim(reply: Reply, **changes: Any) -> bool:
    return change(reply, only_if="status = 'streaming'", finished_at=timezone.now(), **changes)


def _opened(chat: Chat, reply: Reply, wish: Wish, standing: quota.Standing) -> Turn:
    return Turn(
        chat=chat,
        reply=reply,
        wish=wish,
        live=registry.open(reply.stream_id, reply_id=reply.pk),
        standing=standing,
    )


def _begun(user: "User", question: Question, once: Once) -> Turn | None:
    """The turn that an earlier request with the same key has begun, if any.

    When that turn failed, another answer to its question is begun, so that a retry neither asks
    twice nor gets the old failure told again.
    """
    row = (
        IdempotencyKey.objects.filter(
            user=user, key=once.key, created_at__gte=timezone.now() - KEPT_FOR
        )
        .select_related("chat__chat_reply", "chat__conversation")
        .first()
    )
    if row is None:
        IdempotencyKey.objects.filter(user=user, created_at__lt=timezone.now() - KEPT_FOR).delete()
        return None
    if row.fingerprint != once.fingerprint:
        raise IdempotencyKeyReused
    return _taken_up(user, row.chat, question.wish)


def _taken_up(user: "User", chat: Chat, wish: Wish) -> Turn:
    reply = chat.chat_reply
    if reply is None or reply.status in {Status.FAILED, Status.INTERRUPTED}:
        try:
            return start_reply(user=user, chat=chat, wish=wish)
        except ReplyInProgress:
            chat.refresh_from_db(fields=["chat_reply"])
            reply = chat.chat_reply
    if reply is None:  # pragma: no cover - a reply in progress is always the chat's own
        raise ReplyInProgress
    return Turn(chat=chat, reply=reply, wish=wish, live=registry.get(reply.stream_id), is_new=False)


def reply_of_stream(*, user: "User", stream_id: UUID) -> Reply | None:
    """The reply behind a stream, when it is this person's."""
    return (
        Reply.objects.filter(stream_id=stream_id, user=user)
        .select_related("chat__conversation")
        .first()
    )
