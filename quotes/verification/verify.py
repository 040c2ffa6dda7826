"""Judging an answer against the applied lines of the board.

    verbatim    the words of a line, or equal to them (`compare`)
    same_words  the same letters and digits, with other marks, spaces or case (`difference`)
    excerpt     a part of a line, or parts of it in order around an ellipsis
    altered     close to a line, but with other words; `difference` says which
    unknown     words that are claimed to be a line (`claims`) and are like no line of the board

Other words are never "verbatim". A span of an answer may hold several lines, so it gets a judgement
for each of them, and one for what is left. `notes` add what else a reader must know:

    wrong_speaker      the answer names another speaker than the board
    wrong_id           it cites another line's id
    negation_left_out  what an excerpt leaves out holds a "not"
    look_alike         a letter of another alphabet stands for one that looks like it
    told_as_wrong      the answer itself says that these are not the right words

Where the time runs out, only a part is judged; `budget.is_exceeded` says so.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from operator import attrgetter

from config.budget import Budget, OutOfTime
from quotes.columns import BoardLine
from quotes.text.normalization import skeleton
from quotes.verification.attribution import Attributed, cited_id, wrongly_attributed
from quotes.verification.claims import asks_for_lines, is_claim, is_told_as_wrong, possible_speakers
from quotes.verification.divided import with_quotations
from quotes.verification.judgement import (
    Judgement,
    begun,
    by_words,
    compared,
    is_long_enough,
    is_most_of,
    is_near,
    is_part_of_near,
    is_sentence,
)
from quotes.verification.matches import Match, Matcher
from quotes.verification.parts import Parts, find_parts
from quotes.verification.pieces import Beside, Divider, Piece, choose, within, without_credits
from quotes.verification.reading import Range, Reading, read
from quotes.verification.spans import BLOCK, MARKED, PROSE, SILENT, Span, find_spans, make_span
from quotes.verification.term_candidates import speakers_among

MOST_PARTS = 200  # that are looked up in an answer

_TRIED = 3  # lines that a quotation as a whole is compared with
_SENTENCE = 5  # words that may be claimed to be a line, however short they are


def verify(
    answer: str,
    shown: Sequence[BoardLine],
    budget: Budget | None = None,
    *,
    question: str = "",
    given: str = "",
) -> list[Judgement]:
    """The judgements of an answer, in order. `shown` are the lines that the model was given,
    `question` is what it answers, and `given` are further texts of the user: quoting those is no
    claim. Words for which the budget leaves no time are left out.
    """
    budget = budget or Budget()
    reading = read(answer, budget)
    divided: list[Parts] = []
    with suppress(OutOfTime):
        divided = _divided(reading, shown, budget)
    if not divided:
        return []
    return _Judge(reading, shown, budget, question, skeleton(given)).judge(divided)


def _divided(reading: Reading, shown: Sequence[BoardLine], budget: Budget) -> list[Parts]:
    """The spans with their parts; prose only where lines were shown. Raises `OutOfTime`."""
    divided: list[Parts] = []
    credited: list[Range] = []
    count = 0
    for span in with_quotations(reading, find_spans(reading, budget)):
        budget.check()
        is_credit = bool(credited) and credited[-1][0] <= span.begin < credited[-1][1]
        if not is_credit and (span.kind != PROSE or shown):
            divided.append(find_parts(reading, span))
            credited += divided[-1].credits
            count += len(divided[-1].places)
            if count > MOST_PARTS:
                budget.is_exceeded = True
                break
    return divided


class _Judge:
    """What the judgements of one answer share."""

    def __init__(
        self,
        reading: Reading,
        shown: Sequence[BoardLine],
        budget: Budget,
        question: str,
        given: str,
    ) -> None:
        self._reading = reading
        self._shown = shown
        self._shown_ids = {line.id for line in shown}
        self._budget = budget
        self._question = question
        self._asks_for_lines = asks_for_lines(question)
        self._given = given  # as a skeleton
        self._compared_before: dict[tuple[Span, int], Judgement] = {}
        self._judged_before: dict[Beside, Judgement | None] = {}

    def judge(self, divided: Sequence[Parts]) -> list[Judgement]:
        text = self._reading.text
        matcher = Matcher(self._reading, self._shown, self._budget)
        found = matcher.find(divided)
        chosen = choose(found, text, self._shown_ids)
        # Twice, as a sentence reaches farther where a match beside it turns out to be none.
        accepted = [match for match, _ in self._known(Divider(text, divided, chosen))]
        accepted = self._as_one_line(accepted, found, divided)
        accepted = self._with_beginnings(accepted, matcher, divided)
        divider = Divider(text, divided, accepted)
        known = [one for _, one in self._known(divider)]
        places = [(one.span.begin, one.span.stop) for one in known]
        unknown = self._unknown(self._left(divider, places)) if matcher.is_complete else []
        judged = sorted([*known, *unknown], key=lambda one: (one.span.begin, -one.span.stop))
        lines = {match.line.id: match.line for match in (*found, *accepted)}.values()
        return list(self._with_notes(_without_overlap(judged), by_words(lines)))

    def _known(self, divider: Divider) -> Iterator[tuple[Match, Judgement]]:
        """The matches that are one, with the judgement of the best of their pieces."""
        with suppress(OutOfTime):
            for number, match in enumerate(divider.matches):
                self._budget.check()
                beside = divider.beside(number)
                if beside not in self._judged_before:
                    self._judged_before[beside] = self._judged(match, divider.pieces(number))
                if one := self._judged_before[beside]:
                    yield match, one

    def _judged(self, match: Match, pieces: Iterable[Piece]) -> Judgement | None:
        return next((one for piece in pieces if (one := self._compared(piece, match))), None)

    def _as_one_line(
        self, accepted: Sequence[Match], found: Sequence[Match], divided: Sequence[Parts]
    ) -> list[Match]:
        """With one match for a quotation of several sentences that is, as a whole, like one line,
        as where a full stop was added.
        """
        by_span: dict[Span, list[Match]] = {}
        for match in found:
            by_span.setdefault(match.span, []).append(match)
        around = Divider(self._reading.text, divided, accepted).around
        joined = [
            whole
            for parts in divided
            if parts.span.kind in {MARKED, BLOCK} and len(parts.places) > 1
            if parts.span not in around
            if (whole := self._whole(parts, by_span.get(parts.span, ()), accepted))
        ]
        covered = {id(match) for one in joined for match in _between(accepted, one.begin, one.stop)}
        kept = [match for match in accepted if id(match) not in covered]
        return sorted([*kept, *joined], key=attrgetter("begin"))

    def _with_beginnings(
        self, accepted: Sequence[Match], matcher: Matcher, divided: Sequence[Parts]
    ) -> list[Match]:
        """With the first words of shown lines that go on in other words, where nothing is known and
        nothing claims them: without marks, or told as wrong.
        """
        places = [(match.begin, match.stop) for match in accepted]
        found: list[Match] = []
        with suppress(OutOfTime):
            found += matcher.beginnings(divided, accepted)
        unclaimed = [match for match in found if self._is_unclaimed(match.span)]
        found = choose(unclaimed, self._reading.text, self._shown_ids)
        free = [one for one in found if not any(within(places, one.begin, one.stop))]
        return sorted([*accepted, *free], key=attrgetter("begin"))

    def _is_unclaimed(self, span: Span) -> bool:
        return span.kind not in {MARKED, BLOCK} or is_told_as_wrong(self._reading, span)

    def _begun(self, piece: Piece, span: Span, line: BoardLine) -> Judgement | None:
        """Inside of marks, the whole sentence is the line in other words."""
        if not piece.is_quoted:
            return begun(span, line)
        one = compared(span, line)
        return one if one.verdict == "altered" else None

    def _whole(
        self, parts: Parts, found: Sequence[Match], accepted: Sequence[Match]
    ) -> Match | None:
        begin, stop = parts.places[0][0], parts.places[-1][1]
        span = make_span(self._reading, begin, stop, parts.span.kind)
        inside = _between(accepted, begin, stop)
        if not span or any(self._stands_alone(one, span) for one in inside):
            return None
        for match in sorted(found, key=lambda match: -match.region.score)[:_TRIED]:
            one = compared(span, match.line)
            if one.verdict == "altered" and self._is_near(one, match, is_quoted=True):
                return replace(match, begin=begin, stop=stop)
        return None

    def _compared(self, piece: Piece, match: Match) -> Judgement | None:
        """The judgement of words that are near enough to a line; None for others."""
        span = self._span(piece)
        if not span:
            return None
        if match.is_beginning:
            return self._begun(piece, span, match.line)
        if (span, match.line.id) not in self._compared_before:
            self._compared_before[span, match.line.id] = compared(span, match.line)
        one = self._compared_before[span, match.line.id]
        if one.verdict == "altered":
            return one if self._is_near(one, match, is_quoted=piece.is_quoted) else None
        is_all = piece.owner and _is_same_place(span, piece.owner.span)
        if one.match != "excerpt":
            return one if (is_all and piece.is_quoted) or is_long_enough(span.text) else None
        if not is_long_enough(span.text) and not is_part_of_near(span, match.line):
            return None
        is_marked = piece.is_quoted or (is_all and span.mark) or self._is_asked_for(piece, span)
        is_shown = match.line.id in self._shown_ids
        is_most = is_most_of(span.text, match.line.content, is_shown=is_shown)
        return one if is_marked or is_most else None

    def _is_asked_for(self, piece: Piece, span: Span) -> bool:
        """Whether it is a whole cell, bullet or the like in an answer to who asked for lines."""
        return (
            self._asks_for_lines
            and piece.owner is not None
            and (span.begin, span.stop) == without_credits(piece.owner)
        )

    def _is_near(self, one: Judgement, match: Match, *, is_quoted: bool) -> bool:
        is_shown = match.line.id in self._shown_ids
        return is_near(one, match.share, is_quoted=is_quoted, is_shown=is_shown)

    def _stands_alone(self, match: Match, span: Span) -> bool:
        """Whether it is a line in the span with another sentence beside it."""
        if not (span.begin <= match.begin and match.stop <= span.stop):
            return False
        if not match.is_most_of_line:
            return False
        before = self._reading.text[span.begin : match.begin]
        after = self._reading.text[match.stop : span.stop]
        return match.is_whole_line or is_sentence(before) or is_sentence(after)

    def _left(self, divider: Divider, known: Sequence[Range]) -> Iterator[tuple[Piece, bool]]:
        """What may be claimed to be a line: also what nothing marks, where lines were asked for."""
        yield from divider.left(known)
        if self._asks_for_lines:
            yield from divider.unmarked(known)

    def _unknown(self, left: Iterable[tuple[Piece, bool]]) -> list[Judgement]:
        """What stands with a line in the same quotation is claimed to be one, too."""
        spans = [(self._span(piece), is_beside) for piece, is_beside in left]
        found = [(span, beside) for span, beside in spans if span and self._is_ours(span)]
        claimed: list[Span] = []
        in_doubt: dict[Span, set[str]] = {}
        with suppress(OutOfTime):
            for span, is_beside in found:
                self._budget.check()
                if is_beside or self._is_claim(span):
                    claimed.append(span)
                elif speakers := possible_speakers(self._reading, span, self._question):
                    in_doubt[span] = speakers
            claimed += self._said_by_speakers(in_doubt)
        return [Judgement(span, "unknown") for span in claimed]

    def _is_ours(self, span: Span) -> bool:
        """Whether the words are the answer's, and not those of a text that the user has given."""
        return _is_told(span) and not (self._given and skeleton(span.text) in self._given)

    def _is_claim(self, span: Span) -> bool:
        return is_claim(self._reading, span, question=self._question, shown=self._shown)

    def _said_by_speakers(self, named: Mapping[Span, set[str]]) -> list[Span]:
        """Those of the spans beside which stands the name of a speaker of the board."""
        if not named:
            return []
        with self._budget.waiting():
            known = speakers_among(chain.from_iterable(named.values()))
        return [span for span, names in named.items() if names & known]

    def _span(self, piece: Piece) -> Span | None:
        kind = piece.owner.span.kind if piece.owner else SILENT
        span = make_span(self._reading, piece.begin, piece.stop, kind)
        if span and piece.owner and _is_same_place(span, piece.owner.span):
            return piece.owner.span
        return span

    def _with_notes(
        self, judged: Sequence[Judgement], lines: Mapping[str, Sequence[BoardLine]]
    ) -> Iterator[Judgement]:
        same = {one.span: lines[skeleton(one.line.content)] for one in judged if one.line}
        found = [Attributed(span, each) for span, each in same.items()]
        wrong = wrongly_attributed(found, self._reading, self._shown)
        for one in judged:
            notes = list(one.notes)
            if one.span in wrong:
                notes.append("wrong_speaker")
            if one.line and self._cites_another(one.span, same[one.span]):
                notes.append("wrong_id")
            if one.verdict in {"altered", "unknown"} and is_told_as_wrong(self._reading, one.span):
                notes.append("told_as_wrong")
            yield replace(one, notes=tuple(notes)) if notes else one

    def _cites_another(self, span: Span, lines: Sequence[BoardLine]) -> bool:
        cited = cited_id(self._reading, span)
        return cited is not None and cited not in {line.id for line in lines}


def _is_told(span: Span) -> bool:
    """Whether words that may be claimed to be a line are no title or term; in Latin letters, a
    sentence of small words, too.
    """
    text = span.quotation or span.text
    words = [word for word in text.split() if any(map(str.isalnum, word))]
    return is_long_enough(text) or len(words) >= _SENTENCE


def _is_same_place(span: Span, other: Span) -> bool:
    return (span.begin, span.stop) == (other.begin, other.stop)


def _between(matches: Sequence[Match], begin: int, stop: int) -> Sequence[Match]:
    """Those of the matches, which are in order, that begin in a place."""
    first = bisect_left(matches, begin, key=attrgetter("begin"))
    return matches[first : bisect_left(matches, stop, key=attrgetter("begin"))]


def _without_overlap(judged: Sequence[Judgement]) -> list[Judgement]:
    """Without unknown words around or inside of known ones."""
    known = [(one.span.begin, one.span.stop) for one in judged if one.line]
    chosen: list[Judgement] = []
    for one in judged:
        at = bisect_left(known, (one.span.stop, 0))
        is_free = one.line or at == 0 or known[at - 1][1] <= one.span.begin
        if is_free and (not chosen or chosen[-1].span.stop <= one.span.begin):
            chosen.append(one)
    return chosen
