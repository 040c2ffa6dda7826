"""The order of candidates: BM25 over the terms they share with the query
(`quotes.search.candidates`), and how similar the wordings are. The weights were chosen on two
development sets (bench/retrieval); no model is involved.
"""

from collections.abc import Collection, Sequence
from functools import partial
from operator import itemgetter

from rapidfuzz import fuzz

from config.budget import Budget
from quotes.search.candidates import Candidate
from quotes.search.query_plan import QueryPlan
from quotes.search.query_text import searchable_terms
from quotes.search.term_stats import idf
from quotes.text.tokenizer import runs_of

_BM25_WEIGHT, _PART_WEIGHT, _WHOLE_WEIGHT = 0.35, 0.35, 0.3  # their sum is 1
_GENRE_BONUS = 0.3
_RARE_TERMS = 2  # so many terms that only one line has are as selective as can be
_NAMED = 0.5  # least relevance of a line whose speaker the question names
_SHORTEST_NAME = 3  # letters of its tokens


def rank(
    text: str, candidates: Sequence[Candidate], genre: str = ""
) -> list[tuple[float, Candidate]]:
    """The candidates with scores from 0 to 1, best first. A score only orders the lines of one
    query. Lines whose work or speaker contains the genre get a bonus.
    """
    best = max((candidate.score for candidate in candidates), default=0.0) or 1.0
    lower, ranked, budget = text.lower(), list[tuple[float, Candidate]](), Budget()
    for candidate in candidates:
        budget.give_way()  # comparing two long texts takes about 40 ms
        part, whole = _wording_ratios(lower, candidate.content)
        bm25 = _BM25_WEIGHT * candidate.score / best
        ranked.append((bm25 + _PART_WEIGHT * part + _WHOLE_WEIGHT * whole, candidate))
    key = partial(_with_genre_bonus, genre=genre) if genre else itemgetter(0)
    return sorted(ranked, key=key, reverse=True)


def _with_genre_bonus(scored: tuple[float, Candidate], genre: str) -> float:
    score, candidate = scored
    return score + _GENRE_BONUS * (genre in f"{candidate.source} {candidate.speaker}".lower())


def relevance_of(text: str, plan: QueryPlan, candidate: Candidate) -> float:
    """How well a line answers the query, from 0 to 1; comparable between queries.

    The mean of four values: the share of the query's weight that the line has, how selective the
    shared terms are (on a large board, some line has one rare term of the query by chance), and how
    similar the wordings are, in part and as a whole.
    """
    share = candidate.shared / (sum(plan.weights.values()) or 1.0)
    selectivity = min(1.0, candidate.shared / (_RARE_TERMS * idf(max(1, plan.board_size), 1)))
    lower = text.lower()
    texts = filter(None, (candidate.content, candidate.context))
    wording = max(sum(_wording_ratios(lower, line)) for line in texts)
    mean = (share + selectivity + wording) / 4
    return max(mean, _NAMED * _is_named(candidate.speaker, plan.weights))


def _wording_ratios(lower: str, line: str) -> tuple[float, float]:
    """From 0 to 1: of the best matching part, and of the whole line."""
    line = line.lower()
    return fuzz.partial_ratio(lower, line) / 100, fuzz.ratio(lower, line) / 100


def _is_named(speaker: str, terms: Collection[str]) -> bool:
    """Whether the query contains a name of the speaker."""
    runs = (
        run
        for run in runs_of(speaker)
        if len("".join(run)) >= _SHORTEST_NAME and searchable_terms(run)
    )
    return any(all(term in terms for term in run) for run in runs)
