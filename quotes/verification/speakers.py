"""The speakers of the board that an answer may name instead of a line's own."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from quotes.columns import BoardLine
from quotes.text.normalization import folded
from quotes.verification import names
from quotes.verification.across_scripts import (
    are_of_two_peoples,
    is_certainly_another,
    known_speakers,
    may_be_own,
)
from quotes.verification.forms import Named
from quotes.verification.own_names import Own, words_of
from quotes.verification.term_candidates import credits_by_name, is_dictionary

_NAMES = 24  # variants of names that are looked up for a span; no sentence has more
_OFTEN = 3  # lines, from which a short name is known to be one
_ACROSS = 8  # names in another script that are looked up for an answer
_YEAR = re.compile(r"\(\d{4}\)$")
_ONE_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Miss|Ms|Dr|Lady|Lord|Captain|King|Queen|Prince|The)\b\.?\s)?\S+"
)


@dataclass(slots=True)
class Speakers:
    """The speakers of the board that the answer may name, with their works. `only_names` are last
    names that are no word of any line, and so no subject. `sounding` are the speakers whose name in
    another script is the answer's.
    """

    works: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    speakers_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    called: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    only_names: set[str] = field(default_factory=set)
    sounding: dict[Named, set[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, named: Iterable[tuple[Own, Sequence[Named]]], shown: Sequence[BoardLine]
    ) -> "Speakers":
        named = [*named]
        made, asked = cls(sounding=dict(islice(_sounding(named), _ACROSS))), set[str]()
        asked |= {speaker for found in made.sounding.values() for speaker in found}
        for line in shown:
            made._add(line.speaker, line.source)
        for own, others in named:
            possible = chain.from_iterable(names.variants(one.name) for one in others)
            asked |= own.speakers | set(islice(possible, _NAMES))
            if any(one in made.sounding for one in others):
                asked |= {folded(line.source) for line in own.lines if line.source}
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
        if known & own.speakers:
            return False
        if not own.is_in_script_of(one.name):
            return self._is_another_across(one, known, own)
        if not known:
            return one.is_sure and names.is_person(one.name) and not own.has_work()
        if not any(map(self._may_have_an_author, own.lines)):
            return not (one.is_credit and self._is_title(one.name, own))
        return all(self._is_character(name) for name in known) or self._is_of_other_work(one, own)

    def _is_another_across(self, one: Named, known: set[str], own: Own) -> bool:
        """The same with more doubt: an author or a title may be known by another name, too, and who
        stands beside a line in another language may have translated it.
        """
        known = known | (self.sounding.get(one, set()) & self.works.keys())
        if not known or names.has_other_part(f"{one.name} {one.rest}"):
            return False
        if may_be_own(one.name, one.rest, own) or not is_certainly_another(one.name, known, own):
            return False
        if any(map(self._may_be_of_another_author, own.lines)):
            return all(map(self._is_certainly_character, known)) or self._are_apart(one, known, own)
        return own.has_work() or not any(
            name in self.speakers_of or self._is_character(name) for name in known
        )

    def _may_have_an_author(self, line: BoardLine) -> bool:
        """Whether another speaker of the board may have written the line's work. A name in Latin
        letters with one work may be a character of it (Mark Antony). One in Hangul is taken for the
        author, because else a poet's line under another poet's name would get no note.
        """
        is_hangul = names.has_hangul_name(line.speaker)
        return self._may_be_character(line) or (
            not is_hangul and self._may_be_of_another_author(line)
        )

    def _may_be_of_another_author(self, line: BoardLine) -> bool:
        """Whether the speaker is not known by several works, or by none."""
        return bool(line.source) and len(self.works[names.plain(line.speaker)]) == 1

    def _are_apart(self, one: Named, known: set[str], own: Own) -> bool:
        """Whether neither can be the author of the other's works."""
        works = chain.from_iterable(self.works[name] for name in known)
        scripts = {names.script_of(work) for work in works if work}
        return all(are_of_two_peoples(one.name, speaker) for speaker in own.speakers) and not any(
            names.script_of(line.source) in scripts for line in own.lines
        )

    def _is_certainly_character(self, speaker: str) -> bool:
        """Whether the works have the name in their title, or more speakers beside the author."""
        return all(
            bool(set(words_of([work])) & words_of([speaker]))
            or (" " not in speaker and len(self.speakers_of[work]) > 2)  # noqa: PLR2004
            for work in self.works[speaker]
        )

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
            or bool(set(words_of([work])) & words_of([speaker]))
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


def _sounding(
    named: Iterable[tuple[Own, Sequence[Named]]],
) -> Iterator[tuple[Named, set[str]]]:
    for own, others in named:
        for one in others:
            if not own.is_in_script_of(one.name):
                yield one, known_speakers.sounding_like(one.name, is_whole=one.is_whole)


def _is_only_name(word: str, lines: Sequence[tuple[str, str]]) -> bool:
    """Whether a word of the board is a name and no other word ("Hope" is both): at least `_OFTEN`
    lines have it in their credits, and no line has it elsewhere. On a board with few lines, a usual
    word may be in none of them, so there the answer is False.
    """
    is_credited = all(word in words_of(credit) for credit in lines)
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
