"""The sentences and verses of a span, which are what is looked up and compared: a span is not a
line. It may hold several lines, or a line and other words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from quotes.verification.attribution import credits_in
from quotes.verification.markdown import HIDDEN
from quotes.verification.reading import Range, Reading
from quotes.verification.spans import PROSE, Span

# The end of a verse or of a sentence, with the marks behind it.
_END = re.compile(
    rf"\n\s*|{HIDDEN}+|\s[/／|]{{1,2}}\s"
    r"|(?<=[^.…][.!?。！？])[”’\"'」』)\]]{0,3}(?:\s+|(?<=[”’\"'」』]))"
)
_LONGEST = 1000  # characters, as of a line


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a span, in order, and what of it credits them to somebody."""

    span: Span
    places: list[Range] = field(default_factory=list)
    credits: Sequence[Range] = ()


def find_parts(reading: Reading, span: Span) -> Parts:
    credited: Sequence[Range] = ()
    if span.kind != PROSE:
        credited = credits_in(reading.text, span.begin, span.stop)
    return Parts(span, parts_of(reading.text, span.begin, span.stop, credited), credited)


def parts_of(text: str, begin: int, stop: int, credited: Sequence[Range] = ()) -> list[Range]:
    """The places of the sentences and verses of `text[begin:stop]`, without the credits."""
    cuts = [begin]
    for match in _END.finditer(text, begin, stop):
        cuts += match.span()
    for place in credited:
        cuts += place
    cuts.append(stop)
    return [place for place in _stripped(text, sorted(cuts)) if not _is_in(place, credited)]


def _stripped(text: str, cuts: Sequence[int]) -> Iterator[Range]:
    for begin, stop in pairwise(cuts):
        part = text[begin:stop]
        first = begin + len(part) - len(part.lstrip())
        if any(map(str.isalnum, part)):
            yield from _pieces(text, first, first + len(part.strip()))


def _pieces(text: str, begin: int, stop: int) -> Iterator[Range]:
    """A part that is longer than any line, in pieces, so that each takes little time. A line that
    goes on from one to the next is found by either.
    """
    while stop - begin > _LONGEST:
        cut = text.rfind(" ", begin + 1, begin + _LONGEST) + 1 or begin + _LONGEST
        yield begin, cut
        begin = cut
    yield begin, stop


def _is_in(place: Range, others: Sequence[Range]) -> bool:
    return any(begin <= place[0] and place[1] <= stop for begin, stop in others)
