"""Whether an answer names another speaker of a quoted line than the board does.

A note needs evidence, since a wrong note is worse than none:

- A name in a form that can only be a credit ("…" — Hamlet) decides alone. In a sentence, where
  other names may stand, no name counts if the line's own speaker or work is near.
- A name counts if the board has it as the speaker of other lines; an unknown one only if its form
  leaves no doubt that it is a person's and the line has no work, whose author it may be.
- A line may be said by a character (`_may_be_character`) and credited to the author of the work.
  Then only another character counts.
- Names in another script than the line's speaker are not compared: Shakespeare is 셰익스피어.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

from rapidfuzz import fuzz

from quotes.columns import BoardLine
from quotes.text.normalization import folded, skeleton
from quotes.verification import names
from quotes.verification.forms import (
    DENIAL,
    Named,
    credit_in,
    credits_of,
    labels_of,
    prose_of,
    sentence_before,
)
from quotes.verification.reading import Range, Reading
from quotes.verification.spans import MARKED, Span
from quotes.verification.surroundings import AROUND, Context, Surroundings, outside
from quotes.verification.term_candidates import credits_by_name, is_dictionary

_NAMES = 24  # variants of names that are looked up for a span; no sentence has more
_OFTEN = 3  # lines, from which a short name is known to be one
_ALIKE = 70  # of 100: the least similarity of two spellings of a name (Laozi, Lao Tzu)
_COMMON = frozenset("of the de la von van der du bin ibn al and in an on to by".split())  # noqa: SIM905

_ID = re.compile(r"[”\"'」’»\s.,)]{0,4}\[(?P<id>\d{1,18})\]")
_NAME_WORD = re.compile(r"[^\W_]{2,}")
_YEAR = re.compile(r"\(\d{4}\)$")
_ONE_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Miss|Ms|Dr|Lady|Lord|Captain|King|Queen|Prince|The)\b\.?\s)?\S+"
)


class Attributed(NamedTuple):
    """A span, and all lines of the board with its words: the speaker of each is right."""

    span: Span
    lines: Sequence[BoardLine]


def wrongly_attributed(
    found: Sequence[Attributed],
    reading: Reading,
    shown: Sequence[BoardLine],
) -> set[Span]:
    """The spans whose line the answer attributes to another speaker than the board does. `shown`
    are the lines that the model was given.
    """
    context, named = Context(reading), dict[Span, tuple[Own, list[Named]]]()
    for span, lines in found:
        own = Own.of(lines)
        if own.speakers and (
            others := _others(context.around(span), own, behind(context, reading, span))
        ):
            named[span] = own, others
    if not named:
        return set()
    board = Speakers.of(named.values(), shown)
    return {
        span
        for span, (own, others) in named.items()
        if any(board.is_another(one, own) for one in others)
    }


def cited_id(reading: Reading, span: Span) -> int | None:
    """The id of a line in square brackets after a span."""
    stop = outside(reading, span)[1]
    cited = _ID.match(reading.text, stop, stop + AROUND)
    return int(cited["id"]) if cited else None


def credits_in(text: str, begin: int, stop: int) -> list[Range]:
    """The places of what credits words, inside a block quote or quotation marks: lines that are a
    name behind a dash or in parentheses, the same at the end of a line, and names before speeches.
    """
    if not _MAY_CREDIT.search(text, begin, stop):
        return []
    lines = list(_lines(text, begin, stop))
    speeches = sum(bool(_speaker_of_speech(line)) for _, line in lines)
    found: list[Range] = []
    has_words = False
    for at, line in lines:
        place = (_credit_line(line) if has_words else None) or _tail(line)
        label = _speaker_of_speech(line, is_certain=speeches > 1)
        if label and (not place or _is_in_label(place, label, line)):
            place = label
        if place:
            found.append((at + place[0], at + place[1]))
        has_words = has_words or bool(line.strip() and not place) or bool(place and place[0])
    return found


def _is_in_label(place: Range, label: Range, line: str) -> bool:
    """Whether a dash belongs to the name before a speech ("The Judge — Portia: The quality of mercy
    is not strained"), and does not credit what stands before it.
    """
    return label[0] < place[0] < label[1] and not _is_credit(line[label[1] :].strip())


def _lines(text: str, begin: int, stop: int) -> Iterator[tuple[int, str]]:
    at = begin
    for line in text[begin:stop].split("\n"):
        yield at, line
        at += len(line) + 1


_MAY_CREDIT = re.compile(r"[-–—―~(\[:：]")  # every credit in quoted words has one of these
_LINE = re.compile(
    r"\s*(?:[-–—―~]+\s*(?P<dash>\S.{0,79})|[(\[](?P<parenthesis>[^()\[\]]{1,80})[)\]])\s*\Z"
)
_TAIL = re.compile(
    r"(?:(?<=\s)[-–—―]{1,2}\s|[–—―]|\()"
    r"(?P<credit>[^\n–—―()]{1,60}(?:\([^\n()]{1,40}\)[^\n–—―()]{0,40})?)\)?[\s*_]*\Z"
)
_SPEECH = re.compile(r"\s*(?P<name>[^:：\s][^:：]{0,38})[:：](?=\s|\Z)")


def _credit_line(line: str) -> Range | None:
    match = _LINE.match(line[: 2 * AROUND]) if len(line) <= AROUND else None
    if match and _is_credit(match["dash"] or match["parenthesis"]):
        return match.start(), match.end()
    return None


def _tail(line: str) -> Range | None:
    start = max(0, len(line) - AROUND)
    match = _TAIL.search(line, start)
    while match and not _is_credit(match["credit"]):
        match = _TAIL.search(line, match.start() + 1)
    return (match.start(), match.end()) if match and line[: match.start()].strip() else None


def _speaker_of_speech(line: str, *, is_certain: bool = True) -> Range | None:
    """A single word before a colon may begin the words themselves ("Marriage: a friendship"), so it
    counts only alone in its line or if several lines have one.
    """
    match = _SPEECH.match(line[:AROUND])
    if not match or not _is_label(match["name"]):
        return None
    is_alone = not line[match.end() :].strip()
    if is_certain or is_alone or len(match["name"].split()) > 1:
        return match.start("name"), match.end()
    return None


def _is_credit(text: str) -> bool:
    """Whether a text behind a dash or in parentheses credits words to a person or a work."""
    head = names.head_of(text)
    return names.is_name_like(head) or any(
        _REFERENCE.fullmatch(one.strip(" *_")) for one in (text, head)
    )


def _is_label(text: str) -> bool:
    words = len(names.head_of(text).split())
    return _is_credit(text) and words <= (3 if names.has_hangul_name(text) else 5)


# A chapter and verse, a proverb, or no name at all.
_REFERENCE = re.compile(
    r"[^\W\d][\w .]{1,40} \d{1,3}:\d{1,3}(?:[-–]\d{1,3})?(?: ?\(?[\w ]{1,30}\)?)?"
    r"|(?:[\w-]+ ){0,3}(?:proverb|Proverb|saying|속담|격언|미상)|Anonymous|Unknown|Anon\.|익명"
    r"|속담|격언"
)


@dataclass(slots=True)
class Own:
    """What the lines with the same words are credited to. `words` are those of speakers, works and
    contexts, which tell of authors and other spellings; `near` those of speakers and works alone.
    """

    lines: list[BoardLine]
    speakers: set[str]
    words: set[str]
    near: set[str]

    @classmethod
    def of(cls, lines: Sequence[BoardLine]) -> "Own":
        named = [line for line in lines if line.speaker]
        near = _words_of(text for line in named for text in (line.speaker, line.source))
        words = near | _words_of(line.context for line in named)
        return cls(named, {names.plain(line.speaker) for line in named}, words, near)

    def is_own(self, name: str) -> bool:
        letters = skeleton(name)
        return any(_is_alike(word, own) for word in _words_of([name]) for own in self.words) or any(
            fuzz.ratio(letters, skeleton(own)) >= _ALIKE for own in self.speakers
        )

    def is_near(self, text: str) -> bool:
        return any(_is_alike(word, own) for word in _words_of([text]) for own in self.near)

    def has_work(self) -> bool:
        return any(line.source for line in self.lines)

    def is_in_script_of(self, name: str) -> bool:
        return any(
            names.has_hangul_name(one) == names.has_hangul_name(name) for one in self.speakers
        )


def _words_of(texts: Iterable[str]) -> set[str]:
    return set(_NAME_WORD.findall(folded(" ".join(texts)))) - _COMMON


def _is_alike(word: str, own: str) -> bool:
    """Hangul words hold names with particles (춘향이, 성춘향); spellings of others vary."""
    if word == own:
        return True
    if names.has_hangul_name(own):
        return own in word or (len(word) >= 2 and word in own)  # noqa: PLR2004
    return len(own) > 4 and fuzz.ratio(word, own) >= 85  # noqa: PLR2004


def behind(context: Context, reading: Reading, span: Span) -> str:
    """The next credit of a span that is one of several lines in a block quote or in one pair of
    quotation marks.
    """
    if block := context.block_of(span):
        places = (place for place in credits_in(reading.text, *block) if place[0] >= span.stop)
        later = (reading.text[slice(*place)] for place in places)
        return next((text for text in later if not text.endswith((":", "："))), "")
    if span.kind == MARKED and not span.marks:
        rest = _REST_OF_MARKS.match(reading.text, span.stop, span.stop + _CHAIN)
        return reading.text[rest.end() : rest.end() + AROUND] if rest else ""
    return ""


_CHAIN = 600  # characters of lines that stand together in one pair of marks
_REST_OF_MARKS = re.compile(r"[^“‘「『«\"”’」』»]{1,600}[\"”’」』»]")


def _others(around: Surroundings, own: Own, behind: str) -> list[Named]:
    """The names that the answer credits and that are not the lines' own."""
    stated = [
        one for one in (*credits_of(around), *credit_in(behind)) if names.is_name_like(one.name)
    ]
    if stated:
        first = stated[0]
        return [] if own.is_own(first.name) or own.is_own(first.rest) else [first]
    sentence, after = sentence_before(around), _sentence_after(around)
    if (
        any(map(own.is_near, (sentence, after, around.title)))
        or DENIAL.search(around.title)
        or DENIAL.search(sentence)
        or DENIAL.search(after)
    ):
        return []
    found = [one for one in (*prose_of(around), *labels_of(around)) if names.is_name_like(one.name)]
    return [] if any(own.is_own(one.name) for one in found) else found


def _sentence_after(around: Surroundings) -> str:
    return re.split(r"[“\"「‘\n]", around.after.lstrip("”\"」’'»』"), maxsplit=1)[0]


@dataclass(slots=True)
class Speakers:
    """The speakers of the board that the answer may name, with their works. `only_names` are last
    names that are no word of any line, and so no subject.
    """

    works: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    speakers_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    called: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    only_names: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, named: Iterable[tuple[Own, Sequence[Named]]], shown: Sequence[BoardLine]
    ) -> "Speakers":
        made, asked = cls(), set[str]()
        for line in shown:
            made._add(line.speaker, line.source)
        for own, others in named:
            possible = chain.from_iterable(names.variants(one.name) for one in others)
            asked |= own.speakers | set(islice(possible, _NAMES))
            for line in own.lines:
                made._add(line.speaker, line.source)
        found = credits_by_name(asked)
        for speaker, work in chain.from_iterable(found.values()):
            made._add(speaker, work)
        titles = {names.plain(one.name) for _, others in named for one in others if one.is_whole}
        made.only_names = {one for one in titles & found.keys() if _is_only_name(one, found[one])}
        return made

    def _add(self, speaker: str, work: str) -> None:
        if not (speaker := names.plain(speaker)):
            return
        self.works[speaker].add(folded(work))
        self.speakers_of[folded(work)].add(speaker)
        for name in _names_of(speaker):
            self.called[name].add(speaker)

    def is_another(self, one: Named, own: Own) -> bool:
        known = set(chain.from_iterable(self._known(one)))
        if known & own.speakers or not own.is_in_script_of(one.name):
            return False
        if not known:
            return one.is_sure and names.is_person(one.name) and not own.has_work()
        if not any(self._may_be_character(line) for line in own.lines):
            return not (one.is_credit and self._is_title(one.name, own))
        return all(self._is_character(name) for name in known) or self._is_of_other_work(one, own)

    def _known(self, one: Named) -> Iterator[set[str]]:
        """The speakers that bear the longest known part of the name."""
        if one.is_whole:
            name = names.plain(one.name)
            called = self.called.get(name, set())
            is_short = name in self.only_names
            yield {by for by in called if is_short or name in (by, _head_of(by))}
            return
        for part in names.variants(one.name):
            if part in self.called:
                yield self.called[part]
                return

    def _may_be_character(self, line: BoardLine) -> bool:
        """Whether the speaker may be a person in the work and not its author: the work's title has
        the name, it is a film, several speak in it, or the name is a single one. Who has lines of
        several works, or of none, is an author.
        """
        speaker, work = names.plain(line.speaker), folded(line.source)
        if not work or len(self.works[speaker]) > 1:
            return False
        return (
            bool(_YEAR.search(work))
            or bool(set(_words_of([work])) & _words_of([speaker]))
            or len(self.speakers_of[work]) > 1
            or (bool(_ONE_NAME.fullmatch(line.speaker)) and not names.is_person(line.speaker))
        )

    def _is_character(self, speaker: str) -> bool:
        return all(
            self._may_be_character(BoardLine(0, "", speaker, work)) for work in self.works[speaker]
        )

    def _is_title(self, name: str, own: Own) -> bool:
        """Whether the name may be the title of a work that the board does not know of the line."""
        return not own.has_work() and names.plain(name) in self.speakers_of

    def _is_of_other_work(self, one: Named, own: Own) -> bool:
        """Whether a work of the board that is not the line's stands beside the name."""
        works = set(
            chain.from_iterable(self.works[name] for name in chain.from_iterable(self._known(one)))
        )
        rest = folded(one.rest)
        return any(work and work in rest for work in works) and not own.is_near(rest)


def _is_only_name(word: str, lines: Sequence[tuple[str, str]]) -> bool:
    """Whether the lines with this word have it in their credits alone, so that it is the name of
    somebody and not a subject, as "Hope" may be. They must be several, on a board that is large
    enough to have the usual words in its lines.
    """
    is_credited = all(word in _words_of(credit) for credit in lines)
    return len(lines) >= _OFTEN and is_credited and is_dictionary()


def _head_of(speaker: str) -> str:
    return names.plain(names.head_of(speaker))


def _names_of(speaker: str) -> Iterator[str]:
    """The name, with and without a note in parentheses, and its last word, by which many go."""
    yield speaker
    if not (head := _head_of(speaker)):
        return
    yield head
    last = head.split()[-1]
    if len(last) >= (2 if names.has_hangul_name(last) else 3):
        yield last
