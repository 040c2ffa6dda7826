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


def finish_turn(turn: Turn, *, content: str, finish_reason: str, status: Status) -> bool:
    """Store the answer as done or stopped, with its citations; the unit stays taken. `content` is
    the text that was written; the stored text may be corrected. False: the turn had ended.
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
    if cited.corrections:
        changes["corrections"] = cited.corrections
    if cited.unjudged:
        changes["unjudged"] = cited.unjudged
    citations = cited.citations
    won = _end_with(citations, reply, changes) if citations else _end(reply, **changes)
    if won:
        _set_citations(reply, citations)
        metrics.turn_ended(outcome=reply.status, model=reply.model)
    return won


def fail_turn(reply: Reply, *, failure: Failure, content: str) -> bool:
    """Store that there is no complete answer, and keep what there is of it. The unit is given back
    where the failure is refunded, up to the day's limit of refunds; then the reply has no
    `charged_day`. False: the turn had ended, and nothing was given back.
    """
    day: date | None = reply.charged_day
    is_refundable = failure.refunded and day is not None
    status = Status.INTERRUPTED if isinstance(failure, TurnInterrupted) else Status.FAILED
    try:
        with transaction.atomic(durable=True):
            won = _end(reply, status=status, content=content, error_code=failure.code)
            if won and is_refundable:
                _refund(reply)
    except Exception:
        reply.charged_day = day  # nothing was stored, so a retry must give the unit back
        raise
    if won:
        _set_citations(reply, [])
        refunded = reply.charged_day is None if is_refundable else None
        metrics.turn_ended(outcome=reply.status, model=reply.model, refunded=refunded)
    return won


def log_end(reply: Reply, *, seconds: float, first_token: float | None = None) -> None:
    """The one log line of a turn: ids, codes and counts, no text of the user or the model. Both
    times are in seconds from its start. `status` is `streaming` where another process has ended
    the turn, or none has yet.
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


def _end(reply: Reply, **changes: Any) -> bool:
    return update(reply, only_if="status = 'streaming'", **_with_end(changes))


def _end_with(citations: Sequence[Citation], reply: Reply, changes: dict[str, Any]) -> bool:
    try:
        if is_postgresql():
            return _end_in_one_statement(citations, reply, changes)
        with transaction.atomic(durable=True):
            won = _end(reply, **changes)
            if won:
                Citation.objects.bulk_create(citations)
    except IntegrityError as error:
        if not (is_reference_to_nothing(error) and any(one.quote_id for one in citations)):
            raise
        # A cited quote was withdrawn while the answer was written.
        for citation in citations:
            citation.pk = citation.quote_id = None  # the key was rolled back with its row
        return _end_with(citations, reply, changes)
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
