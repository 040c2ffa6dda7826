"""What stands around the words of a span: the rest of its sentence, the lines above and below, the
other cells of its row, and the heading over it. Each is a short text.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import attrgetter

from quotes.verification.reading import Passage, Range, Reading
from quotes.verification.spans import Span

AROUND = 120  # characters of each text; the sentence around a quotation is seldom longer
MARKS = "“”\"„‟«»‹›「」『』《》〈〉＂‘’'`*_"
OPENING, CLOSING = "“„\"«‹「『《〈‘'＂", "”\"»›」』》〉’'＂“"
_SECTION = 30  # passages under a heading that it still stands over
_TABLE = 300  # cells of a table that are looked through for its head
_CELLS = 12  # of a row; no table that is read by people has more columns


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`before` and `after` are in the same line as the span or, after it, in its block. `above` is
    the line over a span that begins its own line, `below` the lines under one that ends its block.
    `cells` are pairs of the column's head and the text, of the other cells in the row, `column` is
    the head of the span's own. `title` is that of the callout.
    """

    before: str = ""
    after: str = ""
    above: str = ""
    below: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()
    column: str = ""
    heading: str = ""
    title: str = ""
    is_item: bool = False


class Context:
    """Finds the surroundings of spans. The work for each is bounded, however long the answer is."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def around(self, span: Span) -> Surroundings:
        begin, stop = outside(self._reading, span)
        at = self._passage_at(span.begin)
        if at < 0:
            return Surroundings()
        last = max(at, self._passage_at(max(span.begin, span.stop - 1)))
        first_passage, last_passage = self._reading.passages[at], self._reading.passages[last]
        before, above = self._lines_before(first_passage, begin)
        cells, column = self._cells(at) if first_passage.row else ((), "")
        after = self._reading.text[stop : min(last_passage.end, stop + AROUND)]
        return Surroundings(
            before=before,
            after=after,
            above=above or ("" if before else self._above(at)),
            below=self._below(last) if not after.strip(MARKS + " \n.,;") else (),
            cells=cells,
            column=column,
            heading=self._heading(at),
            title=self._reading.titles.get(first_passage.quote, ""),
            is_item=bool(first_passage.item),
        )

    def block_of(self, span: Span) -> Range | None:
        """From a span in a block quote to the end of that, or as far as a credit may be."""
        at = self._passage_at(span.begin)
        if at < 0 or not self._reading.passages[at].quote:
            return None
        near = self._reading.passages[at : at + _CELLS]
        block = [passage for passage in near if passage.quote == near[0].quote]
        return span.begin, max(span.stop, min(block[-1].end, span.stop + 10 * AROUND))

    def _passage_at(self, place: int) -> int:
        return bisect_right(self._reading.passages, place, key=attrgetter("start")) - 1

    def _lines_before(self, passage: Passage, begin: int) -> tuple[str, str]:
        start = max(passage.start, begin - AROUND)
        lines = self._reading.text[start:begin].split("\n")
        before = lines[-1]
        if before.strip(MARKS + " ") or len(lines) == 1:
            return (before if before.strip() else ""), ""
        return "", lines[-2].strip()

    def _above(self, at: int) -> str:
        if not at:
            return ""
        above = self._reading.passages[at - 1]
        if above.row:
            return ""
        return self._reading.text[max(above.start, above.end - AROUND) : above.end].split("\n")[-1]

    def _below(self, at: int) -> tuple[str, ...]:
        passages = self._reading.passages
        if at + 1 >= len(passages) or passages[at].row:
            return ()
        start, end = passages[at + 1].start, passages[at + 1].end
        lines = self._reading.text[start : min(end, start + AROUND)].split("\n")[:3]
        if (
            0 < passages[at].quote == passages[at + 1].quote
            and passages[at + 1].item > passages[at].item
        ):
            lines[0] = f"- {lines[0]}"  # `> - Name` was read as a list
        return tuple(lines)

    def _heading(self, at: int) -> str:
        above = reversed(self._reading.passages[max(0, at - _SECTION) : at])
        heading = next((passage for passage in above if passage.kind == "heading"), None)
        return self._text(heading) if heading else ""

    def _header(self, at: int) -> int:
        """The first cell of the table."""
        passages = self._reading.passages
        above = range(at, max(-1, at - _TABLE), -1)
        return next((n for n in above if not n or not passages[n - 1].row), at)

    def _cells(self, at: int) -> tuple[tuple[tuple[str, str], ...], str]:
        """Of the other cells of a row, and the head of its own column."""
        row = self._row(at)
        header = self._row(self._header(at))
        has_heads = len(header) == len(row) and header != row
        heads = [self._text(head) for head in header] if has_heads else [""] * len(row)
        own = row.index(self._reading.passages[at])
        texts = map(self._text, row)
        others = [pair for place, pair in enumerate(zip(heads, texts, strict=True)) if place != own]
        return tuple(others), heads[own]

    def _row(self, at: int) -> Sequence[Passage]:
        passages = self._reading.passages
        near = passages[max(0, at - _CELLS) : at + _CELLS]
        return [passage for passage in near if passage.row == passages[at].row]

    def _text(self, passage: Passage) -> str:
        return self._reading.text[passage.start : min(passage.end, passage.start + AROUND)]


def outside(reading: Reading, span: Span) -> Range:
    """The place of the span with its quotation marks."""
    begin, stop = span.begin, span.stop
    if span.marks:
        places = [reading.place(*mark) for mark in span.marks]
        return min(begin, places[0][0]), max(stop, places[-1][1])
    text = reading.text
    while begin and text[begin - 1] in OPENING:
        begin -= 1
    return begin, stop + len(list(takewhile(CLOSING.__contains__, text[stop : stop + 4])))
