"""Whether a name in Hangul and one in Latin letters may be the same name by their sound: 맥베스 and
Macbeth are, 공자 and Confucius are not, though they are the same person.

Both are read as lists of sounds and aligned. A sound is a set of letters, since one letter stands
for several (the c of Caesar, Cicero and Cervantes), and what it costs to leave it out, since
letters may be silent (Rousseau, Knightley).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from math import inf
from typing import NamedTuple

LONGEST = 40  # letters of a name that are read

# Sounds that the spellings do not tell apart are one: P is also b, f and v, G is ng.
_BITS = {letter: 1 << place for place, letter in enumerate("aeiouKNTLMPSCGH")}
_CONSONANTS = sum(bit for letter, bit in _BITS.items() if letter.isupper())
_STRONG, _WEAK = 0.25, 0.1  # costs of vowels
_SILENT = 0.1  # of consonants that may be silent
_SELDOM = 0.2  # of a sound that a letter seldom has


class Sound(NamedTuple):
    """`options` are the usual ones and `seldom` others, as bits of `_BITS`; `cost` is that of
    leaving it out.
    """

    options: int
    seldom: int = 0
    cost: float = 1.0


Sounds = tuple[Sound, ...]


def _sound(form: str, cost: float | None = None) -> Sound:
    """Of the usual letters, behind a / the seldom ones, and a ? if it may be left out."""
    usual, _, seldom = form.rstrip("?").partition("/")
    if cost is None:
        cost = 1.0 if usual.isupper() else _STRONG
        cost = (_SILENT if usual.isupper() else 0.0) if form.endswith("?") else cost
    return Sound(_bits(usual), _bits(seldom), cost)


def _bits(letters: str) -> int:
    return sum(_BITS[letter] for letter in set(letters))


def _sounds(*forms: str) -> Sounds:
    return tuple(map(_sound, forms))


_ONSETS = [*map(_sounds, "KKNTTLMPPSS"), (), *map(_sounds, "CCCKTP"), (_sound("H", 0.3),)]
_CODAS = [
    *((), *map(_sounds, "KKKNNNT"), *[_sounds("L")] * 2, _sounds("M"), *[_sounds("L")] * 5),
    *map(_sounds, "MPP"),
    *[_sounds("TS/C")] * 2,
    _sounds("G/N"),
    *[_sounds("TS/C")] * 2,
    *map(_sounds, ("K", "TS", "P", "T")),
]
# A glide is written or not (Yun and Youn); ㅓ is any vowel, and ㅡ often none.
_VOWELS = [
    _sounds(*forms.split())
    for forms in (
        *("aou", "aei", "i? aou", "i? aei", "aeiou", "ea", "i? aeiou", "i? ea", "oau", "uo? aoi"),
        *("uo? ae", "oeiu", "i? o", "uo", "uo? aeiou", "u? ea", "u? iu", "i? uoe", "aeiou?"),
        *("u? ie", "ie"),
    )
]


def _of_hangul(text: str) -> Iterator[Sound]:
    last: Sounds = ()
    for place, letter in enumerate(text):
        code = ord(letter) - 0xAC00
        if not 0 <= code < 11172:  # noqa: PLR2004 - the number of syllables
            continue
        onset, vowel, coda = _ONSETS[code // 588], _VOWELS[code // 28 % 21], _CODAS[code % 28]
        if not place:
            onset = _first(onset, vowel)
        yield from onset if onset != last else ()
        yield from vowel
        yield from coda
        last = coda


def _first(onset: Sounds, vowel: Sounds) -> Sounds:
    """이 is Yi or Lee, 노자 is Laozi."""
    if onset == _sounds("N"):
        return _sounds("N/L")
    return onset or ((_sound("LN", 0.0),) if vowel[0].options & _BITS["i"] else ())


# The letters of a Latin spelling, the first that fits.
_LATIN = {
    r"^(?:kn|gn|pn|mn)": _sounds("N"),
    r"^ps": _sounds("S"),
    r"^wr|rh": _sounds("L"),
    r"^x": _sounds("S/C"),
    r"t?sch|tch|cz|dg(?=e)|dj|zh|t[sz]|zz|[ct]i(?=[ao])": _sounds("C/ST"),
    r"ch": _sounds("C/KSH"),
    r"sh|ss": _sounds("S"),
    r"sc(?=[eiy])": _sounds("S", "K/C?"),
    r"th": _sounds("ST/C"),
    r"ph": _sounds("P"),
    r"gh": _sounds("K/P?"),
    r"kh": _sounds("K/H"),
    r"ng": _sounds("G/N", "K/C?"),
    r"gn": _sounds("K?", "N"),
    r"mb$": _sounds("M", "P?"),
    r"x$": _sounds("K?", "S?"),
    r"x": _sounds("K/C", "S?"),
    r"(?:cc|gg)(?=[eiy])": _sounds("C/KT", "S?"),
    r"c(?=[eiy]|ae|oe)": _sounds("S/CK"),
    r"g(?=[eiy])": _sounds("CK/H"),
    r"q(?!u)": _sounds("C/K"),
    r"c[ckq]?|gg?|kk?|qu": _sounds("K"),
    r"j": (_sound("C/H", 0.3),),
    r"(?:tt?|dd?)(?=[iur])": _sounds("T/C"),
    r"[td]s?$": _sounds("T/SC?"),
    r"[sz]$": _sounds("S/TC?"),
    r"tt?|dd?": _sounds("T/SC"),
    r"s": _sounds("S/C"),
    r"z": _sounds("C/ST"),
    r"rr?(?=[aeiouy])": _sounds("L"),
    r"rr?": _sounds("L?"),
    r"ll?": _sounds("L"),
    r"[mn](?=[bpmf])": _sounds("MN/G"),
    r"nn?": _sounds("N/G"),
    r"m": _sounds("M"),
    r"bb?|pp?|ff?|v": _sounds("P"),
    r"w": (_sound("uo/P", 0.0),),
    r"(?<=[aeiou])h(?![aeiou])": (),
    r"h": (_sound("H", 0.3),),
    r"e$": _sounds("ei?"),
    r"[yi]": (_sound("ie", _WEAK),),
    r"[aeou]": (),
}
_LATIN_LETTERS = re.compile("|".join(f"({form})" for form in _LATIN))
_SOUNDS_OF_FORM = [*_LATIN.values()]
_VOWEL_OF = {
    "a": _sound("aeo", 0.2),
    "e": _sound("eiao", _WEAK),
    "o": _sound("oau", 0.2),
    "u": _sound("uoai", 0.2),
}
_NO_LETTERS = re.compile("[^a-z]")
_OTHER_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "e", "ł": "l", "đ": "d"})


def _letters_of(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold().translate(_OTHER_LETTERS))
    return _NO_LETTERS.sub("", plain)


def _of_latin(text: str) -> Iterator[Sound]:
    for match in _LATIN_LETTERS.finditer(_letters_of(text)):
        if match[0] in _VOWEL_OF:
            yield _VOWEL_OF[match[0]]
        else:
            yield from _SOUNDS_OF_FORM[(match.lastindex or 1) - 1]


@lru_cache(4096)
def _sounds_of(word: str) -> Sounds:
    text = word[:LONGEST].casefold()
    return tuple(_of_hangul(text) if _HANGUL.search(text) else _of_latin(text))


_HANGUL = re.compile("[가-힣]")


def consonants(word: str, *, heard: bool = False) -> int:
    """How many it has, or only those that are certainly `heard`."""
    least = _SILENT if heard else 0.0
    return sum(sound.cost > least for sound in _sounds_of(word) if sound.options & _CONSONANTS)


def difference(one: str, other: str) -> float:
    """Of the sounds of two names: 0 where they may be the same, about 1 where they share none, and
    infinite where one has letters of neither kind.
    """
    sounds, others = _sounds_of(one), _sounds_of(other)
    if not sounds or not others:
        return inf
    return _distance(sounds, others) / max(1, (consonants(one) + consonants(other)) / 2)


def _distance(sounds: Sounds, others: Sounds) -> float:
    """The least cost of leaving sounds out and replacing them until both are the same."""
    row = [*accumulate((sound.cost for sound in others), initial=0.0)]
    for mine in sounds:
        before, left = row[0], row[0] + mine.cost
        row[0] = left
        for place, sound in enumerate(others, 1):
            above = row[place]
            left = min(above + mine.cost, left + sound.cost, before + _replaced(mine, sound))
            row[place], before = left, above
    return row[-1]


def _replaced(one: Sound, other: Sound) -> float:
    if one.options & other.options:
        return 0.0
    if (one.options | one.seldom) & (other.options | other.seldom):
        return _SELDOM
    is_same_kind = bool(one.options & _CONSONANTS) == bool(other.options & _CONSONANTS)
    return max(one.cost, other.cost) if is_same_kind else inf


# What romanised Korean, Chinese and Japanese names have before, behind and between their vowels.
_ONSET = "(?:[cszkp]h|t[hsz]|kk|tt|pp|ss|jj|[bcdfghjklmnpqrstwxyz])?[yw]?"
_CODA = "h?(?:n[gk]?|r?k|ck|[mptlrwbgd])?"
_FIRST, _BETWEEN, _LAST = map(re.compile, (_ONSET, f"{_CODA}{_ONSET}", _CODA))
_VOWEL_LETTERS = re.compile("[aeiou]+|(?<![aeiou])y(?![aeiou])")


def east_asian_syllables(word: str) -> int:
    """How many a Latin word has if it may be a Korean, Chinese or Japanese name, else 0."""
    first, *between = _VOWEL_LETTERS.split(_letters_of(word[:LONGEST]))
    if not between or not _FIRST.fullmatch(first) or not _LAST.fullmatch(between[-1]):
        return 0
    return len(between) if all(map(_BETWEEN.fullmatch, between[:-1])) else 0


# One letter for all consonants that are hard to tell apart: enough to find names worth comparing.
_ROUGH_LATIN = str.maketrans(
    dict.fromkeys("bfpv", "p")
    | dict.fromkeys("cdgjkqstxz", "k")
    | dict.fromkeys("mn", "n")
    | dict.fromkeys("lr", "l")
)
_ROUGH = str.maketrans(
    dict.fromkeys("ᄀᄁᄃᄄᄉᄊᄌᄍᄎᄏᄐᆨᆩᆪᆮᆺᆻᆽᆾᆿᇀ", "k")
    | dict.fromkeys("ᄂᄆᆫᆬᆭᆷᆼ", "n")
    | dict.fromkeys("ᄅᆯᆰᆱᆲᆳᆴᆵᆶ", "l")
    | dict.fromkeys("ᄇᄈᄑᆸᆹᇁ", "p")
)
_REPEATED = re.compile(r"([kpnl])\1+")
_NO_ROUGH = re.compile("[^kpnl]+")


def rough_consonants(name: str) -> str:
    text = name[:LONGEST].casefold()
    if _HANGUL.search(text):
        rough = unicodedata.normalize("NFD", text).translate(_ROUGH)
    else:
        rough = _letters_of(text).translate(_ROUGH_LATIN)
    return _REPEATED.sub(r"\1", _NO_ROUGH.sub("", rough))
