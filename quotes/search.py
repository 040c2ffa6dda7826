"""Finding lines by what somebody remembers of them: the one function behind chat, the model `board`
and the board's own search.

Few and rare terms fetch candidates from the index, up to a bound on the lines that are looked at,
so that a question costs the same on a board of a thousand lines and of a million; the best of them
are then ranked by all their terms and by their wording. Only applied lines are in the index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from quotes import embeddings
from quotes.arms import Question, question_of
from quotes.asking import genre_of, points_back, wanted
from quotes.lookup import Row, look_up, weighed
from quotes.models import Quote
from quotes.ranking import likeness, rank

if TYPE_CHECKING:
    from accounts.models import User

_COMPARED = 30  # lines whose wording is looked at
_COMPARED_OF_GENRE = 100  # where lines of other genres are among them
_SHOWN = 200  # lines that a search of the board shows at most
_OWN = 500  # somebody's own lines that are not on the board: the newest so many are looked through
_NEAR = 0.7  # the score from which a line needs no more words to be the one that is meant
_FITS = 0.5  # the likeness; bench/README.md says what it lets through and what it holds back
_ENOUGH = 0.6  # of what the text tells, a line must have this much to be shown
_FUSED = 60  # the usual constant: the more, the less the first places differ from the next


@dataclass(frozen=True, slots=True)
class Found:
    """An applied quote, word for word as it is on the board. `score` is its rank's among the lines
    of a question, `likeness` how much it is like the question at all; both go from 0 to 1.
    """

    id: int
    content: str
    speaker: str
    source: str
    context: str = ""
    score: float = 0.0
    likeness: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether it may be shown as an answer, with nobody to judge it."""
        return self.likeness >= _FITS


def find(*, question: str, limit: int = 5, before: Callable[[], str] = str) -> list[Found]:
    """The applied quotes that are most like what the question asks for, best first; maybe none.

    Where the question points back ("and the next line?") or finds nothing that is near, what was
    said `before` is looked for, too, and its lines share the places with the question's. Lines that
    are near by their meaning are added, where that is on.
    """
    found = _by_words(question, limit, before)
    near = [Found(*row, likeness=_FITS) for row in embeddings.alike(question, limit=limit)]
    return _fused(found, near)[:limit] if near else found


def _by_words(question: str, limit: int, before: Callable[[], str]) -> list[Found]:
    found = find_text(wanted(question), limit=limit, genre=genre_of(question))
    if found and found[0].score >= _NEAR and not points_back(question):
        return found
    earlier = before()
    return _shared_out(found, find_text(wanted(earlier), limit=limit), limit) if earlier else found


def _fused(by_words: Sequence[Found], by_meaning: Sequence[Found]) -> list[Found]:
    """Two rankings as one, by a line's places in both (reciprocal rank fusion, Cormack and others,
    2009). Lines whose words are those of the question stay in front. What is near by its meaning
    fits, whatever its words.
    """
    lines = {line.id: line for line in by_meaning}
    for line in by_words:
        fits = max(line.likeness, _FITS) if line.id in lines else line.likeness
        lines[line.id] = replace(line, likeness=fits)
    points = dict.fromkeys(lines, 0.0)
    for ranking in (by_words, by_meaning):
        for place, line in enumerate(ranking, start=1):
            points[line.id] += 1 / (_FUSED + place)
    return sorted(lines.values(), key=lambda line: (line.score < _NEAR, -points[line.id], line.id))


def find_text(text: str, *, limit: int, genre: str = "") -> list[Found]:
    """The same for a text of which every word counts, such as a line."""
    question = question_of(text)
    rows = look_up(question, limit=max(limit, _COMPARED_OF_GENRE if genre else _COMPARED))
    return [
        Found(*row[:5], round(score, 4), round(likeness(text, question, row), 4))
        for score, row in rank(text, rows, genre)[:limit]
    ]


def find_on_board(text: str, *, user: "User") -> list[int]:
    """The ids of what somebody's search of the board shows, best first: of the applied quotes and
    of the own ones in any state, those that have most of what the text tells.
    """
    text = wanted(text)
    question = question_of(text)
    rows = [*look_up(question, limit=_SHOWN), *_own(user, question)]
    enough = _ENOUGH * sum(question.weights.values())
    return [row.id for _, row in rank(text, [row for row in rows if row.shared >= enough])]


def _own(user: "User", question: Question) -> list[Row]:
    """The newest lines of somebody that are not on the board, as if they were."""
    if not question.arms:
        return []
    lines = Quote.objects.owned_by(user).filter(is_apply=False).order_by("-created_at", "-id")
    rows = lines.values_list("search_text", "pk", "content", "speaker", "source", "context")
    return [weighed(question.weights, tokens, row) for tokens, *row in rows[:_OWN]]


def _shared_out(ones: list[Found], others: list[Found], limit: int) -> list[Found]:
    """In turn from both; the others first, for the ones are not near."""
    turns = chain.from_iterable(zip_longest(others, ones))
    return list({line.id: line for line in turns if line}.values())[:limit]
