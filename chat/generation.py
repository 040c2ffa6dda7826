"""Writing an answer: from the lines found and the words of the model to a settled turn.

No transaction is open here, and no database connection is held while the upstream is waited for.
"""

import contextvars
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Protocol

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from chat import board, metrics, turns
from chat.citing import cite
from chat.models import Chat, Status
from chat.problems import TurnCrashed, TurnInterrupted
from chat.prompts import build_messages
from chat.streams import INTERRUPT, Live, gathering_seconds, registry
from chat.turns import Turn
from chat.upstream import Message, UpstreamFailed, open_answer
from config.api.request_id import current_request_id
from config.connections import release_connection
from quotes import search
from quotes.search import Found

logger = logging.getLogger(__name__)

SETTLE_SECONDS = 120.0  # how long the end of a turn is tried to be stored
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
    try:
        try:
            turn.failure = _write(turn, live)
        except Exception:
            logger.exception("turn crashed")
            turn.failure = TurnCrashed()
        written = time.monotonic()
        _settle(turn, live)
    finally:
        registry.close(turn.reply.stream_id)
    _report(turn, written)


def _report(turn: Turn, written: float) -> None:
    """Log the turn, and count how fast its answer came."""
    wait = None
    if turn.first_token is not None:
        wait = turn.first_token - turn.started
        metrics.answer_written(
            model=turn.reply.model,
            to_first_token=wait,
            writing=written - turn.first_token,
            tokens=turn.reply.completion_tokens,
        )
    seconds = time.monotonic() - turn.started
    turns.log_end(turn.reply, seconds=seconds, first_token=wait)


def _write(turn: Turn, live: Live) -> UpstreamFailed | None:
    """Append the answer to the live text; what went wrong with the upstream, if anything did."""
    found = search.find(
        question=turn.chat.content, limit=settings.QUOTE_LINES, before=lambda: _said_before(turn)
    )
    failure = None
    if turn.reply.model == board.NAME:
        _copy_board(turn, live, found)
    else:
        try:
            _copy_upstream(turn, live, found)
        except UpstreamFailed as error:
            if _may_fall_back(live, error):
                _copy_board(turn, live, found)
            else:
                failure = error
    if not failure:
        turn.cited = cite(turn.reply, live.text(), found)
    return failure


def _copy_upstream(turn: Turn, live: Live, found: Sequence[Found]) -> None:
    wish, reply = turn.wish, turn.reply
    answer = open_answer(
        model=reply.model,
        messages=build_messages(
            system_prompt=turn.chat.conversation.system_prompt,
            found=found,
            history=_history(turn),
            question=turn.chat.content,
        ),
        temperature=wish.temperature,
        max_tokens=wish.max_tokens,
        request_id=current_request_id(),
    )
    release_connection()
    answer.rest = gathering_seconds
    live.on_cut(answer.close)
    try:
        _copy(turn, live, answer)
    finally:
        answer.close()
    reply.prompt_tokens, reply.completion_tokens = answer.prompt_tokens, answer.completion_tokens
    reply.finish_reason = answer.finish_reason


def _copy_board(turn: Turn, live: Live, found: Sequence[Found]) -> None:
    turn.reply.model = board.NAME
    _copy(turn, live, board.answer(turn.chat.content, found))
    turn.reply.finish_reason = "stop"


def _copy(turn: Turn, live: Live, source: Source) -> None:
    pieces = iter(source)
    first = next(pieces, None)
    if first is None:
        return
    turn.first_token = time.monotonic()
    for piece in chain([first], pieces):
        if live.cut:
            return
        live.append(piece)


def _settle(turn: Turn, live: Live) -> None:
    """Store the end of the turn, however long the database is away (within `SETTLE_SECONDS`)."""
    deadline, wait = time.monotonic() + SETTLE_SECONDS, 0.1
    while True:
        try:
            _end(turn, live)
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                logger.exception("turn not stored; the reaper will end it")
                return
            time.sleep(wait)
            wait = min(2.0, wait * 2)
        else:
            turn.is_stored = True
            return


def _end(turn: Turn, live: Live) -> None:
    reply, content, failure = turn.reply, live.text(), turn.failure
    if live.cut == INTERRUPT:
        turns.fail_turn(reply, failure=TurnInterrupted(), content=content)
    elif live.cut:
        turns.finish_turn(turn, content=content, finish_reason=STOPPED, status=Status.STOPPED)
    elif failure:
        turns.fail_turn(reply, failure=failure, content=content)
    else:
        reason = reply.finish_reason
        turns.finish_turn(turn, content=content, finish_reason=reason, status=Status.DONE)


def _may_fall_back(live: Live, failure: UpstreamFailed) -> bool:
    """Only in place of a whole answer, and of one that failed for no fault of the asker."""
    is_untouched = not live.length and not live.cut
    return bool(settings.FALLBACK_TO_BOARD and is_untouched and failure.refunded)


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


def _said_before(turn: Turn) -> str:
    """The last turn, by which a follow-up question is understood: its answer, then its question."""
    return "\n".join(message["content"][:500] for message in islice(_history(turn), 2))
