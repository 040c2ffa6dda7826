"""Which texts of a model are accepted as a gloss. The text comes from outside, and the line that
the model was told may have influenced it; so only one plain sentence is stored.
"""

import re
import unicodedata
from collections import Counter

from rapidfuzz import fuzz

from config.text import is_blank, one_line
from quotes.columns import MAX_GLOSS
from quotes.models import Quote
from quotes.search.duplicates import NEAR
from quotes.text.normalization import folded, skeleton

_LONGEST = 4 * MAX_GLOSS  # characters of a text that is looked at
_MARKS = "\"'“”‘’«»「」『』*_` "  # around the whole sentence
_ADDRESS = ("://", "www.")
_REFUSALS = (
    *("i'm sorry", "i am sorry", "sorry,", "i cannot ", "i can't ", "i am unable", "i'm unable"),
    *("as an ai", "as a language model", "죄송", "ai 모델", "ai로서", "언어 모델"),
)
_KOREAN_REFUSALS = tuple(
    f"{verb} 수 없습니다" for verb in ("답변할", "도와드릴", "제공할", "설명할", "알")
)
# A full stop after three letters (others may abbreviate), or another mark that ends a sentence,
# with more after it.
_NEXT_SENTENCE = re.compile(
    r"""(?:(?<=[^\W\d_][^\W\d_][^\W\d_])\.|[!?。！？])["'”’»」』)\]]*[ ]\S"""
)
_SCRIPTS = {"ko": "HANGUL", "ja": "CJK", "zh": "CJK"}  # by language
_WRITTEN_TOGETHER = {"HIRAGANA": "CJK", "KATAKANA": "CJK"}


class Unusable(Exception):  # noqa: N818 - it says what happened
    """The text says why it is not stored."""


def gloss_from(text: str, line: Quote) -> str:
    """The gloss of the line, in the form in which it is stored. Raises `Unusable`."""
    gloss = _one_sentence(text)
    if is_refusal(gloss):
        raise Unusable("a refusal")
    if any(part in gloss.lower() for part in _ADDRESS):
        raise Unusable("with an address")
    if repeats(gloss, line.content):
        raise Unusable("the line itself")
    expected = _SCRIPTS.get(line.language.partition("-")[0]) or script_of(line.content)
    if expected and script_of(gloss) != expected:
        raise Unusable("in another script")
    return gloss


def _one_sentence(text: str) -> str:
    if len(text) > _LONGEST:
        raise Unusable("too long")
    written = [one for one in text.splitlines() if not is_blank(one)]
    gloss = one_line(" ".join(written)).strip(_MARKS)
    if not skeleton(gloss):
        raise Unusable("empty")
    if len(written) > 1 or _NEXT_SENTENCE.search(gloss):
        raise Unusable("more than a sentence")
    if len(gloss) > MAX_GLOSS:
        raise Unusable("too long")
    return gloss


def is_refusal(gloss: str) -> bool:
    """Whether it has the words with which models decline to answer: in English at the beginning."""
    text = folded(gloss)
    return text.startswith(_REFUSALS) or any(one in text for one in _KOREAN_REFUSALS)


def repeats(gloss: str, content: str) -> bool:
    """Whether its letters are those of the line or of a part of it, or nearly those of the line."""
    ours, theirs = skeleton(gloss), skeleton(content)
    return ours in theirs or fuzz.ratio(ours, theirs) >= 100 * NEAR


def script_of(text: str) -> str:
    """The script of most of its letters, as Unicode names it; "" without letters. Chinese and
    Japanese are the same.
    """
    counts = Counter(_script(letter) for letter in text if letter.isalpha())
    return counts.most_common(1)[0][0] if counts else ""


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").partition(" ")[0]
    return _WRITTEN_TOGETHER.get(first, first)
