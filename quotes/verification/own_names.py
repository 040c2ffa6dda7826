"""What the lines with the same words are credited to, and whether a name may be one of these."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from quotes.columns import BoardLine
from quotes.text.normalization import folded, skeleton
from quotes.verification import names

_ALIKE = 70  # of 100: the least similarity of two spellings of a name (Laozi, Lao Tzu)
_COMMON = frozenset("of the de la von van der du bin ibn al and in an on to by".split())  # noqa: SIM905
_NAME_WORD = re.compile(r"[^\W_]{2,}")


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
        near = words_of(text for line in named for text in (line.speaker, line.source))
        words = near | words_of(line.context for line in named)
        return cls(named, {names.plain(line.speaker) for line in named}, words, near)

    def is_own(self, name: str) -> bool:
        letters = skeleton(name)
        return any(is_alike(word, own) for word in words_of([name]) for own in self.words) or any(
            fuzz.ratio(letters, skeleton(own)) >= _ALIKE for own in self.speakers
        )

    def is_near(self, text: str) -> bool:
        return any(is_alike(word, own) for word in words_of([text]) for own in self.near)

    def has_work(self) -> bool:
        return any(line.source for line in self.lines)

    def is_in_script_of(self, name: str) -> bool:
        script = names.script_of(name)
        return any(names.script_of(one) == script for one in self.speakers)


def words_of(texts: Iterable[str]) -> set[str]:
    return set(_NAME_WORD.findall(folded(" ".join(texts)))) - _COMMON


def is_alike(word: str, own: str) -> bool:
    """Hangul words hold names with particles (춘향이, 성춘향); spellings of others vary."""
    if word == own:
        return True
    if names.has_hangul_name(own):
        return own in word or (len(word) >= 2 and word in own)  # noqa: PLR2004
    return len(own) > 4 and fuzz.ratio(word, own) >= 85  # noqa: PLR2004
