"""How likely a line is what a question asks for. It decides what the board shows where no model
judges the lines.

The score of `quotes.search.ranking` only orders the lines of one question. Here are the pieces of
evidence that tell a question whose line is on the board from one whose line is not, and their
weights, a logistic regression on constructed and collected questions (bench/README.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import exp, log
from operator import mul
from typing import NamedTuple

from rapidfuzz import fuzz

from config.hangul import has_hangul
from config.text import searchable
from config.unicode import normalize
from quotes.columns import searched_values
from quotes.search.candidates import Candidate
from quotes.search.query_plan import QueryPlan
from quotes.search.query_text import searchable_terms
from quotes.search.term_stats import idf
from quotes.text.normalization import skeleton
from quotes.text.tokenizer import runs_of

_SIMILAR = 0.6  # letters of two unrelated words are this similar in their best matching part
_ENOUGH = 4.0  # so many words that only one line has; more say nothing more
_RARE_TERMS = 2  # the same for the terms of the index
_SHORTEST_NAME = 3  # letters of its tokens
_SHORTEST_WORD = 3  # letters of a word whose spelling is compared


class Wording(NamedTuple):
    """How similar a line and a question are, from 0 to 1: in the best matching part, and whole."""

    part: float
    whole: float


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the question: its terms with their weights, and its letters (jamo of Hangul)."""

    terms: dict[str, float]
    total: float
    weight: float
    letters: str


@dataclass(slots=True)
class Question:
    """What is compared with each line. `asks`: it had words that only ask for a line, so that the
    rest should be words of that line.
    """

    text: str
    plan: QueryPlan
    asks: bool = False
    words: list[_Word] = field(init=False)
    lower: str = field(init=False)
    skeleton: str = field(init=False)

    def __post_init__(self) -> None:
        self.lower = self.text.lower()
        self.skeleton = skeleton(self.text)
        self.words = list(_words(self.text, self.plan.weights))


def _words(text: str, weights: dict[str, float]) -> Iterator[_Word]:
    for run in dict.fromkeys(runs_of(text)):
        terms = {term: weights[term] for term in run if term in weights}
        if terms:
            word = run[0] if len(run) == 1 else run[1] + "".join(term[1:] for term in run[2:])
            weight = max(terms.values())
            yield _Word(terms, sum(terms.values()), weight, _letters(word))


def judge(question: Question, line: Candidate, wording: Wording) -> tuple[float, float]:
    """The relevance, comparable between questions (at 0.5 the line is as likely as not), and the
    share of the question that the line covers; both from 0 to 1.
    """
    share, seen = evidence(question, line, wording)
    return 1 / (1 + exp(-sum(map(mul, _WEIGHTS, seen)) - _BIAS)), share


def evidence(
    question: Question, line: Candidate, wording: Wording
) -> tuple[float, tuple[float, ...]]:
    """The share, and the evidence in the order of `_WEIGHTS`."""
    unit = idf(max(1, question.plan.board_size), 1)  # the weight of a word that only one line has
    covered, missing = _coverage(question.words, line)
    share = covered / (covered + missing or 1.0)
    asks = float(question.asks)
    return share, (
        min(1.0, line.shared / (_RARE_TERMS * unit)),
        min(1.0, covered / (_ENOUGH * unit)),
        share * share,
        wording.part,
        wording.whole,
        _named(line.speaker, question),
        log(1 + len(line.content)),
        asks,
        asks * min(1.0, missing / (_ENOUGH * unit)),
    )


def _coverage(words: Sequence[_Word], line: Candidate) -> tuple[float, float]:
    """The weight of the question's words that the line has and has not. A word that is spelled in
    another way counts by its letters.
    """
    terms, letters, covered, missing = frozenset(line.search_text.split(" ")), "", 0.0, 0.0
    for word in words:
        found = sum(weight for term, weight in word.terms.items() if term in terms) / word.total
        if found < 1 and len(word.letters) >= _SHORTEST_WORD:
            letters = letters or _letters("\n".join(searched_values(line)))
            alike = fuzz.partial_ratio(word.letters, letters) / 100
            found = max(found, (alike - _SIMILAR) / (1 - _SIMILAR))
        covered += found * word.weight
        missing += (1 - found) * word.weight
    return covered, missing


def _letters(text: str) -> str:
    return normalize("NFD", searchable(text))


def _named(speaker: str, question: Question) -> float:
    """The share of the speaker's name that the question contains, by its letters; one common word
    ("the World") is little of it. Korean names are also written without their spaces (김첨지).
    """
    if not speaker:
        return 0.0
    whole = skeleton(speaker) if has_hangul(speaker) else ""
    if len(whole) >= _SHORTEST_NAME and whole in question.skeleton:
        return 1.0
    names, weights = runs_of(speaker), question.plan.weights
    found = (name for name in names if _is_name(name) and all(term in weights for term in name))
    return _length(found) / (_length(names) or 1)


def _is_name(run: Sequence[str]) -> bool:
    return _length([run]) >= _SHORTEST_NAME and bool(searchable_terms(run))


def _length(runs: Iterable[Sequence[str]]) -> int:
    return sum(len("".join(run)) for run in runs)


# In the order of `evidence`: how selective the shared terms are, how much of the question the line
# covers, its share (squared), the wording in part and whole, the named speaker, the line's length
# (a long one has some of any words), whether a line is asked for, and what is then missing.
_WEIGHTS = (4.2, 4.6, 2.5, 2.7, 3.6, 2.7, -0.86, -0.5, -2.3)
_BIAS = -5.2
