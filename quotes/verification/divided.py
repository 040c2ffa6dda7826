"""Quotations that their speaker divides: “The price of,” she said, “greatness is responsibility.”

Each part is a span of its own, which may be too short to tell of any line, so it also gets the
words of the whole quotation.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from quotes.verification.forms import SAYS
from quotes.verification.marks import TITLES
from quotes.verification.reading import Reading
from quotes.verification.spans import MARKED, Span
from quotes.verification.surroundings import MARKS

_LONGEST, _MOST_WORDS = 60, 8  # characters and words between two parts
_MOST_PARTS = 4
_SAID = (
    r"(?:말(?:하|했|씀|을)|대?답하|대?답했|묻|물었|외치|외쳤|덧붙|속삭|이야기하|이야기했|썼|적었|했"
    r"|하였|노래)[가-힣]{0,5}"
)
# The quotation goes on behind it, so it ends in no full stop.
_CLAUSE = re.compile(rf"[^.!?:()\n“”\"]*(?:\b{SAYS}\b[^.!?:()\n“”\"]*|(?<!\S){_SAID},?\s*)")


def with_quotations(reading: Reading, spans: Sequence[Span]) -> list[Span]:
    """The spans; those that are parts of one quotation have all words of it as `quotation`."""
    whole = {
        part: " ".join(part.text for part in parts)
        for parts in _runs(reading, spans)
        for part in parts
        if len(parts) > 1
    }
    return [replace(span, quotation=whole.get(span, "")) for span in spans] if whole else [*spans]


def _runs(reading: Reading, spans: Sequence[Span]) -> list[list[Span]]:
    """The parts of each quotation, in order."""
    runs: list[list[Span]] = []
    end = 0
    for span in spans:
        if span.kind != MARKED or span.mark in TITLES or span.begin < end:  # inside another one
            continue
        end = span.stop
        last = runs[-1] if runs else []
        if last and len(last) < _MOST_PARTS and _divides(reading.text[last[-1].stop : span.begin]):
            last.append(span)
        else:
            runs.append([span])
    return runs


def _divides(between: str) -> bool:
    """Whether what stands between two quotations only tells who says both."""
    if len(between) > _LONGEST:
        return False
    clause = between.strip(MARKS)
    return len(clause.split()) <= _MOST_WORDS and bool(_CLAUSE.fullmatch(clause))
