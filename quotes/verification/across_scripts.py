"""Names in Hangul beside names in Latin letters: who may be the same, and who is another one.

Most names sound alike in both (햄릿, Hamlet), but not all (공자, Confucius). So it is no evidence
of two persons that names do not. It takes a comparison within one script, of one name and of what
is certainly the other's spelling there, or two forms that no person's names have together.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from time import monotonic

from rapidfuzz import fuzz, process

from config.budget import Budget
from quotes.search.speaker_names import distinct_speakers
from quotes.text.transliteration import (
    consonants,
    difference,
    east_asian_syllables,
    rough_consonants,
)
from quotes.verification import names
from quotes.verification.own_names import Own, is_alike, words_of

_MAY_BE = 0.5  # greatest difference of sounds of names that may be the same one
_MAY_BE_IN_CONTEXT = 0.35  # of words that may be none
_IS = (0.0, 0.05, 0.08)  # of names that are the same one, with two, three and more consonants
_SURE = 3  # consonants of a name that is recognized by its sound where it may be any word
_READ = 200  # words of the lines' contexts
_ROUGHLY = 60  # of 100: the least similarity of names that are compared by their sounds
_COMPARED = 40  # of them
_WORD = re.compile(r"[^\W_]+")
_COMPARABLE = frozenset({"HANGUL", "LATIN"})
_KEPT_SECONDS = 600.0  # what was taken off the board since counts no longer, as it is looked up


def is_one_name(name: str, other: str) -> bool:
    """Whether two names in Hangul and in Latin letters are certainly one."""
    least = min(consonants(name, heard=True), consonants(other, heard=True))
    return least > 1 and difference(name, other) <= _IS[min(least, 4) - 2]


def may_be_one_name(name: str, other: str) -> bool:
    """Whether any of their words may be the same, or the whole."""
    if difference(name, other) <= _MAY_BE or _has_surname(name, other):
        return True
    return any(_may_be_one_word(*pair) for pair in product(words_of([name]), words_of([other])))


def _may_be_one_word(word: str, other: str, limit: float = _MAY_BE) -> bool:
    return min(consonants(word), consonants(other)) > 1 and difference(word, other) <= limit


def _has_surname(name: str, other: str) -> bool:
    """Whether the first syllable of a Korean name is a word of the other (이소룡, Bruce Lee)."""
    if names.has_hangul_name(other):
        name, other = other, name
    last = name.split()[-1:]
    if not any(map(names.is_korean_person, last)):
        return False
    short = (word for word in words_of([other]) if east_asian_syllables(word) == 1)
    return any(difference(last[0][0], word) <= _MAY_BE for word in short)


def may_be_own(name: str, rest: str, own: Own) -> bool:
    """Whether the name, or what stands beside it in a credit, may be a speaker, a work or an author
    of the lines in another script.
    """
    credited = [text for line in own.lines for text in line.names]
    if any(may_be_one_name(one, text) for one, text in product((name, rest), credited) if one):
        return True
    words = [word for word in words_of([name]) if consonants(word) >= _SURE]
    is_hangul = names.has_hangul_name(name)
    context = (word for word in own.words if names.has_hangul_name(word) != is_hangul)
    return any(
        _may_be_one_word(*pair, _MAY_BE_IN_CONTEXT)
        for pair in product(words, islice(context, _READ))
    )


def is_near(text: str, own: Own) -> bool:
    """Whether a speaker or a work of the lines may stand in a sentence, in another script."""
    capital = [word for word in _WORD.findall(text) if not word[0].islower()]
    return any(_may_be_one_word(*pair) for pair in product(capital, own.near))


def is_certainly_another(name: str, known: Iterable[str], own: Own) -> bool:
    """Whether the speakers of the board that `name` stands for (`known`) cannot be one with the
    lines' speakers, all of whom are named in another script.
    """
    scripts = {names.script_of(one) for one in own.speakers}
    compared = [one for one in known if names.script_of(one) in scripts]
    if compared:
        return not any(map(own.is_own, compared))
    return all(
        _is_unlike_spelling(name, speaker, own) or are_of_two_peoples(name, speaker)
        for speaker in own.speakers
    )


def _is_unlike_spelling(name: str, speaker: str, own: Own) -> bool:
    """Whether the speaker's spelling in the name's script is known, and is unlike the name."""
    script = names.script_of(name)
    other = (word for word in own.words if names.script_of(word) == script)
    spellings = {*islice(other, _READ), *known_speakers.sounding_like(speaker)}
    found = [
        one
        for one in spellings
        if consonants(one) >= _SURE and any(is_one_name(one, form) for form in _forms(speaker))
    ]
    words = words_of([name])
    return bool(found) and not any(is_alike(*pair) for pair in product(words, words_of(found)))


def are_of_two_peoples(name: str, speaker: str) -> bool:
    """Whether one is named like a Korean, and the other like no Korean, Chinese or Japanese."""
    latin, hangul = sorted((name, speaker), key=names.has_hangul_name)
    words = [word for word in words_of([latin]) if word.isalpha()]
    syllables = list(map(east_asian_syllables, words))
    return (
        names.is_korean_person(hangul)
        and names.is_name_like(latin.title())
        and len(words) > 1
        and not all(syllables)
        and 1 not in syllables
    )


_ByScript = dict[bool, tuple[list[str], list[str]]]  # names and their rough consonants


class _KnownSpeakers:
    """The speakers of the board by their sounds, up to ten minutes old."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._by_script: _ByScript = {True: ([], []), False: ([], [])}
        self._until = 0.0

    def sounding_like(self, name: str, *, is_whole: bool = False) -> set[str]:
        """The speakers, in the form of `names.plain`, whose name in the other script is this one,
        or ends with it unless it `is_whole`.
        """
        if names.plain(name).startswith("the ") or names.script_of(name) not in _COMPARABLE:
            return set()
        self._refresh()
        speakers, rough = self._by_script[not names.has_hangul_name(name)]
        for variant in _runs(name)[: 1 if is_whole else None]:
            if found := set(_alike(variant, speakers, rough, is_whole=is_whole)):
                return found
        return set()

    def _refresh(self) -> None:
        if monotonic() < self._until:
            return
        found, budget = distinct_speakers(), Budget()
        self._until = monotonic() + _KEPT_SECONDS
        by_script: _ByScript = {True: ([], []), False: ([], [])}
        for speaker in map(names.plain, found):
            budget.give_way()
            speakers, rough = by_script[names.has_hangul_name(speaker)]
            for form in _forms(speaker):
                speakers.append(speaker)
                rough.append(rough_consonants(form))
        self._by_script = by_script


known_speakers = _KnownSpeakers()


def _runs(name: str) -> list[str]:
    """The name, and what it is without an office before or behind it."""
    words = names.plain(name).split()
    return [" ".join(part) for part in (words, words[1:], words[:-1]) if part]


def _forms(name: str) -> list[str]:
    """The whole name without a note in parentheses, and its last word."""
    whole = names.plain(names.head_of(name)) or name
    return list(dict.fromkeys((whole, whole.split()[-1])))


def _alike(
    name: str, speakers: Sequence[str], rough: Sequence[str], *, is_whole: bool
) -> Iterator[str]:
    near = process.extract(
        rough_consonants(name), rough, scorer=fuzz.ratio, score_cutoff=_ROUGHLY, limit=_COMPARED
    )
    for speaker in {speakers[place] for _, _, place in near}:
        whole, *last = _forms(speaker)
        if is_one_name(name, whole) or (
            last and not is_whole and _is_last_name(name) and is_one_name(name, last[0])
        ):
            yield speaker


def _is_last_name(name: str) -> bool:
    return " " not in name and not names.is_korean_person(name)
