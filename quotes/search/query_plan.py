"""What a question asks of the index: the few terms, or pairs of terms, that are most selective and
cost least, so that a question costs the same on a board of a thousand lines and of a million.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from typing import NamedTuple

from quotes.search.query_text import searchable_terms, terms_of_small_words
from quotes.search.term_stats import Frequencies, frequencies, idf
from quotes.text.tokenizer import runs_of

_MOST_TERMS = 64  # of a question
_LARGE = 100_000  # lines
_PAIRED = 10  # of the terms that are too frequent alone, so many of the rarest are paired
_SMALL_WORDS = 3  # for each other word: a text of so many small words is found by them, too
_ENDING = 0.5  # weight of a term that may be an ending, or is only a word's first syllable


class Clause(NamedTuple):
    """Terms that a line has together, their weight, and how many lines to read at most. A line that
    only matches clauses which do not select is no candidate.
    """

    terms: tuple[str, ...]
    weight: float
    limit: int
    selects: bool = True


class ReadLimits(NamedTuple):
    """How many (term, line) pairs a question may read, and how many entries of the index it may
    scan for pairs of terms.
    """

    read: int
    scanned: int


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The terms of a text with their weights, what to look up, and the size of the board."""

    weights: dict[str, float]
    clauses: list[Clause]
    board_size: int = 0


_LIMITS, _LIMITS_OF_LARGE = ReadLimits(3_000, 0), ReadLimits(1_000, 50_000)


def plan_query(
    text: str,
    limits: ReadLimits | None = None,
    *,
    small_words: int = _SMALL_WORDS,
    stats: Frequencies = frequencies,
) -> QueryPlan:
    """The plan for a text. The default limits follow from the size of the board. Small words select
    lines as well where there are `small_words` of them for each other word.
    """
    runs = runs_of(text)
    run_of = {term: number for number, run in enumerate(runs) for term in run}
    terms = list(run_of)[:_MOST_TERMS]
    selecting = terms_of_small_words(terms, small=small_words) or searchable_terms(terms)
    if not selecting:
        return QueryPlan({}, [])
    lines, counts = stats.of(terms)
    limits = limits or (_LIMITS_OF_LARGE if lines >= _LARGE else _LIMITS)
    position = _position_weights(runs)
    weights = {
        term: position[term] * idf(max(lines, count), count)
        for term, count in counts.items()
        if count or term in selecting  # of the other terms, only those that some line has
    }
    rare = sorted(selecting, key=counts.__getitem__)
    others = [term for term in weights if term not in selecting]
    alone = _affordable(limits.read, [*rare, *sorted(others, key=counts.__getitem__)], counts)
    clauses = [Clause((term,), weights[term], limits.read, term in selecting) for term in alone]
    frequent = [term for term in rare if term not in alone][:_PAIRED]
    clauses += (
        Clause((one, other), weights[one] + weights[other], 2 * expected + 20)
        for (one, other), expected in _affordable_pairs(frequent, counts, lines, limits)
        if run_of[one] != run_of[other]
    )
    if not any(clause.selects for clause in clauses):
        clauses.append(Clause((rare[0],), weights[rare[0]], limits.read))
    return QueryPlan(weights, clauses, lines)


def _position_weights(runs: Sequence[Sequence[str]]) -> dict[str, float]:
    """The weight of each term by its place in the word. A Korean word begins with its meaning and
    ends in endings and particles, so its first pair of syllables counts whole and the rest half.
    """
    weights: dict[str, float] = {}
    for run in runs:
        for place, term in enumerate(run):
            here = 1.0 if len(run) == 1 or place == 1 else _ENDING
            weights[term] = max(here, weights.get(term, 0.0))
    return weights


def _affordable(read: int, terms: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """The first terms, as many as may be read together."""
    sums = accumulate(counts[term] for term in terms)
    return [term for term, cost in zip(terms, sums, strict=True) if cost <= read]


def _affordable_pairs(
    terms: Sequence[str], counts: Mapping[str, int], lines: int, limits: ReadLimits
) -> Iterator[tuple[tuple[str, str], int]]:
    """Pairs of terms within the limits, rarest first, and how many lines are expected to have both
    terms.
    """
    scanned, read = 0, 0
    for one, other in sorted(combinations(terms, 2), key=lambda p: counts[p[0]] * counts[p[1]]):
        expected = counts[one] * counts[other] // max(1, lines)
        if scanned + counts[one] <= limits.scanned and read + expected <= limits.read:
            scanned, read = scanned + counts[one], read + expected
            yield (one, other), expected
