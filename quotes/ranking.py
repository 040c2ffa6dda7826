"""The order of found lines: BM25 over the terms they share with the question (`quotes.lookup`), and
how alike the wordings are. Shares were chosen on two development sets (bench/retrieval); no model.
"""

from collections.abc import Collection, Sequence
from functools import partial
from operator import itemgetter

from rapidfuzz import fuzz

from quotes.arms import Question
from quotes.asking import telling
from quotes.frequencies import idf
from quotes.lookup import Row
from quotes.tokens import runs_of

_TERMS, _PART, _WHOLE = 0.35, 0.35, 0.3  # they make 1
_OF_ITS_GENRE = 0.3  # what a line is put forward by when the question asks for its genre
_TELLING = 2  # terms that a single line has tell all there is to tell
_NAMED, _NAME = 0.5, 3  # the likeness of a line whose speaker is named; letters of its tokens


def rank(text: str, rows: Sequence[Row], genre: str = "") -> list[tuple[float, Row]]:
    """The rows with their scores from 0 to 1, best first: an order of these lines, no more. Lines
    whose work or speaker is called by the genre are put forward.
    """
    best = max((row.score for row in rows), default=0.0) or 1.0
    lower, ranked = text.lower(), list[tuple[float, Row]]()
    for row in rows:
        part, whole = _alike(lower, row.content)
        ranked.append((_TERMS * row.score / best + _PART * part + _WHOLE * whole, row))
    place = partial(_put_forward, genre=genre) if genre else itemgetter(0)
    return sorted(ranked, key=place, reverse=True)


def _put_forward(scored: tuple[float, Row], genre: str) -> float:
    score, row = scored
    return score + _OF_ITS_GENRE * (genre in f"{row.source} {row.speaker}".lower())


def likeness(text: str, question: Question, row: Row) -> float:
    """How much a line is what the text asks for, from 0 to 1: to be compared between questions.

    The mean of four: how much of the question's terms it has, how much these tell at all (some line
    of a large board has one rare term of it by chance), and how alike the wordings are, in part and
    as a whole.
    """
    having = row.shared / (sum(question.weights.values()) or 1.0)
    telling_much = min(1.0, row.shared / (_TELLING * idf(max(1, question.lines), 1)))
    lower = text.lower()
    wording = max(sum(_alike(lower, told)) for told in (row.content, row.context) if told)
    mean = (having + telling_much + wording) / 4
    return max(mean, _NAMED * _is_named(row.speaker, question.weights))


def _alike(lower: str, line: str) -> tuple[float, float]:
    line = line.lower()
    return fuzz.partial_ratio(lower, line) / 100, fuzz.ratio(lower, line) / 100


def _is_named(speaker: str, terms: Collection[str]) -> bool:
    """Whether a name of the speaker stands in the question."""
    runs = (run for run in runs_of(speaker) if len("".join(run)) >= _NAME and telling(run))
    return any(all(term in terms for term in run) for run in runs)
