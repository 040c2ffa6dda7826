"""What a question asks of the index: the few terms, or pairs of terms, that tell most and cost
least, so that a question costs the same on a board of a thousand lines and of a million.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from typing import NamedTuple

from quotes.asking import telling
from quotes.frequencies import frequencies, idf
from quotes.tokens import runs_of

_MOST_TERMS = 64  # of a question
_LARGE = 100_000  # lines
_PAIRED = 10  # of the terms that are too frequent alone, the rarest so many are paired
_ENDING = 0.5  # what a term counts that may be an ending, or no more than a word's first syllable


class Arm(NamedTuple):
    """Terms that stand in one line together, what they tell, and how many lines to read at most.
    Lines that only have terms which do not find are none of the candidates.
    """

    terms: tuple[str, ...]
    weight: float
    most: int
    finds: bool = True


class Bound(NamedTuple):
    """How many (term, line) pairs a question reads, and passes in the index for pairs of terms."""

    read: int
    passed: int


@dataclass(frozen=True, slots=True)
class Question:
    """The terms of a text with what each tells, what to look up, and the lines of the board."""

    weights: dict[str, float]
    arms: list[Arm]
    lines: int = 0


_BOUND, _BOUND_OF_LARGE = Bound(3_000, 0), Bound(1_000, 50_000)


def question_of(text: str) -> Question:
    """What a text asks of the index."""
    runs = runs_of(text)
    run_of = {term: number for number, run in enumerate(runs) for term in run}
    terms = list(run_of)[:_MOST_TERMS]
    finding = telling(terms)
    if not finding:
        return Question({}, [])
    lines, counts = frequencies.of(terms)
    worth = _worth(runs)
    weights = {
        term: worth[term] * idf(max(lines, count), count)
        for term, count in counts.items()
        if count or term in finding  # of the small words, only those that some line has
    }
    bound = _BOUND_OF_LARGE if lines >= _LARGE else _BOUND
    rare = sorted(finding, key=counts.__getitem__)
    small = [term for term in weights if term not in finding]
    alone = _within(bound.read, [*rare, *sorted(small, key=counts.__getitem__)], counts)
    arms = [Arm((term,), weights[term], bound.read, term in finding) for term in alone]
    frequent = [term for term in rare if term not in alone][:_PAIRED]
    for (one, other), expected in _pairs(frequent, counts, lines, bound):
        if run_of[one] != run_of[other]:
            arms.append(Arm((one, other), weights[one] + weights[other], 2 * expected + 20))
    if not any(arm.finds for arm in arms):
        arms.append(Arm((rare[0],), weights[rare[0]], bound.read))
    return Question(weights, arms, lines)


def _worth(runs: Sequence[Sequence[str]]) -> dict[str, float]:
    """How much of its weight a term has by its place: Korean words begin with what they mean and go
    on with endings and particles, so the first pair of syllables counts whole, the rest by half.
    """
    worth: dict[str, float] = {}
    for run in runs:
        for place, term in enumerate(run):
            here = 1.0 if len(run) == 1 or place == 1 else _ENDING
            worth[term] = max(here, worth.get(term, 0.0))
    return worth


def _within(read: int, terms: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """As many of the terms as may be read, from the first."""
    sums = accumulate(counts[term] for term in terms)
    return [term for term, cost in zip(terms, sums, strict=True) if cost <= read]


def _pairs(
    terms: Sequence[str], counts: Mapping[str, int], lines: int, bound: Bound
) -> Iterator[tuple[tuple[str, str], int]]:
    """Pairs of the terms within the bound, and how many lines may be expected to have both: those
    first that the fewest have.
    """
    passed, read = 0, 0
    for one, other in sorted(combinations(terms, 2), key=lambda p: counts[p[0]] * counts[p[1]]):
        expected = counts[one] * counts[other] // max(1, lines)
        if passed + counts[one] <= bound.passed and read + expected <= bound.read:
            passed, read = passed + counts[one], read + expected
            yield (one, other), expected
