"""The letters and digits of a text with the place of each, for comparisons that ignore marks,
spaces and case, and find out afterwards where in the text they are.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

from config.text import is_common
from config.unicode import normalize
from quotes.text.normalization import skeleton

# A character with the marks that belong to it, also Hangul written in single letters.
_CLUSTER = re.compile(
    r"[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+|.[\u0300-\u036f\u3099\u309a]*", re.DOTALL
)
_letter = lru_cache(1 << 16)(skeleton)


@dataclass(frozen=True, slots=True)
class Letters:
    """Letter i begins at `places[i]` of the text. `ends` are the ends of those that are longer than
    one character.
    """

    text: str
    places: list[int]
    ends: Mapping[int, int]

    def end(self, letter: int) -> int:
        place = self.places[letter]
        return self.ends.get(place, place + 1)

    def between(self, begin: int, stop: int) -> tuple[int, int]:
        """The first and the last letter (exclusive) of a place in the text."""
        return bisect_left(self.places, begin), bisect_left(self.places, stop)


def letters_of(text: str) -> Letters:
    if is_common(text):
        are_letters = [*map(str.isalnum, text)]
        places = [*compress(range(len(text)), are_letters)]
        return Letters("".join(compress(text.lower(), are_letters)), places, {})
    if normalize("NFC", text) == text:
        return _letters(range(len(text)), list(map(_letter, text)), {})
    clusters = list(_CLUSTER.finditer(text))
    ends = {one.start(): one.end() for one in clusters}
    return _letters(list(ends), [_letter(one[0]) for one in clusters], ends)


def _letters(places: Sequence[int], found: list[str], ends: Mapping[int, int]) -> Letters:
    text = "".join(found)
    if len(text) <= len(places) and all(len(one) < 2 for one in set(found)):  # noqa: PLR2004
        return Letters(text, list(compress(places, found)), ends)
    # ß gives two letters.
    return Letters(text, [at for at, one in zip(places, found, strict=True) for _ in one], ends)


@lru_cache(4096)  # the same line is compared with many parts, in many answers
def letters_of_line(content: str) -> Letters:
    return letters_of(content)
