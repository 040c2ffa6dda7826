"""The order of candidates: BM25 over the terms they share with the query
(`quotes.search.candidates`), and how similar the wordings are. The weights were chosen on two
development sets (bench/retrieval); no model is involved.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from rapidfuzz import fuzz

from config.budget import Budget
from config.text import without_invisible
from quotes.search.candidates import Candidate
from quotes.search.relevance import Wording

_BM25_WEIGHT, _PART_WEIGHT, _WHOLE_WEIGHT = 0.35, 0.35, 0.3  # their sum is 1
_GENRE_BONUS = 0.3


class Ranked(NamedTuple):
    """`score` is from 0 to 1 and only orders the lines of one query; `place` is the score with what
    else moves a line forward.
    """

    place: float
    score: float
    line: Candidate
    wording: Wording


def rank(text: str, candidates: Sequence[Candidate], genre: str = "") -> list[Ranked]:
    """The candidates, best first. Lines whose work or speaker contains the genre get a bonus."""
    best = max((candidate.score for candidate in candidates), default=0.0) or 1.0
    lower, ranked, budget = text.lower(), list[Ranked](), Budget()
    for candidate in candidates:
        budget.give_way()  # comparing two long texts takes about 40 ms
        wording = compare_wording(lower, candidate.content)
        score = _BM25_WEIGHT * candidate.score / best + wording_score(wording)
        place = score + _GENRE_BONUS * _is_of(genre, candidate) if genre else score
        ranked.append(Ranked(place, score, candidate, wording))
    return sorted(ranked, key=attrgetter("place"), reverse=True)


def _is_of(genre: str, candidate: Candidate) -> bool:
    return genre in f"{candidate.source} {candidate.speaker}".lower()


def compare_wording(lower: str, line: str) -> Wording:
    """Takes the query in lower case."""
    line = without_invisible(line).lower()
    return Wording(fuzz.partial_ratio(lower, line) / 100, fuzz.ratio(lower, line) / 100)


def wording_score(wording: Wording) -> float:
    """The part of a score that comes from the wording."""
    return _PART_WEIGHT * wording.part + _WHOLE_WEIGHT * wording.whole
