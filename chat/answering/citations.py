"""The quotations of an answer: judged, and repaired as far as QUOTE_POLICY says, before the answer
is stored.

An answer may be of any length, so judging has a time budget. What was judged in time is stored, and
that the rest was not.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from chat.models import Citation, Correction, Judged, Reply
from config.budget import Budget
from config.db.errors import UNAVAILABLE
from quotes.search.find import Found
from quotes.verification.repair import RepairedAnswer, repair_answer
from quotes.verification.verify import verify

logger = logging.getLogger(__name__)

JUDGING_SECONDS = 0.5  # of CPU; an answer of 2,000 characters takes some 3 ms


@dataclass(frozen=True, slots=True)
class Cited:
    """The answer to store, with its citations and its differences from the text that was written.
    `unjudged` is None where all of its quotations were judged.
    """

    content: str
    citations: list[Citation] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    unjudged: Judged | None = None


def cite(  # noqa: PLR0913 - each is a choice of its own
    reply: Reply,
    written: str,
    found: Sequence[Found],
    *,
    question: str = "",
    given: str = "",
    seconds: float = JUDGING_SECONDS,
) -> Cited:
    """Judge what was written as the answer to `question` and to the texts `given` with it. If that
    fails, the answer is kept without citations; a database that is unavailable is raised.
    """
    budget = Budget(seconds)
    try:
        judged = verify(written, found, budget, question=question, given=given)
        mended = repair_answer(written, judged, policy=settings.QUOTE_POLICY, budget=budget)
    except UNAVAILABLE:
        raise
    except Exception:
        logger.exception("citations not judged")
        return not_judged(written)
    unjudged = Judged.PART if budget.is_exceeded else None
    return Cited(mended.text, _citations(reply, mended), _corrections(written, mended), unjudged)


def not_judged(written: str) -> Cited:
    """An answer as it was written, without citations."""
    return Cited(written, unjudged=Judged.NONE if written else None)


def _citations(reply: Reply, mended: RepairedAnswer) -> list[Citation]:
    return [
        Citation(
            reply=reply,
            quote_id=judged.line.id if judged.line else None,
            text=mended.text[judged.span.start : judged.span.end],
            start=judged.span.start,
            end=judged.span.end,
            verdict=judged.verdict,
            match=judged.match,
            difference=judged.difference,
            notes=list(judged.notes),
        )
        for judged in mended.judgements
    ]


def _corrections(written: str, mended: RepairedAnswer) -> list[Correction]:
    return [
        {
            "start": one.start,
            "end": one.end,
            "from": written[one.start : one.end],
            "to": one.text,
        }
        for one in mended.replacements
    ]
