"""The quoted spans of an answer: what it presents as somebody's words.

Straight, curly, Korean and other quotation marks, and Markdown's block quotes. Code is passed over,
and so are titles in 『』 and 《》. Marks inside a span are looked at when the span itself proves
nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 1200
CODE = re.compile(
    r"^(`{3,}|~{3,})[^\n]*\n(?:.*?^\1[`~]*[ \t]*$|.*\Z)|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)",
    re.MULTILINE | re.DOTALL,
)
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
_SINGLE = re.compile(r"'(?<!\w')")  # no apostrophe; the mark first, by which it is searched fast
_BLOCK = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_PREFIX = re.compile(r"^[ ]{0,3}(?:>[ ]?)+", re.MULTILINE)
_BY = re.compile(r"\n[ ]{0,3}(?:>[ ]?)+\s*(?:[-–—―]{1,2}|\()\s*\S")
_BY_ON_THE_LINE = re.compile(r"\s+(?:[-–—―]{1,2}\s*|\()[^\n()]{1,80}\)?\s*\Z")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the answer; `text` is without the block quote's marks.
    `marks` is where its quotation marks stand; none around the words of a block quote.
    """

    text: str
    start: int
    end: int
    marks: tuple[Range, ...] = ()


def find_spans(answer: str) -> list[Span]:
    """The spans in the order of the answer. One inside another stands after it."""
    if not _may_quote(answer):
        return []
    plain = _blanked(_TITLE, _blanked(CODE, answer))
    spans = {(span.start, span.end): span for span in _marked(answer, plain)}
    starts = {span.start for span in spans.values()}
    for span in _blocks(answer, plain):
        if not any(span.start <= start < span.end for start in starts):
            spans[span.start, span.end] = span
    return sorted(spans.values(), key=lambda span: (span.start, -span.end))


def _may_quote(answer: str) -> bool:
    """A cheap look: most answers without a quotation have none of the marks that open one."""
    return any(mark in answer for mark in _OPENINGS) or bool(
        "'" in answer and _SINGLE.search(answer)
    )


def find_blocks(answer: str) -> list[tuple[Range, list[Range]]]:
    """Where the block quotes of an answer stand, each with the beginnings of its lines."""
    return [
        (match.span(), [mark.span() for mark in _PREFIX.finditer(answer, *match.span())])
        for match in _BLOCK.finditer(_blanked(CODE, answer))
    ]


def prefix_at(answer: str, place: int) -> str:
    """What makes the line of that place one of a block quote; "" when it is none."""
    prefix = _PREFIX.match(answer, answer.rfind("\n", 0, place) + 1)
    return prefix[0] if prefix else ""


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n]", "\0", match[0]), text)


def _marked(answer: str, plain: str) -> Iterator[Span]:
    for pattern in _QUOTED:
        for match in pattern.finditer(plain):
            start, end = match.span(match.lastgroup or 0)
            marks = ((match.start(), start), (end, match.end()))
            if span := _span(answer, plain, start, end, marks):
                yield span


def _blocks(answer: str, plain: str) -> Iterator[Span]:
    """The words of a block quote, without the line that says whose they are; and once more without
    a name behind a dash on their last line, for that may belong to the words.
    """
    for match in _BLOCK.finditer(plain):
        start, end = match.span()
        start += len(prefix_at(plain, start))
        if by := _BY.search(plain, start, end):
            end = by.start()
        if span := _span(answer, plain, start, end):
            yield span
            by = _BY_ON_THE_LINE.search(plain, span.start, span.end)
            if by and (shorter := _span(answer, plain, span.start, by.start())):
                yield shorter


def _span(
    answer: str, plain: str, start: int, end: int, marks: tuple[Range, ...] = ()
) -> Span | None:
    """What stands between two places, without the spaces at its ends; None when that is nothing
    but code and titles.
    """
    if not _PREFIX.sub("", plain[start:end]).replace("\0", "").strip():
        return None
    inner = answer[start:end]
    start += len(inner) - len(inner.lstrip())
    words = inner.strip()
    return Span(_PREFIX.sub("", words).strip(), start, start + len(words), marks)
