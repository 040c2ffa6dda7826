"""Repairing a judged answer according to `policy` (QUOTE_POLICY, ADR 0013).

    mark    changes nothing
    repair  replaces altered words, and the same words with other marks, by the board's
    strict  the same, and removes the quotation marks around invented words

Code is never changed, nor words that the answer itself calls wrong.

The changes are returned as replacements, from which either text can be computed from the other.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate

from config.budget import Budget, OutOfTime
from quotes.verification.compare import Difference, words_left_out
from quotes.verification.judgement import Judgement, is_long_enough
from quotes.verification.markdown import HIDDEN
from quotes.verification.reading import Range, read
from quotes.verification.spans import MARKED, Span, find_spans

# What stands before the words of a line in a block quote, also of one in a list.
_PREFIX = re.compile(
    r"(?P<before>[ \t]{0,12}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}){0,3})(?P<marks>(?:>[ ]?)+)"
)


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
    replacements = [_with_board_words(answer, one) for one in judgements if _is_mended(one)]
    if policy == "strict":
        invented = [one.span for one in judgements if _is_invented(one)]
        false = _false_marks(answer, invented, judgements, budget or Budget())
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


def _is_mended(one: Judgement) -> bool:
    is_wrong = one.verdict in {"altered", "same_words"} and "told_as_wrong" not in one.notes
    return is_wrong and HIDDEN not in one.span.text


def _is_invented(one: Judgement) -> bool:
    return one.verdict == "unknown" and "told_as_wrong" not in one.notes


def _with_board_words(answer: str, judgement: Judgement) -> Replacement:
    """A line keeps its line breaks in a block quote; elsewhere they become spaces."""
    span = judgement.span
    prefix = _PREFIX.match(answer, answer.rfind("\n", 0, span.start) + 1, span.start)
    between = "\n" + " " * len(prefix["before"]) + prefix["marks"] if prefix else " "
    lines = filter(None, map(str.strip, _wording(judgement).split("\n")))
    return Replacement(span.start, span.end, between.join(lines))


def _wording(judgement: Judgement) -> str:
    """The line's own words; where only a part of it was quoted, that part's."""
    line = judgement.line.content if judgement.line else judgement.span.text
    words, parts = line.split(), judgement.difference
    begin = _words_left_out(parts)
    end = len(words) - _words_left_out(parts[::-1])
    part = " ".join(words[begin:end]).rstrip(",;:-–—― ")
    return part if end - begin < len(words) and words_left_out(part, line) is not None else line


def _words_left_out(parts: Difference) -> int:
    """How many words are missing before the first that is the same."""
    begins_inside = [kind for kind, _ in parts[:2]] == ["missing", "same"]
    return len(parts[0][1].split()) if begins_inside else 0


def _false_marks(
    answer: str, invented: Sequence[Span], judgements: Sequence[Judgement], budget: Budget
) -> list[Range]:
    """The quotation marks around and inside invented words, and the marks of block quotes that
    contain nothing else.
    """
    if not invented:
        return []
    known = [one.span for one in judgements if one.line]
    marks = {mark for span in invented for mark in span.marks}
    with suppress(OutOfTime):
        for span in find_spans(read(answer), budget):
            budget.give_way()
            if span.kind == MARKED and _is_in(span, invented) and is_long_enough(span.text):
                marks.update(span.marks)
            if span.kind != MARKED and _touch(span, invented) and not _touch(span, known):
                marks.update(_block_marks(answer, span))
    return sorted(marks)


def _block_marks(answer: str, span: Span) -> Iterator[Range]:
    """The marks at the beginnings of the lines of a block quote."""
    at = answer.rfind("\n", 0, span.start) + 1
    while 0 <= at < span.end:
        if prefix := _PREFIX.match(answer, at):
            yield prefix.span("marks")
        at = answer.find("\n", at) + 1 or span.end


def _is_in(span: Span, places: Iterable[Span]) -> bool:
    return any(place.start <= span.start and span.end <= place.end for place in places)


def _touch(span: Span, others: Iterable[Span]) -> bool:
    return any(other.start < span.end and span.start < other.end for other in others)


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
    moved = replace(judgement, span=replace(span, text=text[start:end], start=start, end=end))
    if _is_mended(judgement):
        return _repaired(moved)
    if _is_invented(judgement) and policy == "strict":
        return replace(moved, notes=(*notes, "unquoted"))
    return moved


def _repaired(judgement: Judgement) -> Judgement:
    """The span has the board's words now; `difference` still has the original ones."""
    is_whole = judgement.line is not None and _wording(judgement) == judgement.line.content
    verdict, match = ("verbatim", "exact") if is_whole else ("excerpt", "excerpt")
    return replace(judgement, verdict=verdict, match=match, notes=(*judgement.notes, "repaired"))
