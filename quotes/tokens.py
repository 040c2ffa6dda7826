"""The tokens by which lines are found: made here alone, for both databases, lines and questions.

A run of Hangul or Han gives its first syllable and its overlapping pairs, so that endings and
particles cost little; a word of another script gives its stem (Snowball's English). Whatever
changes what comes out needs a new `VERSION`, and `manage.py index_quotes` afterwards.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

import Stemmer

VERSION = 1

_EAST = "\uac00-\ud7a3\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9"
_RUN = re.compile(rf"[{_EAST}]+|[^\W_{_EAST}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_LONGEST_WORD = 40  # what is longer is no word

_english = Stemmer.Stemmer("english", 0)


def tokens(text: str) -> list[str]:
    """The tokens of a text, in its order and as often as they stand there."""
    return list(chain.from_iterable(runs_of(text)))


def runs_of(text: str) -> list[list[str]]:
    """The same, of each word for itself."""
    return [_tokens_of_run(run) for run in _RUN.findall(_plain(text))]


def _tokens_of_run(run: str) -> list[str]:
    if run[0] >= "\u3400":
        return [run[0], *[run[at : at + 2] for at in range(len(run) - 1)]]
    return [_stem(run[:_LONGEST_WORD])]


def _plain(text: str) -> str:
    """NFKC in lower case, without accents on Latin letters and apostrophes inside words."""
    text = unicodedata.normalize("NFKC", text).lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
    return _APOSTROPHE.sub("", text)


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_english.stemWord(word))
