"""Ending a turn.

Each ending is one conditional UPDATE on `status = streaming`. The caller whose UPDATE changes the
row has won and alone settles the unit, on the day that was reserved; all others change nothing.
"""

import logging
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat import metrics
from chat.answering.citations import not_judged
from chat.models import Citation, Reply, Status
from chat.search_text import search_text
from chat.turns import quota
from chat.turns.errors import Failure, TurnInterrupted
from chat.turns.types import Turn
from config.db.constraints import is_reference_to_nothing
from config.db.sql import CteStatement, apply_changes, is_postgresql, update, update_statement

logger = logging.getLogger(__name__)

# A failed continuation changes these columns in the object, but not in the database.
_OF_THE_ANSWER = ["finish_reason", "prompt_tokens", "completion_tokens", "server", "served_as"]


def finish_turn(turn: Turn, *, content: str, finish_reason: str, status: Status) -> bool:
    """Store the answer as done or stopped, with its citations. The unit stays taken, unless the
    turn is free. `content` is the text that was written; the stored text may be corrected. False:
    the turn had ended.
    """
    reply, cited = turn.reply, turn.cited or not_judged(content)
    changes: dict[str, Any] = {
        "status": status,
        "content": cited.content,
        "model": reply.model,
        "finish_reason": finish_reason,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
    }
    changes |= _server(reply)
    if cited.corrections or turn.continues:
        changes["corrections"] = cited.corrections or None
    if cited.unjudged or turn.continues:
        changes["unjudged"] = cited.unjudged
    if turn.stored:
        changes["answered_from"] = turn.stored.answered_at
        changes["answered_alike"] = turn.stored.is_similar
    refunds = turn.is_free and reply.charged_day is not None
    citations = [] if turn.is_free and not turn.stored else cited.citations
    if citations or turn.continues or refunds:
        won = _end_with(citations, reply, changes, refunds=refunds)
    else:
        won = _end(reply, **changes)
    if won:
        _set_citations(reply, citations)
        metrics.turn_ended(outcome=reply.status, model=reply.model)
    return won


def fail_turn(reply: Reply, *, failure: Failure, content: str) -> bool:
    """Store that there is no complete answer, and keep what there is of it. The unit is given back
    where the failure is refunded, up to the day's limit of refunds; then the reply has no
    `charged_day`. False: the turn had ended, and nothing was given back.

    An answer that was being continued is then as it was before (`_fail_continuation`).
    """
    if reply.continued_from is not None:
        return _fail_continuation(reply, failure=failure, written=content)
    day: date | None = reply.charged_day
    is_refundable = failure.refunded and day is not None
    status = Status.INTERRUPTED if isinstance(failure, TurnInterrupted) else Status.FAILED
    changes = {"status": status, "content": content, "error_code": failure.code}
    changes |= _server(reply)
    won = _end_and_refund(reply, changes) if is_refundable else _end(reply, **changes)
    if won:
        _set_citations(reply, [])
        refunded = reply.charged_day is None if is_refundable else None
        metrics.turn_ended(outcome=reply.status, model=reply.model, refunded=refunded)
    return won


def _server(reply: Reply) -> dict[str, str]:
    """What is stored of the server of `UPSTREAMS` that has answered, if one has."""
    return {"server": reply.server, "served_as": reply.served_as} if reply.server else {}


def _fail_continuation(reply: Reply, *, failure: Failure, written: str) -> bool:
    """The answer is again what it was before, with its citations, and has the code of the failure.
    A refunded attempt does not count as the one continuation that an answer may have.
    """
    before = (reply.continued_from, reply.continuation_day)
    content = reply.corrected(written[: reply.continued_from])
    code = failure.code
    refunded: bool | None = None
    try:
        with transaction.atomic(durable=True):
            won = _end(reply, status=Status.DONE, content=content, continuation_error=code)
            if won and failure.refunded:
                refunded = _refund_continuation(reply)
            if won:
                reply.refresh_from_db(fields=_OF_THE_ANSWER)
                _set_citations(reply, list(reply.citations.all()))
    except Exception:
        reply.continued_from, reply.continuation_day = before  # as in `fail_turn`
        raise
    if won:
        metrics.turn_ended(outcome=_outcome(reply), model=reply.model, refunded=refunded)
    return won


def _refund_continuation(reply: Reply) -> bool | None:
    """Whether its unit was given back; None where it took none."""
    day, token_id = reply.continuation_day, reply.continuation_token_id
    refunded = None
    if day:
        refunded = quota.give_back(user_id=reply.user_id, day=day, personal_token_id=token_id)
    if refunded is not False:
        update(reply, continued_from=None, continuation_day=None)
    return refunded


def _outcome(reply: Reply) -> str:
    """How the last attempt to write or continue a stored reply ended."""
    if not reply.continuation_error or reply.status == Status.STREAMING:
        return reply.status
    is_interrupted = reply.continuation_error == TurnInterrupted.default_code
    return Status.INTERRUPTED if is_interrupted else Status.FAILED


def log_end(reply: Reply, *, seconds: float, first_token: float | None = None) -> None:
    """The one log line of a turn: ids, codes and counts, no text of the user or the model. Both
    times are in seconds from its start. `status` is `streaming` where another process has ended
    the turn, or none has yet.
    """
    outcome = _outcome(reply)
    logger.info(
        "turn %s",
        outcome,
        extra={
            "status": outcome,
            "reply": reply.pk,
            "chat": reply.chat_id,
            "user": reply.user_id,
            "model": reply.model,
            "server": reply.server,
            "error_code": reply.continuation_error or reply.error_code,
            "finish_reason": reply.finish_reason,
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "first_token_ms": None if first_token is None else round(first_token * 1000),
            "ms": round(seconds * 1000),
        },
    )


def _end(reply: Reply, **changes: Any) -> bool:
    return update(reply, only_if="status = 'streaming'", **_with_end(changes))


def _end_and_refund(
    reply: Reply, changes: dict[str, Any], citations: Sequence[Citation] = ()
) -> bool:
    """The ending, and the unit given back by the caller that has ended the turn."""
    day = reply.charged_day
    try:
        with transaction.atomic(durable=True):
            won = _end(reply, **changes)
            if won:
                Citation.objects.bulk_create(citations)
                _refund(reply)
    except Exception:
        reply.charged_day = day  # nothing was stored, so a retry must give the unit back
        raise
    return won


def _end_with(
    citations: Sequence[Citation], reply: Reply, changes: dict[str, Any], *, refunds: bool
) -> bool:
    try:
        if refunds:
            return _end_and_refund(reply, changes, citations)
        if is_postgresql() and reply.continued_from is None:
            return _end_in_one_statement(citations, reply, changes)
        with transaction.atomic(durable=True):
            won = _end(reply, **changes)
            if won:
                if reply.continued_from is not None:
                    Citation.objects.filter(reply=reply).delete()  # of the text up to there
                Citation.objects.bulk_create(citations)
    except IntegrityError as error:
        if not (is_reference_to_nothing(error) and any(one.quote_id for one in citations)):
            raise
        # A cited quote was withdrawn while the answer was written.
        for citation in citations:
            citation.pk = citation.quote_id = None  # the key was rolled back with its row
        return _end_with(citations, reply, changes, refunds=refunds)
    return won


def _end_in_one_statement(
    citations: Sequence[Citation], reply: Reply, changes: dict[str, Any]
) -> bool:
    changes = _with_end(changes)
    ending, values = update_statement(reply, changes)
    parts = CteStatement()
    parts.add("ended", f"{ending} AND status = 'streaming' RETURNING id", values)
    for number, citation in enumerate(citations):
        parts.insert(f"citation{number}", citation, "ended", reply_id="ended.id")
    won = parts.run("SELECT id FROM ended") is not None
    if won:
        apply_changes(reply, changes)
    return won


def _with_end(changes: dict[str, Any]) -> dict[str, Any]:
    """With the columns that every ending sets. The search text changes with the content."""
    found_by = search_text(changes["content"])
    return {**changes, "finished_at": timezone.now(), "search_text": found_by}


def _refund(reply: Reply) -> None:
    day = reply.charged_day
    token_id = reply.personal_token_id
    if day and quota.give_back(user_id=reply.user_id, day=day, personal_token_id=token_id):
        update(reply, charged_day=None)


def _set_citations(reply: Reply, citations: Sequence[Citation]) -> None:
    """As prefetched, so that the response needs no query for what was stored just now."""
    reply._prefetched_objects_cache = {"citations": citations}  # type: ignore[attr-defined]  # noqa: SLF001
