"""Generating an answer: find lines, ask the model, judge the quotations, and end the turn.

No transaction is open here, and no database connection is held while waiting for the upstream.
"""

import contextvars
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Protocol, TypeVar

from django.conf import settings
from django.db import connection

from chat import metrics
from chat.answering import board_model
from chat.answering.citations import Cited, cite, not_judged
from chat.answering.fewer_turns import with_fewer_turns
from chat.answering.prompts import build_messages
from chat.live.registry import gathering_seconds, registry
from chat.live.streams import INTERRUPT, Live
from chat.models import Status
from chat.turns import finish
from chat.turns.errors import TurnCrashed, TurnInterrupted, TurnWithoutDatabase
from chat.turns.types import Turn
from chat.upstream import (
    ChatMessage,
    Upstream,
    UpstreamContextTooLong,
    UpstreamFailed,
    default_upstream,
)
from config.api.request_id import current_request_id
from config.db.connections import release_connection
from config.db.errors import UNAVAILABLE
from quotes.search import find
from quotes.search.find import Found

logger = logging.getLogger(__name__)

T = TypeVar("T")

SETTLE_SECONDS = 120.0  # for judging and for storing a written answer, with retries
STOPPED = "stopped"  # the finish reason of an answer that its user stopped


class Source(Protocol):
    """Yields the text of an answer: an upstream's `Answer`, or the board."""

    def __iter__(self) -> Iterator[str]: ...


def spawn(turn: Turn, *, upstream: Upstream | None = None) -> None:
    """Generate the answer to a new turn in the background (a greenlet under gevent, else a thread),
    so that it continues when its reader leaves. Does nothing for the turn of an earlier request.
    """
    if turn.is_new:
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(_detached, turn, upstream), daemon=True).start()


def generate(turn: Turn, *, upstream: Upstream | None = None) -> None:
    """Generate the answer to a new turn and end the turn. Does nothing for the turn of an earlier
    request. Never raises: the outcome is in `turn.reply`, in the database and in the live text.
    Without `upstream` it is the one that the settings name.
    """
    if not turn.is_new:
        return
    if turn.live is None:
        raise ValueError("a new turn has a live text")
    try:
        try:
            turn.failure = _write(turn, turn.live, upstream)
        except UNAVAILABLE as error:
            logger.error("turn failed, database unavailable: %s", type(error).__name__)  # noqa: TRY400
            turn.failure = TurnWithoutDatabase()
        except Exception:
            logger.exception("turn crashed")
            turn.failure = TurnCrashed()
        written = time.monotonic()
        _settle(turn, turn.live)
    finally:
        registry.close(turn.reply.stream_id)
    _report(turn, written)


def _detached(turn: Turn, upstream: Upstream | None) -> None:
    try:
        generate(turn, upstream=upstream)
    finally:
        connection.close()


def _report(turn: Turn, written: float) -> None:
    """Log the turn, and measure how fast its answer came."""
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
    finish.log_end(turn.reply, seconds=seconds, first_token=wait)


def _write(turn: Turn, live: Live, upstream: Upstream | None) -> UpstreamFailed | None:
    """Append the answer to the live text, and judge it. Returns the upstream's failure, if any."""
    found = find.find(
        question=turn.chat.content, limit=settings.QUOTE_LINES, before=lambda: _last_turn(turn)
    )
    failure = None
    if turn.reply.model == board_model.NAME:
        _copy_board(turn, live, found)
    else:
        try:
            _copy_upstream(turn, live, found, upstream or default_upstream())
        except UpstreamFailed as error:
            if _may_fall_back(live, error):
                _copy_board(turn, live, found)
            else:
                failure = error
    if not failure:
        turn.cited = _judge(turn, live, found)
    return failure


def _judge(turn: Turn, live: Live, found: Sequence[Found]) -> Cited:
    """The citations of the answer; without them where the database stays unavailable."""
    try:
        return _patiently(lambda: cite(turn.reply, live.text(), found))
    except UNAVAILABLE:
        logger.exception("citations not judged")
        return not_judged(live.text())


def _copy_upstream(turn: Turn, live: Live, found: Sequence[Found], upstream: Upstream) -> None:
    """Where the model finds the conversation too long, it is asked once more with fewer turns."""
    try:
        _copy_answer(turn, live, _messages(turn, found), upstream)
    except UpstreamContextTooLong:
        shorter = with_fewer_turns(_messages(turn, found))
        if live.length or live.cancelled or not shorter:
            raise
        metrics.request_adapted("fewer_turns")
        logger.info("asked with %d messages: the conversation was too long", len(shorter))
        _copy_answer(turn, live, shorter, upstream)


def _messages(turn: Turn, found: Sequence[Found]) -> list[ChatMessage]:
    return build_messages(
        system_prompt=turn.chat.conversation.system_prompt,
        found=found,
        history=turn.history,
        question=turn.chat.content,
    )


def _copy_answer(
    turn: Turn, live: Live, messages: Sequence[ChatMessage], upstream: Upstream
) -> None:
    options, reply = turn.options, turn.reply
    answer = upstream.open_answer(
        model=reply.model,
        messages=messages,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        request_id=current_request_id(),
        person=reply.user_id,
    )
    del messages  # only the answer holds them, until they are sent
    release_connection()
    answer.coalesce_seconds = gathering_seconds
    live.on_cancel(answer.close)
    try:
        _copy(turn, live, answer)
    finally:
        answer.close()
    reply.prompt_tokens, reply.completion_tokens = answer.prompt_tokens, answer.completion_tokens
    reply.finish_reason = answer.finish_reason


def _copy_board(turn: Turn, live: Live, found: Sequence[Found]) -> None:
    turn.reply.model = board_model.NAME
    _copy(turn, live, board_model.answer(turn.chat.content, found))
    turn.reply.finish_reason = "stop"


def _copy(turn: Turn, live: Live, source: Source) -> None:
    pieces = iter(source)
    first = next(pieces, None)
    if first is None:
        return
    turn.first_token = time.monotonic()
    turn.history = ()  # not held in memory while the answer is written
    for piece in chain([first], pieces):
        if live.cancelled:
            return
        live.append(piece)


def _settle(turn: Turn, live: Live) -> None:
    try:
        turn.is_stored = _patiently(lambda: _end(turn, live))
    except UNAVAILABLE:
        logger.exception("turn not stored; the reaper will end it")


def _patiently(work: Callable[[], T]) -> T:
    """The result of `work`, which is tried for `SETTLE_SECONDS` while the database is unavailable:
    the upstream has been asked, and its answer must not be lost.
    """
    deadline, wait = time.monotonic() + SETTLE_SECONDS, 0.1
    while True:
        try:
            return work()
        except UNAVAILABLE:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(wait)
            wait = min(2.0, wait * 2)


def _end(turn: Turn, live: Live) -> bool:
    reply, content, failure = turn.reply, live.text(), turn.failure
    if live.cancelled == INTERRUPT:
        return finish.fail_turn(reply, failure=TurnInterrupted(), content=content)
    if live.cancelled:
        return finish.finish_turn(
            turn, content=content, finish_reason=STOPPED, status=Status.STOPPED
        )
    if failure:
        return finish.fail_turn(reply, failure=failure, content=content)
    reason = reply.finish_reason
    return finish.finish_turn(turn, content=content, finish_reason=reason, status=Status.DONE)


def _may_fall_back(live: Live, failure: UpstreamFailed) -> bool:
    """Whether the board may answer instead: nothing is written, and the request is not at fault."""
    is_untouched = not live.length and not live.cancelled
    return bool(settings.FALLBACK_TO_BOARD and is_untouched and not failure.is_users_fault)


def _last_turn(turn: Turn) -> str:
    """The answer and the question of the turn before, for finding what a follow-up refers to."""
    before = turn.history[0] if turn.history else ()
    return "\n".join(message["content"][:500] for message in reversed(before[-2:]))
