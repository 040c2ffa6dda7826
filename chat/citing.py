"""What an answer quotes: judged, and mended as far as QUOTE_POLICY says, before it is stored."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from chat.models import Citation, Correction, Reply
from quotes.mending import Mended, mend
from quotes.search import Found
from quotes.verify import verify

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cited:
    """The answer to store, with the places of its quotations, and how it differs from `written`."""

    content: str
    citations: list[Citation] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)


def cite(reply: Reply, written: str, found: Sequence[Found]) -> Cited:
    """Judge what was written. A fault in it costs the citations, never the answer."""
    try:
        mended = mend(written, verify(written, found), policy=settings.QUOTE_POLICY)
    except Exception:
        logger.exception("citations not judged")
        return Cited(written)
    return Cited(mended.text, _citations(reply, mended), _corrections(written, mended))


def _citations(reply: Reply, mended: Mended) -> list[Citation]:
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


def _corrections(written: str, mended: Mended) -> list[Correction]:
    return [
        {
            "start": one.start,
            "end": one.end,
            "from": written[one.start : one.end],
            "to": one.text,
        }
        for one in mended.corrections
    ]
