"""Which of the matches explain an answer best, where exactly each of them begins and ends, and what
of the quoted words none of them explains.

Quotation marks and block quotes say that all words in them are quoted. So a match in them reaches
to the ends of its sentence: words that were added there make it another text. Elsewhere a match has
only the words that are like the line's.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from quotes.search.query_text import is_small
from quotes.verification import compare
from quotes.verification.judgement import is_sentence
from quotes.verification.matches import Match
from quotes.verification.parts import Parts
from quotes.verification.reading import Range
from quotes.verification.spans import BLOCK, MARKED, PROSE, REPORTED, SILENT, Span

_SENTENCE_MARKS = ".,;:!?…。！？，、"
_QUOTATION_MARKS = "“”„\"'‘’«»「」『』()[]{}〈〉《》"
# Behind the last word of a Korean quotation without marks.
_PARTICLES = (
    "이라고",
    "라고",
    "이라는",
    "라는",
    "이라며",
    "라며",
    "이란",
    "란",
    "하고",
    "고",
    "는",
    "를",
    "을",
)


_WORD = re.compile(r"\S+")
_WHOLE = 3  # letters that a whole line is worth more than a longer one of which more is there
_FEW = 2  # words beside those of a line that may stand for its own, where nothing marks a quotation


@dataclass(frozen=True, slots=True)
class Piece:
    """`begin` to `stop` of the text. Without a match, they are quoted words that no line has.
    `owner` is the quotation or the short unit that it is in; None for prose.
    """

    begin: int
    stop: int
    owner: Parts | None
    match: Match | None = None

    @property
    def is_quoted(self) -> bool:
        return self.owner is not None and self.owner.span.kind in {MARKED, BLOCK}


Beside = tuple[int, int, int]

_SHOWN_AS = {PROSE: 0, REPORTED: 0, SILENT: 1, BLOCK: 2, MARKED: 2}


def choose(matches: Iterable[Match], text: str, shown: set[int]) -> list[Match]:
    """Of overlapping matches those that explain most letters, in order."""

    def rank(match: Match) -> tuple[float, bool, bool, int, int, int]:
        is_equal = match.region.score == match.region.equal and compare.is_equal(
            text[match.begin : match.stop], match.line.content
        )
        span = match.span
        place = _SHOWN_AS[span.kind], span.begin - span.stop  # the innermost one
        score = match.region.score + (_WHOLE if match.is_whole_line else 0)
        return score, is_equal, match.line.id in shown, *place, -match.line.id

    taken: list[Range] = []
    chosen: list[Match] = []
    for match in sorted(matches, key=rank, reverse=True):
        at = bisect_left(taken, (match.begin, match.begin))
        is_free = (at == 0 or taken[at - 1][1] <= match.begin) and (
            at == len(taken) or match.stop <= taken[at][0]
        )
        if is_free:
            taken.insert(at, (match.begin, match.stop))
            chosen.append(match)
    return sorted(chosen, key=lambda match: match.begin)


class Divider:
    """Divides the quotations of an answer into pieces."""

    def __init__(self, text: str, divided: Sequence[Parts], matches: Sequence[Match]) -> None:
        self._text = text
        self._quoted = [parts for parts in divided if parts.span.kind in {MARKED, BLOCK}]
        self._by_span = {parts.span: parts for parts in divided}
        self.matches = matches
        self._begins = [match.begin for match in matches]
        self._owners: dict[int, Parts] = {}
        self.around: set[Span] = set()  # quotations in which another one has a match
        for parts in self._quoted:
            for number in self._inside(parts.span.begin, parts.span.stop):
                if outer := self._owners.get(number):
                    self.around.add(outer.span)
                self._owners[number] = parts

    def _inside(self, begin: int, stop: int) -> range:
        """The numbers of the matches within a place."""
        first, last = bisect_left(self._begins, begin), bisect_left(self._begins, stop)
        if last > first and self.matches[last - 1].stop > stop:
            last -= 1
        return range(first, last)

    def beside(self, number: int) -> Beside:
        """The identities of a match and of those beside it. Its pieces follow from these."""
        before = self.matches[number - 1] if number else None
        after = self.matches[number + 1] if number + 1 < len(self.matches) else None
        return id(before), id(self.matches[number]), id(after)

    def pieces(self, number: int) -> Iterator[Piece]:
        """The pieces that a match may be, the best one first: with all words of its sentence, or
        without those beside it that are enough to be a quotation of their own.
        """
        match = self.matches[number]
        owner = self._owners.get(number) or self._silent(match)
        begin, stop = self._words(match, is_quoted=number in self._owners)
        tight = Piece(begin, stop, owner, match)
        if not owner:
            yield tight
            return
        low, high = self._limits(number, owner)
        wide = replace(tight, begin=self._first(low, begin), stop=self._last(stop, high, match))
        beside = self._text[wide.begin : begin], self._text[stop : wide.stop]
        tight = self._with_marks(tight, wide)
        if not any(map(_counts, beside)):
            yield wide
        elif not tight.is_quoted:
            own = self._with_own_words(tight, wide, match)
            yield from (tight, own) if match.is_whole_line else (own, tight, wide)
        elif not all(map(_is_none_or_long, beside)):
            yield wide
        else:
            yield from (tight, wide) if match.is_most_of_line else (wide,)

    def _with_own_words(self, tight: Piece, wide: Piece, match: Match) -> Piece:
        """With the words beside it that seem to stand for words of the line."""
        begin, stop = tight.begin, tight.stop
        before = list(_WORD.finditer(self._text, wide.begin, begin))[::-1]
        after = list(_WORD.finditer(self._text, stop, wide.stop))
        if own := _in_place_of(match.words_before, before):
            begin = before[own - 1].start()
        if own := _in_place_of(match.words_after, after):
            stop = after[own - 1].end()
        return replace(tight, begin=begin, stop=stop)

    def _with_marks(self, tight: Piece, wide: Piece) -> Piece:
        before, after = self._text[wide.begin : tight.begin], self._text[tight.stop : wide.stop]
        line = tight.match.line.content if tight.match else ""
        return replace(
            tight,
            begin=tight.begin - len(_tail_of_marks(before)),
            stop=tight.stop + len(_head_of_marks(after, line)),
        )

    def _silent(self, match: Match) -> Parts | None:
        return self._by_span[match.span] if match.span.kind == SILENT else None

    def _limits(self, number: int, owner: Parts) -> Range:
        """How far the sentences of a match reach, or the next match in them."""
        match = self.matches[number]
        first = bisect_right(owner.places, (match.begin, len(self._text))) - 1
        last = bisect_left(owner.places, (match.stop, 0)) - 1
        low, high = owner.span.begin, owner.span.stop
        if not owner.places:
            return low, high
        if first > 0 or _has_words(self._text[low : owner.places[0][0]]):
            low = owner.places[max(first, 0)][0]
        if last < len(owner.places) - 1 or _has_words(self._text[owner.places[-1][1] : high]):
            high = owner.places[last][1]
        if number:
            low = max(low, self._words(self.matches[number - 1], is_quoted=True)[1])
        if number + 1 < len(self.matches):
            high = min(high, self._words(self.matches[number + 1], is_quoted=True)[0])
        return min(low, match.begin), max(high, match.stop)

    def _first(self, low: int, begin: int) -> int:
        before = self._text[low:begin]
        if not _counts(before):
            return begin - len(_tail_of_marks(before))
        return low + len(before) - len(before.lstrip())

    def _last(self, stop: int, high: int, match: Match) -> int:
        after = self._text[stop:high]
        if not _counts(after):
            return stop + len(_head_of_marks(after, match.line.content))
        return high - (len(after) - len(after.rstrip()))

    def _words(self, match: Match, *, is_quoted: bool) -> Range:
        """The match in whole words: without quotation marks, a word that goes on is another one."""
        text, begin, stop = self._text, match.begin, match.stop
        while 0 < begin < len(text) and text[begin].isalnum() and text[begin - 1].isalnum():
            begin += -1 if is_quoted else 1
        begin += 0 if is_quoted else _blanks(text, begin)
        if 0 < stop < len(text) and text[stop - 1].isalnum() and text[stop].isalnum():
            stop = self._word_end(stop, is_quoted=is_quoted)
        return begin, max(stop, begin)

    def _word_end(self, stop: int, *, is_quoted: bool) -> int:
        end = stop
        while end < len(self._text) and self._text[end].isalnum():
            end += 1
        if is_quoted:
            return end
        if self._text[stop:end] in _PARTICLES:
            return stop
        while stop > 0 and self._text[stop - 1].isalnum():
            stop -= 1
        return stop

    def left(self, known: Sequence[Range]) -> Iterator[tuple[Piece, bool]]:
        """The words of quotations that are in none of the known places, which are in order, and
        whether known words stand beside them.
        """
        for parts in self._quoted:
            if parts.span in self.around:
                continue
            inside = list(within(known, parts.span.begin, parts.span.stop))
            if not inside:
                yield Piece(*without_credits(parts), parts), False
                continue
            cuts = [parts.span.begin, *(cut for place in inside for cut in place), parts.span.stop]
            for begin, stop in zip(cuts[::2], cuts[1::2], strict=True):
                places = [*within(parts.places, begin, stop)]
                if places:
                    place = max(begin, places[0][0]), min(stop, places[-1][1])
                    yield Piece(*place, parts), True

    def unmarked(self, known: Sequence[Range]) -> Iterator[tuple[Piece, bool]]:
        """The short units in which, and around which, nothing is known or marked as quoted."""
        places = sorted([*known, *((one.span.begin, one.span.stop) for one in self._quoted)])
        for span, parts in self._by_span.items():
            if span.kind == SILENT and not any(within(places, span.begin, span.stop)):
                yield Piece(*without_credits(parts), parts), False


def without_credits(parts: Parts) -> Range:
    """The place of its sentences, without a name before or behind them."""
    if parts.credits and parts.places:
        return parts.places[0][0], parts.places[-1][1]
    return parts.span.begin, parts.span.stop


def _in_place_of(missing: Sequence[str], beside: Sequence[re.Match[str]]) -> int:
    """How many of the words beside a match, nearest first, stand for those that the line has there:
    all, if they are few; or as many as are missing, but words like "of" belong to the sentence.
    """
    if not missing or len(beside) <= _FEW:
        return len(beside) if missing else 0
    nearest = [word[0] for word in beside[: len(missing)]]
    is_own = len(missing) <= _FEW and not any(map(_belongs_to_the_sentence, nearest))
    same = [at for at, word in enumerate(nearest, 1) if word in missing]
    return len(nearest) if is_own else max(same, default=0)


def _belongs_to_the_sentence(word: str) -> bool:
    """A small English word, unless it begins a sentence of its own: "I think of The time ..."."""
    return word.isascii() and not word[0].isupper() and is_small(word)


def within(places: Sequence[Range], begin: int, stop: int) -> Iterator[Range]:
    """Those of the places, which are in order, that overlap."""
    at = max(0, bisect_left(places, (begin, begin)) - 1)
    while at < len(places) and places[at][0] < stop:
        if places[at][1] > begin:
            yield places[at]
        at += 1


def _counts(text: str) -> bool:
    """Whether words beside a match make it another text: not notes, ids and explanations."""
    return _has_words(text) and _has_words(compare.without_notes(text))


def _is_none_or_long(words: str) -> bool:
    return not _counts(words) or is_sentence(words)


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _tail_of_marks(text: str) -> str:
    words = text.split()
    marks = words[-1] if words and not text[-1:].isspace() else ""
    return "" if _has_words(marks) else marks


def _head_of_marks(text: str, line: str) -> str:
    """The marks right behind a match; quotation marks only if the line has them, too."""
    marks = ""
    for character in text:
        if character.isspace() or character.isalnum():
            break
        if character in _QUOTATION_MARKS and character not in line[-4:]:
            break
        marks += character
    return marks


def _blanks(text: str, begin: int) -> int:
    return len(text[begin : begin + 40]) - len(text[begin : begin + 40].lstrip())
