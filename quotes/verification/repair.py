"""Repairing a judged answer according to `policy` (QUOTE_POLICY, ADR 0013).

    mark    changes nothing
    repair  replaces altered words by the board's
    strict  the same, and removes the quotation marks around invented words

The changes are returned as replacements, from which either text can be computed from the other.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from config.budget import Budget
from quotes.verification.spans import Range, Span, find_blocks, find_spans, prefix_at
from quotes.verification.verify import Difference, Judgement, is_excerpt, is_long_enough


@dataclass(frozen=True, slots=True)
class Replacement:
    """The text that replaces characters `start` to `end` of the answer as it was written."""

    start: int
    end: int
    text: str

    @property
    def growth(self) -> int:
        return len(self.text) - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class RepairedAnswer:
    """The spans of `judgements` are places in `text`."""

    text: str
    judgements: Sequence[Judgement]
    replacements: Sequence[Replacement] = ()


def repair_answer(
    answer: str, judgements: Sequence[Judgement], *, policy: str, budget: Budget | None = None
) -> RepairedAnswer:
    """The text to show and store instead of the answer with these judgements. It is always repaired
    completely; the budget only says when to give way to other work.
    """
    if policy == "mark" or not judgements:
        return RepairedAnswer(answer, judgements)
    replacements = [
        _with_board_words(answer, one) for one in judgements if one.verdict == "altered"
    ]
    if policy == "strict":
        false = _false_marks(answer, judgements, budget or Budget())
        replacements += [Replacement(*mark, "") for mark in false]
    replacements.sort(key=lambda one: one.start)
    text, growth = replace_all(answer, replacements), _Growth(replacements)
    moved = [_moved(one, text, growth, policy) for one in judgements]
    return RepairedAnswer(text, moved, replacements)


def replace_all(answer: str, replacements: Iterable[Replacement]) -> str:
    """The answer with all replacements, which are in order and don't overlap."""
    parts, at = [], 0
    for one in replacements:
        parts += [answer[at : one.start], one.text]
        at = one.end
    return "".join([*parts, answer[at:]])


def _with_board_words(answer: str, judgement: Judgement) -> Replacement:
    """A line keeps its line breaks in a block quote; elsewhere they become spaces."""
    span = judgement.span
    between = "\n" + prefix if (prefix := prefix_at(answer, span.start)) else " "
    lines = filter(None, map(str.strip, _wording(judgement).split("\n")))
    return Replacement(span.start, span.end, between.join(lines))


def _wording(judgement: Judgement) -> str:
    """The line's own words; where only a part of it was quoted, that part's."""
    line = judgement.line.content if judgement.line else judgement.span.text
    words, parts = line.split(), judgement.difference
    begin = _words_left_out(parts)
    end = len(words) - _words_left_out(parts[::-1])
    part = " ".join(words[begin:end]).rstrip(",;:-–—― ")
    return part if end - begin < len(words) and is_excerpt(part, line) else line


def _words_left_out(parts: Difference) -> int:
    """How many words are missing before the first that is the same."""
    begins_inside = [kind for kind, _ in parts[:2]] == ["missing", "same"]
    return len(parts[0][1].split()) if begins_inside else 0


def _false_marks(answer: str, judgements: Sequence[Judgement], budget: Budget) -> list[Range]:
    """The quotation marks around and inside invented words, and the marks of block quotes that
    contain nothing else.
    """
    places = [(one.span.start, one.span.end, one.verdict) for one in judgements]
    invented = [(start, end) for start, end, verdict in places if verdict == "unknown"]
    known = [(start, end) for start, end, verdict in places if verdict != "unknown"]
    if not invented:
        return []
    marks: set[Range] = set()
    for span in find_spans(answer):
        budget.give_way()
        if _is_in(span, invented) and is_long_enough(span.text):
            marks.update(span.marks)
    for block, beginnings in find_blocks(answer):
        budget.give_way()
        if _touch(block, invented) and not _touch(block, known):
            marks.update(beginnings)
    return sorted(marks)


def _is_in(span: Span, places: Iterable[Range]) -> bool:
    return any(start <= span.start and span.end <= end for start, end in places)


def _touch(place: Range, others: Iterable[Range]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in others)


class _Growth:
    """How far sorted replacements move a place of the text."""

    def __init__(self, replacements: Sequence[Replacement]) -> None:
        self._ends = [one.end for one in replacements]
        self._sums = [0, *accumulate(one.growth for one in replacements)]

    def until(self, place: int) -> int:
        return self._sums[bisect_right(self._ends, place)]


def _moved(judgement: Judgement, text: str, growth: _Growth, policy: str) -> Judgement:
    """The judgement with its span in the repaired text."""
    span, notes = judgement.span, judgement.notes
    start = span.start + growth.until(span.start)
    end = span.end + growth.until(span.end)
    moved = replace(judgement, span=Span(text[start:end], start, end))
    if judgement.verdict == "altered":
        return _repaired(moved)
    if judgement.verdict == "unknown" and policy == "strict":
        return replace(moved, notes=(*notes, "unquoted"))
    return moved


def _repaired(judgement: Judgement) -> Judgement:
    """The span has the board's words now; `difference` still has the original ones."""
    is_whole = judgement.line is not None and _wording(judgement) == judgement.line.content
    verdict, match = ("verbatim", "exact") if is_whole else ("excerpt", "excerpt")
    return replace(judgement, verdict=verdict, match=match, notes=(*judgement.notes, "repaired"))
