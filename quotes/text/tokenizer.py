"""The tokens by which lines are found, the same for both databases, for lines and for questions.

A run of Hangul or Han becomes its first syllable and its overlapping pairs, so that endings and
particles matter little. A word of another script becomes its stem (Snowball's English). A change of
the output needs a new `VERSION`, and `manage.py index_quotes` after the upgrade.
"""

import re
from functools import lru_cache
from itertools import chain

import Stemmer

from config.hangul import SYLLABLES
from config.text import searchable
from config.unicode import normalize

VERSION = 2

_EAST = f"{SYLLABLES}\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9"
_RUN = re.compile(rf"[{_EAST}]+|[^\W_{_EAST}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_LONGEST_WORD = 40  # characters of a word that are used

_english = Stemmer.Stemmer("english", 0)


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order, with repetitions."""
    return list(chain.from_iterable(runs_of(text)))


def runs_of(text: str) -> list[list[str]]:
    """The tokens of each word."""
    return [_tokens_of_run(run) for run in _RUN.findall(_plain(text))]


def _tokens_of_run(run: str) -> list[str]:
    if run[0] >= "\u3400":
        return [run[0], *[run[at : at + 2] for at in range(len(run) - 1)]]
    return [_stem(run[:_LONGEST_WORD])]


def _plain(text: str) -> str:
    """NFKC in lower case, without invisible characters, accents on Latin letters, and apostrophes
    inside words.
    """
    text = searchable(text).lower()  # case folding makes capitals of some letters (Cherokee)
    if not text.isascii():
        text = normalize("NFKC", _ACCENTS.sub("", normalize("NFKD", text)))
    return _APOSTROPHE.sub("", text)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_english.stemWord(word))
