"""The quoted spans of an answer: what it presents as somebody's words.

Straight, curly, Korean and other quotation marks, and Markdown's block quotes. Code is passed over,
and so are titles in 『』 and 《》. Marks inside a span are looked at when the span itself proves
nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 1200
_CODE = re.compile(
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
_BLOCK = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_PREFIX = re.compile(r"^[ ]{0,3}>[ ]?", re.MULTILINE)
_BY = re.compile(r"\n[ ]{0,3}>[ ]?\s*(?:[-–—―]{1,2}|\()\s*\S")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the answer; `text` is without the block quote's marks."""

    text: str
    start: int
    end: int


def find_spans(answer: str) -> list[Span]:
    """The spans in the order of the answer. One inside another stands after it."""
    plain = _blanked(_TITLE, _blanked(_CODE, answer))
    spans = {(span.start, span.end): span for span in _marked(plain)}
    for span in _blocks(plain):
        if not any(span.start <= start < span.end for start, _ in spans):
            spans[span.start, span.end] = span
    return sorted(spans.values(), key=lambda span: (span.start, -span.end))


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n]", "\0", match[0]), text)


def _marked(text: str) -> Iterator[Span]:
    for pattern in _QUOTED:
        for match in pattern.finditer(text):
            start, end = match.span(match.lastgroup or 0)
            inner = text[start:end]
            start += len(inner) - len(inner.lstrip())
            words = _PREFIX.sub("", inner.strip()).strip()
            if words.strip("\0\n "):
                yield Span(words, start, start + len(inner.strip()))


def _blocks(text: str) -> Iterator[Span]:
    """The words of a block quote, without the line that says whose they are."""
    for match in _BLOCK.finditer(text):
        block = match[0]
        by = _BY.search(block)
        said = (block[: by.start()] if by else block).rstrip()
        lead = _PREFIX.match(said)
        begin = lead.end() if lead else 0
        words = said[begin:].strip()
        if _PREFIX.sub("", words).strip("\0\n "):
            start = match.start() + said.index(words, begin)
            yield Span(_PREFIX.sub("", words).strip(), start, start + len(words))
