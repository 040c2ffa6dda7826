"""Writing an answer: from the lines found and the words of the model to a settled turn.

No transaction is open here, and no database connection is held while the upstream is waited for.
"""

import contextvars
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from django.conf import settings
from django.db import DatabaseError, connection

from chat import board, turns
from chat.models import Chat, Citation, Reply, Status, Verdict
from chat.prompts import build_messages
from chat.streams import Live, registry
from chat.turns import Turn
from chat.upstream import Message, UpstreamFailed, open_answer
from config.api.request_id import current_request_id
from quotes import search
from quotes.search import Found

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0
STOPPED = "stopped"  # the finish reason of an answer that its reader stopped
HISTORY_ROWS = 60  # stored turns that are looked at for the context


class Source(Protocol):
    """What an answer comes from: an upstream's `Answer`, or the board."""

    def __iter__(self) -> Iterator[str]: ...


def spawn(turn: Turn) -> None:
    """Write the answer beside the request (a greenlet under gevent, else a thread), so that a
    reader who leaves stops nothing.
    """
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_detached, turn), daemon=True).start()


def _detached(turn: Turn) -> None:
    try:
        generate(turn)
    finally:
        connection.close()


def generate(turn: Turn) -> None:
    """Write the answer to a turn that this process has begun, and settle it. Never raises: the
    outcome is in `turn.reply`, in the database and in its live text.
    """
    live = turn.live
    if live is None:
        raise ValueError("the turn is not this process's to write")
    started = time.monotonic()
    try:
        _settle(turn, live)
    except Exception:
        logger.exception("turn crashed")
        _fail(turn, live, code="internal", refund=True)
    finally:
        registry.close(turn.reply.stream_id)
    _log(turn.reply, time.monotonic() - started)


def _settle(turn: Turn, live: Live) -> None:
    found = search.find(question=turn.chat.content)
    try:
        finish_reason = _write(turn, live, found)
    except UpstreamFailed as failure:
        if live.stopping:
            finish_reason = STOPPED
        elif _may_fall_back(turn, live, failure):
            finish_reason = _write_board(turn, live, found)
        else:
            _fail(turn, live, code=failure.code, refund=failure.refunded)
            turn.failure = failure
            return
    content = live.text()
    turn.citations = _citations(turn.reply, content, found)
    status = Status.STOPPED if live.stopping else Status.DONE
    turns.finish_turn(turn, content=content, finish_reason=finish_reason, status=status)


def _write(turn: Turn, live: Live, found: Sequence[Found]) -> str:
    if turn.reply.model == board.NAME:
        return _write_board(turn, live, found)
    wish, reply = turn.wish, turn.reply
    messages = build_messages(
        system_prompt=turn.chat.conversation.system_prompt,
        found=found,
        history=_history(turn),
        question=turn.chat.content,
    )
    release_connection()
    answer = open_answer(
        model=reply.model,
        messages=messages,
        temperature=wish.temperature,
        max_tokens=wish.max_tokens,
        request_id=current_request_id(),
    )
    live.on_stop(answer.close)
    try:
        _copy(answer, live, reply)
    finally:
        answer.close()
    reply.prompt_tokens, reply.completion_tokens = answer.prompt_tokens, answer.completion_tokens
    return STOPPED if live.stopping else answer.finish_reason


def _write_board(turn: Turn, live: Live, found: Sequence[Found]) -> str:
    turn.reply.model = board.NAME
    _copy(board.answer(turn.chat.content, found), live, turn.reply)
    return STOPPED if live.stopping else "stop"


def _copy(source: Source, live: Live, reply: Reply) -> None:
    beat_at = time.monotonic() + HEARTBEAT_SECONDS
    for piece in source:
        if live.stopping:
            return
        live.append(piece)
        if time.monotonic() >= beat_at:
            if not _beat(reply, live.text()):
                live.stopping = True
                return
            beat_at = time.monotonic() + HEARTBEAT_SECONDS


def _beat(reply: Reply, content: str) -> bool:
    """False when somebody has ended the turn; a database that is away for now is no such word."""
    try:
        return turns.beat(reply, content)
    except DatabaseError as error:
        logger.warning("heartbeat not stored: %s", type(error).__name__)
        return True
    finally:
        release_connection()


def _fail(turn: Turn, live: Live, *, code: str, refund: bool) -> None:
    try:
        turns.fail_turn(turn.reply, code=code, content=live.text(), refund=refund)
    except DatabaseError:
        logger.exception("turn not settled; the reaper will do it")


def _may_fall_back(turn: Turn, live: Live, failure: UpstreamFailed) -> bool:
    return bool(
        settings.FALLBACK_TO_BOARD
        and turn.reply.model != board.NAME
        and live.length == 0
        and failure.refunded
    )


def _history(turn: Turn) -> Iterator[Message]:
    """What was said before, newest first: the caller's own history, or the chain of parents."""
    if turn.wish.history is not None:
        yield from reversed(turn.wish.history)
        return
    parent = turn.chat.parent_id
    if parent is None:
        return
    rows = Chat.objects.filter(conversation=turn.chat.conversation_id, pk__lte=parent)
    for pk, before, question, answer in rows.order_by("-pk").values_list(
        "pk", "parent_id", "content", "chat_reply__content"
    )[:HISTORY_ROWS]:
        if pk == parent:
            if answer:
                yield {"role": "assistant", "content": answer}
            yield {"role": "user", "content": question}
            parent = before


def _citations(reply: Reply, content: str, found: Sequence[Found]) -> list[Citation]:
    """The found lines that stand in the answer word for word, each where it stands first."""
    spans = ((quote, content.find(quote.content)) for quote in found)
    return [
        Citation(
            reply=reply,
            quote_id=quote.id,
            text=quote.content,
            start=start,
            end=start + len(quote.content),
            verdict=Verdict.VERBATIM,
        )
        for quote, start in spans
        if start >= 0
    ]


def release_connection() -> None:
    """Hand the database connection back before a wait; the next query takes one again."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()


def _log(reply: Reply, seconds: float) -> None:
    logger.info(
        "turn %s",
        reply.status,
        extra={
            "reply": reply.pk,
            "chat": reply.chat_id,
            "model": reply.model,
            "error_code": reply.error_code,
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "ms": round(seconds * 1000),
        },
    )
