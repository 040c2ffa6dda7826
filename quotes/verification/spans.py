"""Where an answer may quote: between quotation marks, in block quotes, and (silently) in its other
short units: cells, list items, headings, emphasis, short paragraphs, what follows a colon or "said
that", and what has only one mark.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from config.budget import Budget
from quotes.verification.markdown import HIDDEN
from quotes.verification.marks import TITLES, Pair, find_pairs
from quotes.verification.reading import Passage, Range, Reading

MARKED, BLOCK, SILENT = "marked", "block", "silent"
PROSE, REPORTED = "prose", "reported"

_ONLY_OPEN = "“„«≪「"  # marks that show a quotation also where none closes it
_TITLES = "《〈"  # marks of titles alone; those in 「」 and 『』 may be lines, too
_COLON = re.compile(r"[:：]\s*(?=\S)")
_SAID_THAT = re.compile(
    r"\b(?:sa(?:id|ys?)|wr(?:ote|ites?)|t(?:aught|each(?:es)?)|(?:believe|declare|observe|note|argue)[ds]?"
    r"|(?:claim|remark|insist|warn|remind)(?:s|ed)?)(?:\s(?:us|me))?\sthat\s+(?=\S)"
)
_MOSTLY = 0.3  # the share in quotation marks, from which a unit itself is not taken for a line
_SHORT = 200  # characters of a paragraph that may be a line on its own
_ANNOUNCED_WITHIN = 120  # characters of a paragraph, in which it may announce a line


@dataclass(frozen=True, slots=True)
class Span:
    """`begin` to `stop` of the text that was read, `start` to `end` of the answer as written.

    `kind` says what shows it as a quotation: its marks (`MARKED`), a block quote (`BLOCK`), or
    nothing: a short unit (`SILENT`), what stands behind "said that" (`REPORTED`), in which only
    whole lines are looked for, as it may be in other words, or any paragraph (`PROSE`), which is
    only compared with lines that the model was shown. `mark` is its opening mark, `marks` are the
    places of both in the answer. `quotation` has the words of the whole quotation, where the span
    is a part of one (`divided`).
    """

    text: str
    begin: int
    stop: int
    start: int
    end: int
    kind: str
    mark: str = ""
    marks: tuple[Range, ...] = ()
    quotation: str = field(default="", compare=False)  # hashed often, and the place tells it


def make_span(
    reading: Reading, begin: int, stop: int, kind: str, pair: Pair | None = None
) -> Span | None:
    """Without white space at its ends; None if nothing else is in it but code."""
    text = reading.text[begin:stop]
    begin += len(text) - len(text.lstrip(" \n\t"))
    text = text.strip(" \n\t")
    if not text.strip(HIDDEN + " \n\t"):
        return None
    start, end = reading.source(begin, begin + len(text))
    marks = _places_of_marks(reading, pair) if pair else ()
    mark = pair.mark if pair else ""
    return Span(text, begin, begin + len(text), start, end, kind, mark, marks)


def _places_of_marks(reading: Reading, pair: Pair) -> tuple[Range, ...]:
    places = (pair.opening, pair.closing)
    length = len(reading.text)
    return tuple(
        reading.source(at, at + 1) for at in places if 0 <= at < length and _is_mark(reading, at)
    )


def _is_mark(reading: Reading, at: int) -> bool:
    character = reading.text[at]
    return not character.isspace() and not character.isalnum()


def find_spans(reading: Reading, budget: Budget) -> list[Span]:
    """In the order of the answer, outer ones before those inside them. Raises `OutOfTime`."""
    pairs = find_pairs(reading, budget)
    found: dict[Range, Span] = {}
    for pair in pairs:
        budget.check()
        is_quoted = pair.is_whole or pair.mark in _ONLY_OPEN
        kind = MARKED if is_quoted and pair.mark not in _TITLES else SILENT
        _add(found, make_span(reading, pair.opening + 1, pair.closing, kind, pair))
    marked = _Covered(
        span for span in found.values() if span.kind == MARKED and span.mark not in TITLES
    )
    for begin, stop in _blocks(reading):
        budget.check()
        kind = SILENT if marked.share(begin, stop) > _MOSTLY else BLOCK
        _add(found, make_span(reading, begin, stop, kind))
    shown = _Covered(span for span in found.values() if span.kind != SILENT)
    for begin, stop in _units(reading):
        budget.check()
        # A colon inside a quotation announces nothing.
        if shown.share(begin, stop) < _MOSTLY and not shown.share(begin, begin + 1):
            _add(found, make_span(reading, begin, stop, SILENT))
    for begin, stop in _reported(reading):
        if not shown.share(begin, begin + 1):
            _add(found, make_span(reading, begin, stop, REPORTED))
    for passage in reading.passages:
        if not passage.quote and shown.share(passage.start, passage.end) < _MOSTLY:
            _add(found, make_span(reading, passage.start, passage.end, PROSE))
    return [found[place] for place in sorted(found)]


def _add(found: dict[Range, Span], span: Span | None) -> None:
    if span:
        found.setdefault((span.begin, -span.stop), span)


class _Covered:
    """Which characters the spans cover."""

    def __init__(self, spans: Iterator[Span]) -> None:
        self._places: list[Range] = []
        end = 0
        for begin, stop in sorted((span.begin, span.stop) for span in spans):
            if stop > end:
                self._places.append((max(begin, end), stop))
                end = stop

    def share(self, begin: int, stop: int) -> float:
        at = max(0, bisect_left(self._places, (begin, begin)) - 1)
        covered = 0
        for place in self._places[at:]:
            if place[0] >= stop:
                break
            covered += max(0, min(stop, place[1]) - max(begin, place[0]))
        return covered / max(1, stop - begin)


def _blocks(reading: Reading) -> Iterator[Range]:
    """The block quotes, each from its first passage to its last."""
    places: dict[int, Range] = {}
    for passage in reading.passages:
        if passage.quote:
            begin, _ = places.get(passage.quote, (passage.start, 0))
            places[passage.quote] = (begin, passage.end)
    yield from places.values()


def _units(reading: Reading) -> Iterator[Range]:
    """What may be a line without any mark that says so."""
    yield from reading.emphasis
    announced = False
    for passage in reading.passages:
        if passage.quote:
            continue
        is_short = passage.end - passage.start <= _SHORT
        if announced or is_short or passage.kind != "paragraph" or passage.item:
            yield passage.start, passage.end
        head = reading.text[passage.start : passage.start + _ANNOUNCED_WITHIN]
        yield from ((passage.start + one.end(), passage.end) for one in _COLON.finditer(head))
        announced = reading.text[passage.start : passage.end].rstrip().endswith((":", "："))


def _reported(reading: Reading) -> Iterator[Range]:
    """What stands behind "said that"."""
    for passage in reading.passages:
        head = reading.text[passage.start : passage.start + _ANNOUNCED_WITHIN]
        yield from ((passage.start + one.end(), passage.end) for one in _SAID_THAT.finditer(head))


def passage_at(reading: Reading, place: int) -> Passage:
    starts = [passage.start for passage in reading.passages]
    return reading.passages[max(0, bisect_left(starts, place + 1) - 1)]
