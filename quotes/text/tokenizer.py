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
from config.text import is_common, searchable
from config.unicode import normalize

VERSION = 3

_EAST = f"{SYLLABLES}\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufad9"
_RUN = re.compile(rf"[{_EAST}]+|[^\W_{_EAST}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_QUOTE = re.compile("['’ʼ]")
# "she'll" is "she", as "she will" would be. Without the apostrophe it is another word ("shell").
_CONTRACTION = re.compile(
    r"\b(i|you|he|she|it|we|they|that|there|here|what|who|let)['’ʼ](?:s|ll|re|ve|d)\b"
)
_DROPPED_G = re.compile(r"(?<=[a-z]{2}in)['’ʼ](?!\w)")  # "talkin' to me"
_OPENING = re.compile(r"(?<!\w)['‘]")
_LONGEST_WORD = 40  # characters of a word that are used
_USUAL_WORD = 12  # characters of words whose tokens are kept: few are longer

_english = Stemmer.Stemmer("english", 0)


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order, with repetitions."""
    return list(chain.from_iterable(runs_of(text)))


def runs_of(text: str) -> list[tuple[str, ...]]:
    """The tokens of each word."""
    return [
        _tokens_of_word(run) if len(run) <= _USUAL_WORD else _tokens_of_run(run)
        for run in _RUN.findall(_plain(text))
    ]


def _tokens_of_run(run: str) -> tuple[str, ...]:
    if run[0] >= "\u3400":
        return (run[0], *[run[at : at + 2] for at in range(len(run) - 1)])
    return (str(_english.stemWord(run[:_LONGEST_WORD])),)


_tokens_of_word = lru_cache(maxsize=20_000)(_tokens_of_run)


def _plain(text: str) -> str:
    """NFKC in lower case, without invisible characters, accents on Latin letters, and apostrophes
    inside words.
    """
    if is_common(text):
        text = text.lower()
    else:
        text = searchable(text).lower()  # case folding makes capitals of some letters (Cherokee)
        text = normalize("NFKC", _ACCENTS.sub("", normalize("NFKD", text)))
    if not _QUOTE.search(text):
        return text
    return _APOSTROPHE.sub("", _spelled_out(text))


def _spelled_out(text: str) -> str:
    """Without shortened verbs, and with the g of "talkin'" unless that mark may end a quotation."""
    text = _CONTRACTION.sub(r"\1", text)
    if not _DROPPED_G.search(text) or _OPENING.search(text):
        return text
    return _DROPPED_G.sub("g", text)
