"""Mending a judged answer, as far as `policy` says; ADR 0013.

    mark    nothing: the judgements are all that is told
    repair  altered words give way to the board's
    strict  the same, and invented words lose the marks that make them a quotation

What was changed is told as corrections, so that either text can be had from the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from quotes.spans import Range, Span, find_blocks, find_spans, prefix_at
from quotes.verify import Difference, Judgement, is_excerpt, is_long_enough


@dataclass(frozen=True, slots=True)
class Correction:
    """Characters `start` to `end` of the answer as it was written, and what stands there now."""

    start: int
    end: int
    text: str

    @property
    def growth(self) -> int:
        return len(self.text) - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Mended:
    """`judgements` speak of the mended text, whose spans they name."""

    text: str
    judgements: Sequence[Judgement]
    corrections: Sequence[Correction] = ()


def mend(answer: str, judgements: Sequence[Judgement], *, policy: str) -> Mended:
    """What is shown and stored instead of the answer, of which these are the judgements."""
    if policy == "mark":
        return Mended(answer, judgements)
    corrections = [_repair(answer, one) for one in judgements if one.verdict == "altered"]
    if policy == "strict":
        corrections += [Correction(*mark, "") for mark in _false_marks(answer, judgements)]
    corrections.sort(key=lambda one: one.start)
    text = correct(answer, corrections)
    mended = [_moved(one, text, corrections, policy) for one in judgements]
    return Mended(text, mended, corrections)


def correct(answer: str, corrections: Iterable[Correction]) -> str:
    """The answer with all corrections, which are in its order, each of a place of its own."""
    parts, at = [], 0
    for one in corrections:
        parts += [answer[at : one.start], one.text]
        at = one.end
    return "".join([*parts, answer[at:]])


def _repair(answer: str, judgement: Judgement) -> Correction:
    """In a block quote the board's line keeps its line breaks, elsewhere it is one paragraph's."""
    span = judgement.span
    between = "\n" + prefix if (prefix := prefix_at(answer, span.start)) else " "
    lines = filter(None, map(str.strip, _wording(judgement).split("\n")))
    return Correction(span.start, span.end, between.join(lines))


def _wording(judgement: Judgement) -> str:
    """The line's own words; of a long one, those of the part that was quoted."""
    line = judgement.line.content if judgement.line else judgement.span.text
    words, parts = line.split(), judgement.difference
    begin = _left_out(parts)
    end = len(words) - _left_out(parts[::-1])
    part = " ".join(words[begin:end]).rstrip(",;:-–—― ")
    return part if end - begin < len(words) and is_excerpt(part, line) else line


def _left_out(parts: Difference) -> int:
    """How many words are missing before the first that is the same."""
    begins_inside = [kind for kind, _ in parts[:2]] == ["missing", "same"]
    return len(parts[0][1].split()) if begins_inside else 0


def _false_marks(answer: str, judgements: Sequence[Judgement]) -> list[Range]:
    """Quotation marks around invented words, also inside of them, and the marks of block quotes
    that hold nothing else.
    """
    places = [(one.span.start, one.span.end, one.verdict) for one in judgements]
    invented = [(start, end) for start, end, verdict in places if verdict == "unknown"]
    known = [(start, end) for start, end, verdict in places if verdict != "unknown"]
    marks = {
        mark
        for span in find_spans(answer)
        if is_long_enough(span.text) and _is_in(span, invented)
        for mark in span.marks
    }
    for block, beginnings in find_blocks(answer):
        if _touch(block, invented) and not _touch(block, known):
            marks.update(beginnings)
    return sorted(marks)


def _is_in(span: Span, places: Iterable[Range]) -> bool:
    return any(start <= span.start and span.end <= end for start, end in places)


def _touch(place: Range, others: Iterable[Range]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in others)


def _moved(
    judgement: Judgement, text: str, corrections: Sequence[Correction], policy: str
) -> Judgement:
    """The judgement of the same span in the mended text."""
    span, notes = judgement.span, judgement.notes
    start = span.start + sum(one.growth for one in corrections if one.end <= span.start)
    end = span.end + sum(one.growth for one in corrections if one.end <= span.end)
    moved = replace(judgement, span=Span(text[start:end], start, end))
    if judgement.verdict == "altered":
        return _repaired(moved)
    if judgement.verdict == "unknown" and policy == "strict":
        return replace(moved, notes=(*notes, "unquoted"))
    return moved


def _repaired(judgement: Judgement) -> Judgement:
    """It has the board's words now; `difference` still tells which it had."""
    is_whole = judgement.line is not None and _wording(judgement) == judgement.line.content
    verdict, match = ("verbatim", "exact") if is_whole else ("excerpt", "excerpt")
    return replace(judgement, verdict=verdict, match=match, notes=(*judgement.notes, "repaired"))
