"""The quoted spans of an answer: straight, curly, Korean and other quotation marks, and Markdown's
block quotes.

Code is skipped, and so are titles in 『』 and 《》. Quotations inside a quotation are spans, too.
Of a very long answer, only the beginning is read.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from config.budget import Budget, OutOfTime
from quotes.text.markdown_code import code_ranges

READ_CHARACTERS = 100_000  # of an answer; usual models write 40,000 at most
_LONGEST = 1200
_TITLE = re.compile(r"『[^『』]*』|《[^《》]*》")
_PAIRS = ("“”", "„“", "„”", "‟”", "«»", "»«", "「」", "＂＂", "〝〞", "〝〟", "‹›")
_MARKS = (
    *(f"{a}(?P<t{n}>[^{a}{b}]{{1,{_LONGEST}}}){b}" for n, (a, b) in enumerate(map(tuple, _PAIRS))),
    # Straight ones close in their paragraph; single ones are apostrophes inside a word.
    rf"(?<![\w\"])\"(?P<d>(?:(?!\n\s*\n)[^\"]){{1,{_LONGEST}}})\"",
    rf"‘(?P<c>(?:[^‘’]|(?<=\w)’(?=\w)){{1,{_LONGEST}}})’",
    rf"(?<!\w)'(?P<s>(?:[^'\n]|(?<=\w)'(?=\w)){{1,{_LONGEST}}})'(?!\w)",
)
_QUOTED = [re.compile(mark) for mark in _MARKS]
_OPENINGS = {*(pair[0] for pair in _PAIRS), '"', "‘", ">"}
_SINGLE = re.compile(r"'(?<!\w')")  # no apostrophe; fast to search, as it begins with the mark
_BLOCK = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_PREFIX = re.compile(r"^[ ]{0,3}(?:>[ ]?)+", re.MULTILINE)
_BY = re.compile(r"\n[ ]{0,3}(?:>[ ]?)+\s*(?:[-–—―]{1,2}|\()\s*\S")
_BY_ON_THE_LINE = re.compile(r"(?<=\s)(?:[-–—―]{1,2}\s*|\()[^\n()]{1,80}\)?\Z")
_LONGEST_NAME = 200  # characters from the dash to the end

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the answer. `text` has no block quote prefixes. `marks` are
    the places of its quotation marks; empty in a block quote.
    """

    text: str
    start: int
    end: int
    marks: tuple[Range, ...] = ()


def find_spans(answer: str, budget: Budget | None = None) -> list[Span]:
    """The spans in the order of the answer, outer ones before those inside them. Spans for which
    there is no time are left out, and `budget.is_exceeded` is set.
    """
    budget = budget or Budget()
    is_whole, answer = len(answer) <= READ_CHARACTERS, answer[:READ_CHARACTERS]
    if not _may_quote(answer):
        return []
    plain = _blanked(answer)
    spans: dict[Range, Span] = {}  # by start and negative end, which sorts outer ones first
    with suppress(OutOfTime):
        for span in _marked(answer, plain, budget):
            spans[span.start, -span.end] = span
        starts = sorted(start for start, _ in spans)
        for span in _blocks(answer, plain, is_whole=is_whole):
            budget.check()
            if not _any_in(span, starts):
                spans[span.start, -span.end] = span
    return [spans[place] for place in sorted(spans)]


def _any_in(span: Span, starts: list[int]) -> bool:
    """Whether one of the sorted places is within the span."""
    place = bisect_left(starts, span.start)
    return place < len(starts) and starts[place] < span.end


def _may_quote(answer: str) -> bool:
    """A cheap check: most answers without a quotation have no opening mark."""
    return any(mark in answer for mark in _OPENINGS) or bool(
        "'" in answer and _SINGLE.search(answer)
    )


def find_blocks(answer: str) -> list[tuple[Range, list[Range]]]:
    """The places of the answer's block quotes, each with the prefixes of its lines."""
    answer = answer[:READ_CHARACTERS]
    return [
        (match.span(), [mark.span() for mark in _PREFIX.finditer(answer, *match.span())])
        for match in _BLOCK.finditer(_without(answer, code_ranges(answer)))
    ]


def prefix_at(answer: str, place: int) -> str:
    """The block quote prefix of the line at that place, or ""."""
    prefix = _PREFIX.match(answer, answer.rfind("\n", 0, place) + 1)
    return prefix[0] if prefix else ""


def _blanked(answer: str) -> str:
    """The answer with code and titles replaced by NUL characters."""
    plain = _without(answer, code_ranges(answer))
    return _without(plain, [match.span() for match in _TITLE.finditer(plain)])


def _without(text: str, ranges: list[Range]) -> str:
    parts, at = [], 0
    for start, end in ranges:
        lines = text[start:end].split("\n")
        parts += [text[at:start], "\n".join("\0" * len(line) for line in lines)]
        at = end
    return "".join([*parts, text[at:]])


def _marked(answer: str, plain: str, budget: Budget) -> Iterator[Span]:
    for pattern in _QUOTED:
        budget.check()
        for match in pattern.finditer(plain):
            budget.check()
            start, end = match.span(match.lastgroup or 0)
            marks = ((match.start(), start), (end, match.end()))
            if span := _span(answer, plain, start, end, marks):
                yield span


def _blocks(answer: str, plain: str, *, is_whole: bool) -> Iterator[Span]:
    """The words of each block quote without the line that credits them. If the last line ends in a
    dash and a name, which may also belong to the words, the words without these follow as a second
    span. A block quote that is cut off by `READ_CHARACTERS` is left out.
    """
    for match in _BLOCK.finditer(plain):
        start, end = match.span()
        if end == len(plain) and not is_whole:
            return
        start += len(prefix_at(plain, start))
        if by := _BY.search(plain, start, end):
            end = by.start()
        if span := _span(answer, plain, start, end):
            yield span
            if shorter := _without_name(answer, plain, span):
                yield shorter


def _without_name(answer: str, plain: str, span: Span) -> Span | None:
    """Searches only the end: a long run of white space would take too long."""
    begin = max(span.start + 1, span.end - _LONGEST_NAME)
    by = _BY_ON_THE_LINE.search(plain, begin, span.end)
    return _span(answer, plain, span.start, by.start()) if by else None


def _span(
    answer: str, plain: str, start: int, end: int, marks: tuple[Range, ...] = ()
) -> Span | None:
    """The stripped text between two places; None where there is nothing but code and titles."""
    if not _PREFIX.sub("", plain[start:end]).replace("\0", "").strip():
        return None
    inner = answer[start:end]
    start += len(inner) - len(inner.lstrip())
    words = inner.strip()
    return Span(_PREFIX.sub("", words).strip(), start, start + len(words), marks)
