"""Generating an answer: find lines, ask the model, judge the quotations, and end the turn.

No transaction is open here, and no database connection is held while waiting for the upstream.
"""

import contextvars
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Protocol, TypeVar

from django.conf import settings
from django.db import connection

from chat import metrics
from chat.answering import board_model
from chat.answering.citations import Cited, cite, not_judged
from chat.answering.fewer_turns import with_fewer_turns
from chat.answering.prompts import build_messages, shown_lines
from chat.answering.quote_ids import QuoteIds, quotes_by_id
from chat.attachments.errors import AttachmentLost
from chat.attachments.reading import Files, files_of
from chat.live.registry import gathering_seconds, registry
from chat.live.streams import INTERRUPT, Live
from chat.models import Status
from chat.turns import afterwards, answered_before, finish, servers
from chat.turns.errors import TurnCrashed, TurnInterrupted, TurnWithoutDatabase
from chat.turns.types import Turn
from chat.upstream import (
    Attempts,
    ChatMessage,
    Deployment,
    Upstream,
    UpstreamContextTooLong,
    UpstreamFailed,
    Use,
)
from config import tracing
from config.api.request_id import current_request_id
from config.db.connections import release_connection
from config.db.errors import UNAVAILABLE
from quotes.board import featured
from quotes.search import find
from quotes.search.find import Found

logger = logging.getLogger(__name__)

T = TypeVar("T")

SETTLE_SECONDS = 120.0  # for judging and for storing a written answer, with retries
_PAST_EXCHANGES, _PAST_CHARACTERS = 10, 2000  # that a search reads: exchanges; of each message
STOPPED = "stopped"  # the finish reason of an answer that its user stopped


class Source(Protocol):
    """Yields the text of an answer: an upstream's `Answer`, or the board."""

    def __iter__(self) -> Iterator[str]: ...


def spawn(turn: Turn, *, upstream: Upstream | None = None) -> None:
    """Generate the answer to a new turn in the background (a greenlet under gevent, else a thread),
    so that it continues when its reader leaves. A stored answer is given at once, by the caller's
    own connection. Does nothing for the turn of an earlier request.
    """
    if turn.stored or not settings.GENERATE_IN_BACKGROUND:
        generate(turn, upstream=upstream)
    elif turn.is_new:
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(_detached, turn, upstream), daemon=True).start()


def generate(turn: Turn, *, upstream: Upstream | None = None) -> None:
    """Generate the answer to a new turn and end the turn. Does nothing for the turn of an earlier
    request. Never raises: the outcome is in `turn.reply`, in the database and in the live text.
    Without `upstream` it is the one that the settings name, or one of `UPSTREAMS`.
    """
    if not turn.is_new:
        return
    if turn.live is None:
        raise ValueError("a new turn has a live text")
    reply = turn.reply
    with tracing.span("answer", reply=reply.pk, chat=reply.chat_id, model=reply.model):
        _generate(turn, turn.live, upstream)


def _generate(turn: Turn, live: Live, upstream: Upstream | None) -> None:
    try:
        try:
            turn.failure = _write(turn, live, upstream)
        except UNAVAILABLE as error:
            logger.error("turn failed, database unavailable: %s", type(error).__name__)  # noqa: TRY400
            turn.failure = TurnWithoutDatabase()
        except AttachmentLost as error:
            turn.failure = error
        except Exception:
            logger.exception("turn crashed")
            turn.failure = TurnCrashed()
        written = time.monotonic()
        with tracing.span("store answer"):
            _settle(turn, live)
            answered_before.store(turn)
    finally:
        registry.close(turn.reply.stream_id)
    _report(turn, written)
    afterwards.start(turn)


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
            tokens=None if turn.continues else turn.reply.completion_tokens,
        )
    seconds = time.monotonic() - turn.started
    finish.log_end(turn.reply, seconds=seconds, first_token=wait)


def _write(turn: Turn, live: Live, upstream: Upstream | None) -> UpstreamFailed | None:
    """Append the answer to the live text, and judge it. Returns the upstream's failure, if any."""
    if answered_before.give(turn, live):
        turn.cited = turn.cited or _judge(turn, live, ())
        return None
    with tracing.span("find lines"):
        found = _find(turn)
    turn.files = _files(turn)
    turn.given = [one.text for some in turn.files.values() for one in some if one.text]
    failure = None
    if turn.reply.model == board_model.NAME:
        _copy_board(turn, live, found)
    else:
        try:
            _ask_servers(turn, live, found, upstream)
        except UpstreamFailed as error:
            if _may_fall_back(turn, live, error):
                _copy_board(turn, live, found)
            else:
                failure = error
    if not failure:
        with tracing.span("judge quotations"):
            turn.cited = _judge(turn, live, found)
    return failure


def _find(turn: Turn) -> list[Found]:
    """The lines for the answer. The line of the day is the first of them where it is asked for."""
    question = turn.chat.content
    limit = settings.QUOTE_LINES
    found = find.find(question=question, limit=limit, before=lambda: _past_exchanges(turn))
    if not find.asks_for_line_of_day(question):
        return found
    today = featured.found_for_day(board_model.language_of(question))
    ids = {line.id for line in today}
    return [*today, *(line for line in found if line.id not in ids)][:limit]


def _files(turn: Turn) -> Files:
    """Those that go with the question and with the turns before it. Mostly there are none, and this
    costs nothing.
    """
    before = {key for past in turn.history for one in past if (key := one.get("asked_in"))}
    if not (turn.chat.attachment_count or before):
        return {}
    with tracing.span("read files"):
        return files_of(turn.chat.pk, before)


def _judge(turn: Turn, live: Live, found: Sequence[Found]) -> Cited:
    """The citations of the answer; without them where the database stays unavailable."""
    try:
        question = turn.chat.content
        given = "\n\n".join(turn.given)
        return _patiently(
            lambda: cite(turn.reply, live.text(), found, question=question, given=given)
        )
    except UNAVAILABLE:
        logger.exception("citations not judged")
        return not_judged(live.text())


def _ask_servers(turn: Turn, live: Live, found: Sequence[Found], upstream: Upstream | None) -> None:
    """Ask one of the servers that have the model after another, until one has begun to answer.
    Raises how the last one failed, or why none could be asked.
    """
    attempts = Attempts(servers.servers_for(turn, upstream), reply=turn.reply.pk)
    while True:
        use = attempts.next(lambda one: servers.most_tokens(turn, _messages(turn, found, one)))
        servers.note(turn.reply, use.deployment)
        try:
            with use:
                _ask_server(turn, live, found, use)
        except UpstreamFailed as failure:
            is_untouched = live.length == len(turn.begun) and not live.cancelled
            goes_on = is_untouched and servers.may_ask_another(failure)
            attempts.failed(use.deployment, failure, goes_on=goes_on)
            if not goes_on:
                raise
        else:
            return


def _ask_server(turn: Turn, live: Live, found: Sequence[Found], use: Use) -> None:
    """Where the model finds the conversation too long, it is asked once more with fewer turns."""
    try:
        _copy_answer(turn, live, _messages(turn, found, use.deployment), use, found)
    except UpstreamContextTooLong:
        messages = _messages(turn, found, use.deployment)
        shorter = with_fewer_turns(messages, asking=3 if turn.continues else 1)
        if live.length > len(turn.begun) or live.cancelled or not shorter:
            raise
        metrics.request_adapted("fewer_turns")
        logger.info("asked with %d messages: the conversation was too long", len(shorter))
        _copy_answer(turn, live, shorter, use, found)


def _quote_ids(turn: Turn, found: Sequence[Found]) -> QuoteIds:
    is_on = found and quotes_by_id(turn.reply.model)
    return QuoteIds(partial(shown_lines, found), before=turn.begun) if is_on else QuoteIds()


def _messages(turn: Turn, found: Sequence[Found], deployment: Deployment) -> list[ChatMessage]:
    turn.lines = frozenset(line.id for line in found)
    return build_messages(
        by_id=quotes_by_id(turn.reply.model),
        system_prompt=turn.chat.conversation.system_prompt,
        found=found,
        history=turn.history,
        question=turn.chat.content,
        begun=turn.begun,
        context_tokens=deployment.context_tokens(turn.options.max_tokens),
        files=turn.files,
        asked_in=turn.chat.pk,
        sees=deployment.sees,
    )


def _copy_answer(
    turn: Turn,
    live: Live,
    messages: Sequence[ChatMessage],
    use: Use,
    found: Sequence[Found],
) -> None:
    options, reply = turn.options, turn.reply
    answer = use.deployment.upstream.open_answer(
        model=reply.model,
        messages=messages,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        request_id=current_request_id(),
        person=reply.user_id,
        may_retry=use.may_retry,
    )
    del messages  # only the answer holds them, until they are sent
    release_connection()
    answer.coalesce_seconds = gathering_seconds
    if not live.reasoning:  # else a server before this one has thought, and readers have seen it
        answer.on_reasoning = live.think
    live.on_cancel(answer.close)
    try:
        _copy(turn, live, answer, _quote_ids(turn, found))
    finally:
        answer.close()
    use.count(answer.prompt_tokens, answer.completion_tokens)
    reply.prompt_tokens = _total(turn, reply.prompt_tokens, answer.prompt_tokens)
    reply.completion_tokens = _total(turn, reply.completion_tokens, answer.completion_tokens)
    reply.finish_reason = answer.finish_reason


def _total(turn: Turn, before: int | None, now: int | None) -> int | None:
    """The tokens of an answer, with those before it was continued; None where they are unknown."""
    if not turn.continues or now is None:
        return now
    return None if before is None else before + now


def _copy_board(turn: Turn, live: Live, found: Sequence[Found]) -> None:
    """Small talk costs nothing: it asks for no line, and no model was called."""
    turn.reply.model = board_model.NAME
    turn.reply.server = turn.reply.served_as = ""
    turn.is_free = board_model.is_small_talk(turn.chat.content, board_model.NAME)
    answer = board_model.answer(turn.chat.content, found)
    _copy(turn, live, answer, QuoteIds())
    turn.reply.finish_reason = "stop"


def _copy(turn: Turn, live: Live, source: Source, ids: QuoteIds) -> None:
    pieces = iter(source)
    first = next(pieces, None)
    if first is None:
        return
    turn.first_token = time.monotonic()
    turn.history, turn.files = (), {}  # not held in memory while the answer is written
    try:
        for piece in chain([first], pieces):
            if live.cancelled:
                return
            if text := ids.feed(piece):
                live.append(text)
    finally:
        if held := ids.end():
            live.append(held)


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


def _may_fall_back(turn: Turn, live: Live, failure: UpstreamFailed) -> bool:
    """Whether the board may answer instead: nothing is written, the request is not at fault, and no
    file goes with the question, since the board reads none.
    """
    is_untouched = not live.length and not live.cancelled
    may_answer = is_untouched and not turn.chat.attachment_count
    return bool(settings.FALLBACK_TO_BOARD and may_answer and not failure.is_users_fault)


def _past_exchanges(turn: Turn) -> list[find.Exchange]:
    """The exchanges before the question, newest first, for finding what it points back to."""
    exchanges = []
    for messages in turn.history[:_PAST_EXCHANGES]:
        texts = {message["role"]: message["content"][:_PAST_CHARACTERS] for message in messages}
        exchanges.append(find.Exchange(texts.get("user", ""), texts.get("assistant", "")))
    return exchanges
