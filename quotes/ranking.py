"""The order of found lines: BM25 over the terms they share with the question, and how alike the
wordings are. Shares were chosen on two development sets (bench/retrieval); no model.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from operator import itemgetter
from typing import Protocol, TypeVar

from rapidfuzz import fuzz, utils

_TERMS, _PART, _WORDS = 0.4, 0.4, 0.2  # they make 1
COMPARED = 100  # lines whose wording is looked at
_K, _B, _AVERAGE = 1.2, 0.75, 20  # BM25's usual constants; the terms of a usual line


class Line(Protocol):
    @property
    def content(self) -> str: ...
    @property
    def search_text(self) -> str: ...


L = TypeVar("L", bound=Line)


def idf(lines: int, having: int) -> float:
    """How much a term tells that so many of the lines have."""
    return math.log(1 + (lines - having + 0.5) / (having + 0.5))


def shared(weights: Mapping[str, float], line: Line) -> float:
    """How much of the question's terms a line has."""
    terms = set(line.search_text.split())
    return sum(weight for term, weight in weights.items() if term in terms)


def rank(text: str, weights: Mapping[str, float], lines: Sequence[L]) -> list[tuple[float, L]]:
    """The lines with their scores from 0 to 1, best first; of many, the best `COMPARED` by their
    terms. `weights` are the question's terms.
    """
    if not lines:
        return []
    lengths = [line.search_text.count(" ") + 1 for line in lines]
    by_terms = [
        (shared(weights, line) * (_K + 1) / (1 + _K * (1 - _B + _B * length / _AVERAGE)), number)
        for number, (line, length) in enumerate(zip(lines, lengths, strict=True))
    ]
    compared = nlargest(COMPARED, by_terms, key=itemgetter(0))
    best, alike = compared[0][0] or 1.0, _alike(text)
    scored = [
        (_TERMS * score / best + alike(lines[number].content), lines[number])
        for score, number in compared
    ]
    return sorted(scored, key=itemgetter(0), reverse=True)


def _alike(text: str) -> Callable[[str], float]:
    lower, words = text.lower(), utils.default_process(text)

    def alike(content: str) -> float:
        part = fuzz.partial_ratio(lower, content.lower())
        sorted_words = fuzz.token_sort_ratio(words, utils.default_process(content))
        return (_PART * part + _WORDS * sorted_words) / 100

    return alike
