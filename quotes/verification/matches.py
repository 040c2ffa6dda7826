"""Where in an answer the words of board lines stand: whole lines, found by the hash of their
letters, and near ones, found by an alignment with the lines that the model was shown, or that share
the rarest terms of a part.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from rapidfuzz import fuzz
from rapidfuzz.distance import Prefix

from config.budget import Budget, OutOfTime
from config.hangul import has_hangul
from config.unicode import normalize
from quotes.columns import BoardLine
from quotes.search.candidates import lines_by_skeleton
from quotes.text.normalization import hash_of_skeleton
from quotes.verification.align import Region, align
from quotes.verification.compare import ELLIPSIS, unexplained, without_look_alikes
from quotes.verification.judgement import (
    BEGUN_HANGUL_WORDS,
    BEGUN_WORDS,
    ENOUGH,
    are_enough,
    is_begun,
    is_long_enough,
)
from quotes.verification.letters import letters_of, letters_of_line
from quotes.verification.marks import TITLES
from quotes.verification.parts import Parts
from quotes.verification.reading import Range, Reading
from quotes.verification.spans import BLOCK, MARKED, PROSE, REPORTED, SILENT, Span
from quotes.verification.term_candidates import find_near

_WORD = re.compile(r"\S+")
_LIKELY, _LIKELY_LETTERS = 75.0, 12
_TOGETHER = 4  # parts that may be one line
_SEEN_FROM = 60.0  # similarity of 100 of a part of the one to the other, to be aligned at all
_MOST = 0.8  # of a line
_FEW_LETTERS, _FEW_SYLLABLES = 6, 4  # that a line and the next part may share by chance
_LONG = 9  # words of a part whose halves are searched, too: one of them may be a line
_LEAST_LETTERS = 6  # of parts that are looked up


@dataclass(frozen=True, slots=True)
class Match:
    """`begin` to `stop` of the text are words of the line, or close to them. `span` is where they
    were looked for.
    """

    begin: int
    stop: int
    line: BoardLine
    region: Region
    span: Span
    is_beginning: bool = False

    @property
    def is_likely(self) -> bool:
        """Whether it looks like the right line, so that no other need be looked for."""
        return self.region.similarity >= _LIKELY and self.region.equal >= _LIKELY_LETTERS

    @property
    def is_whole_line(self) -> bool:
        """Whether it has all letters of the line, and no others."""
        letters = self.region.stop - self.region.begin
        return letters == self.region.equal == len(letters_of_line(self.line.content).text)

    @property
    def words_before(self) -> list[str]:
        """The words of the line before those that stand here."""
        if not self.region.first:
            return []
        first = letters_of_line(self.line.content).places[self.region.first]
        return self.line.content[:first].split()

    @property
    def words_after(self) -> list[str]:
        letters = letters_of_line(self.line.content)
        if self.region.last == len(letters.text):
            return []
        return self.line.content[letters.end(self.region.last - 1) :].split()

    @property
    def share(self) -> float:
        """How much of the line it spans."""
        letters = len(letters_of_line(self.line.content).text)
        return (self.region.last - self.region.first) / letters

    @property
    def is_most_of_line(self) -> bool:
        """Whether other words beside it do not make another text of it."""
        return self.share >= _MOST


class Matcher:
    """Finds the matches in the parts of an answer's spans."""

    def __init__(self, reading: Reading, shown: Sequence[BoardLine], budget: Budget) -> None:
        self.text = without_look_alikes(reading.text)
        self.letters = letters_of(self.text)
        self.is_complete = True
        self._shown = shown
        self._budget = budget

    def find(self, divided: Sequence[Parts]) -> list[Match]:
        """All matches, also such that overlap. Where the budget is used up, `is_complete` is false,
        and only whole lines are given: with other lines, a near one might be another.
        """
        found: list[Match] = []
        try:
            found += self._whole(divided)
            for parts in divided:
                if parts.span.kind != REPORTED:
                    found += self._aligned(parts, self._shown, parts.places)
            found += self._near(divided, found)
        except OutOfTime:
            self.is_complete = False
            return [match for match in found if match.is_whole_line]
        return found

    def beginnings(self, divided: Sequence[Parts], known: Sequence[Match]) -> Iterator[Match]:
        """The first words of shown lines that no known match has, if they are enough not to stand
        there by chance. Raises `OutOfTime`.
        """
        ids = {match.line.id for match in known}
        for line in self._shown:
            ends = _ends_of_words(line.content)
            few = BEGUN_HANGUL_WORDS if has_hangul(line.content) else BEGUN_WORDS
            words = letters_of_line(line.content).text[: ends[few - 1]] if len(ends) >= few else ""
            if line.id in ids or not words or words not in self.letters.text:
                continue
            for parts in divided:
                self._budget.check()
                match = self._beginning(parts.span, line, words, ends)
                if match and is_begun(self.text[match.begin : match.stop], line.content):
                    yield match

    def _beginning(
        self, span: Span, line: BoardLine, words: str, ends: Sequence[int]
    ) -> Match | None:
        ours, theirs = letters_of_line(line.content).text, self.letters.text
        low, high = self.letters.between(span.begin, span.stop)
        if (at := theirs.find(words, low, high)) < 0:
            return None
        same = Prefix.similarity(ours, theirs[at : min(high, at + len(ours))])
        stop = at + max(end for end in ends if end <= same)
        place = self.letters.places[at], self.letters.end(stop - 1)
        region = Region(at, stop, 0, stop - at, stop - at)
        return Match(*place, line, region, span, is_beginning=True)

    def _whole(self, divided: Sequence[Parts]) -> Iterator[Match]:
        """Parts that have, alone or together, the same letters as a line."""
        runs: dict[str, list[tuple[int, int, Span]]] = {}
        for parts in divided:
            self._budget.check()
            for begin, stop, letters in self._runs(parts):
                runs.setdefault(letters, []).append((begin, stop, parts.span))
        lines = self._lines_with({key for key, each in runs.items() if _is_searched(each)})
        for line in (*self._shown, *lines):
            letters = letters_of_line(line.content).text
            for begin, stop, span in runs.get(letters, ()):
                place = self.letters.between(begin, stop)
                region = Region(*place, 0, len(letters), len(letters))
                yield Match(begin, stop, line, region, span)

    def _runs(self, parts: Parts) -> Iterator[tuple[int, int, str]]:
        """Each place where a whole line can stand, with its letters."""
        span, places = parts.span, parts.places
        # Of any length: short lines, too. But short words in 「」 and 『』 are titles.
        if span.kind in {MARKED, BLOCK} and (span.mark not in TITLES or is_long_enough(span.text)):
            yield span.begin, span.stop, self._letters_at(span.begin, span.stop)
            for text in unexplained(span.text):
                yield span.begin, span.stop, letters_of(text).text
        for first, (begin, _) in enumerate(places):
            for _, stop in places[first : first + _TOGETHER]:
                letters = self._letters_at(begin, stop)
                if len(letters) >= _LEAST_LETTERS and are_enough(letters, self.text[begin:stop]):
                    yield begin, stop, letters

    def _letters_at(self, begin: int, stop: int) -> str:
        first, last = self.letters.between(begin, stop)
        return self.letters.text[first:last]

    def _lines_with(self, letters: Iterable[str]) -> list[BoardLine]:
        known = {line.id for line in self._shown}
        hashes = {hash_of_skeleton(each) for each in letters if each}
        if not hashes:
            return []
        with self._budget.waiting():
            found = lines_by_skeleton(hashes)
        return [line for line in found if line.id not in known]

    def _near(self, divided: Sequence[Parts], found: Sequence[Match]) -> Iterator[Match]:
        """Alignments with lines of the whole board, in parts where nothing was found so far. What
        is like no line may be one with other words, so its halves are looked up, too, as is what
        stands beside a line in the same part.
        """
        covered = sorted((match.begin, match.stop) for match in found)
        searched = [
            (parts, place)
            for parts in divided
            if parts.span.kind not in {PROSE, REPORTED}
            for place in self._searched(parts, covered)
        ]
        near = list(self._looked_up(searched))
        yield from near
        known = sorted((match.begin, match.stop) for match in near if match.is_likely)
        yield from self._looked_up(
            (parts, rest)
            for parts, place in searched
            if parts.span.kind != SILENT
            for rest in self._rest(place, known)
        )

    def _looked_up(self, searched: Iterable[tuple[Parts, Range]]) -> Iterator[Match]:
        searched = list(searched)
        texts = {self._text_of(parts, *place) for parts, place in searched}
        if not texts:
            return
        with self._budget.waiting():
            near = find_near(texts)
        for parts, (begin, stop) in searched:
            lines = near.get(self._text_of(parts, begin, stop), ())
            yield from self._aligned(parts, lines, [(begin, stop)])

    def _searched(self, parts: Parts, covered: Sequence[Range]) -> Iterator[Range]:
        """The places for which near lines are searched. Short parts are joined with the next ones;
        what is still too short at the end is no altered line that could be told from chance.
        """
        if self._is_short_part(parts):
            yield parts.span.begin, parts.span.stop
            return
        joined: Range | None = None
        for begin, stop in parts.places:
            if any(start <= begin and stop <= end for start, end in covered):
                joined = None
                continue
            joined = (joined[0] if joined else begin, stop)
            if self._is_long_enough(*joined):
                yield joined
                joined = None

    def _is_short_part(self, parts: Parts) -> bool:
        """Whether it is looked up as the whole quotation of which it is a part."""
        span = parts.span
        return bool(span.quotation) and not self._is_long_enough(span.begin, span.stop)

    def _text_of(self, parts: Parts, begin: int, stop: int) -> str:
        text = parts.span.quotation if self._is_short_part(parts) else ""
        return text or self.text[begin:stop]

    def _is_long_enough(self, begin: int, stop: int) -> bool:
        """`is_long_enough`, without finding the letters of the place once more."""
        stop = min(stop, begin + ENOUGH)
        return are_enough(self._letters_at(begin, stop), self.text[begin:stop])

    def _rest(self, place: Range, known: Sequence[Range]) -> Iterator[Range]:
        """What of a part is in none of the sorted places; its halves if nothing is."""
        first = max(0, bisect_left(known, place) - 1)
        inside = known[first : bisect_left(known, (place[1], 0))]
        inside = [one for one in inside if one[1] > place[0]]
        if not inside:
            yield from self._halves(*place)
            return
        ends = [place[0], *(end for one in inside for end in one), place[1]]
        for begin, stop in zip(ends[::2], ends[1::2], strict=True):
            if self._is_long_enough(begin, stop):
                yield begin, stop

    def _halves(self, begin: int, stop: int) -> Iterator[Range]:
        words = [*_WORD.finditer(self.text, begin, stop)]
        if len(words) > _LONG:
            middle = words[len(words) // 2].start()
            yield begin, middle
            yield middle, stop

    def _aligned(
        self, parts: Parts, lines: Sequence[BoardLine], places: Sequence[Range]
    ) -> Iterator[Match]:
        if not lines or not places:
            return
        gaps = self._gaps(parts.span.begin, parts.span.stop)
        for place in places:
            text = normalize("NFC", self.text[slice(*place)]).lower()
            for line in lines:
                self._budget.check()
                is_alike = gaps or _may_be_alike(text, line)
                if is_alike and (match := self._align(parts, line, place, gaps)):
                    yield match

    def _gaps(self, begin: int, stop: int) -> list[int]:
        """The letters before which an ellipsis says that something is left out."""
        gaps = ELLIPSIS.finditer(self.text, begin, stop)
        return [self.letters.between(gap.end(), stop)[0] for gap in gaps]

    def _align(
        self, parts: Parts, line: BoardLine, place: Range, gaps: Sequence[int]
    ) -> Match | None:
        """In the part and around it, as far as the line can reach, but not into a credit behind it.
        What looks like a name before a speech may be words of the line.
        """
        first, last = self.letters.between(*place)
        credited = (begin for begin, _ in parts.credits if begin >= place[1])
        end = min(credited, default=parts.span.stop)
        low, high = self.letters.between(parts.span.begin, end)
        ours = letters_of_line(line.content).text
        reach = len(ours) + len(ours) // 3
        begin, stop = max(low, first - reach), min(high, last + reach)
        region = align(ours, self.letters.text, begin, stop, gaps)
        if not region or region.stop <= first or region.begin >= last:
            return None
        region = self._within_parts(region, parts, ours, gaps)
        begin, stop = self.letters.places[region.begin], self.letters.end(region.stop - 1)
        return Match(begin, stop, line, region, parts.span)

    def _within_parts(self, region: Region, parts: Parts, line: str, gaps: Sequence[int]) -> Region:
        """Without the beginning of the next part or the end of the one before, if hardly more of
        the line stands there than letters that are the same by chance.
        """
        few = _FEW_SYLLABLES if has_hangul(line) else _FEW_LETTERS
        for window in self._without_an_edge(region, parts.places):
            within = align(line, self.letters.text, *window, gaps)
            if within and within.equal > region.equal - few:
                return within
        return region

    def _without_an_edge(self, region: Region, places: Sequence[Range]) -> Iterator[Range]:
        """The letters of the parts that a region is in, without the last or the first part if less
        than half of that is in the region.
        """
        begin, stop = self.letters.places[region.begin], self.letters.end(region.stop - 1)
        first, last = _part_at(places, begin), _part_at(places, stop - 1)
        if first is None or last is None or first == last:
            return
        low, high = self.letters.between(*places[first]), self.letters.between(*places[last])
        if region.stop - high[0] < high[1] - region.stop:
            yield low[0], self.letters.between(*places[last - 1])[1]
        if low[1] - region.begin < region.begin - low[0]:
            yield self.letters.between(*places[first + 1])[0], high[1]


def _ends_of_words(content: str) -> list[int]:
    """The numbers of letters of a line's first word, of its first two words, and so on."""
    letters = letters_of_line(content)
    return [letters.between(0, word.end())[1] for word in _WORD.finditer(content)]


def _part_at(places: Sequence[Range], at: int) -> int | None:
    number = bisect_right(places, at, key=itemgetter(0)) - 1
    return number if number >= 0 and at < places[number][1] else None


def _may_be_alike(text: str, line: BoardLine) -> bool:
    """On the unfolded line: finding its letters costs more than all comparisons."""
    return bool(fuzz.partial_ratio(text, line.content.lower(), score_cutoff=_SEEN_FROM))


def _is_searched(runs: Sequence[tuple[int, int, Span]]) -> bool:
    return any(span.kind != PROSE for _, _, span in runs)
