"""Finding lines by what a user remembers of them: the one function behind the chat, the model
`board` and the board's own search.

Few and rare terms fetch candidates from the index, up to a limit on the lines that are read, so
that a question costs the same on a board of a thousand lines and of a million. The best candidates
are then ranked by all their terms and by their wording. Only applied lines are in the index.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from quotes.columns import TEXT, BoardLine, line_values
from quotes.models import Quote
from quotes.search import embeddings
from quotes.search.candidates import Candidate, bm25, fetch_candidates
from quotes.search.query_plan import QueryPlan, plan_query
from quotes.search.query_text import genre_of, is_follow_up, without_question_words
from quotes.search.ranking import rank, relevance_of

if TYPE_CHECKING:
    from accounts.models import User

_COMPARED = 30  # candidates whose wording is compared
_COMPARED_FOR_GENRE = 100  # the same where lines of other genres are among them
_SHOWN = 200  # lines that a search of the board shows at most
_OWN = 500  # of the user's own lines that are not on the board, only the newest are searched
_CONFIDENT = 0.7  # from this score on, a line is found without the earlier messages
_FITS = 0.5  # least relevance of an answer; bench/README.md says what passes it and what does not
_LEAST_SHARED = 0.6  # of the query's weight, a line must share this much to be shown
_RRF = 60  # the usual constant: the greater, the less the first places differ from the next


@dataclass(slots=True)
class Found(BoardLine):
    """A line that was found. `score` orders the lines of one question, `relevance` says how well a
    line answers the question at all; both go from 0 to 1.
    """

    score: float = 0.0
    relevance: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether the line may be shown as an answer without a model that judges it."""
        return self.relevance >= _FITS


def find(*, question: str, limit: int = 5, before: Callable[[], str] = str) -> list[Found]:
    """The applied quotes that match the question best, best first; maybe none.

    Where the question is a follow-up ("and the next line?") or finds nothing with confidence, the
    text that was said `before` is searched as well, and its lines share the places with the
    question's. Lines with a similar meaning are added where embeddings are enabled.
    """
    found = _find_by_words(question, limit, before)
    by_meaning = [
        Found(*(*line_values(line), 0.0, _FITS))
        for line in embeddings.find_by_meaning(question, limit=limit)
    ]
    return _fuse(found, by_meaning)[:limit] if by_meaning else found


def _find_by_words(question: str, limit: int, before: Callable[[], str]) -> list[Found]:
    text = without_question_words(question)
    found = find_text(text, limit=limit, genre=genre_of(question))
    if found and found[0].score >= _CONFIDENT and not is_follow_up(question):
        return found
    if not (earlier := before()):
        return found
    return _alternate(find_text(without_question_words(earlier), limit=limit), found, limit)


def _fuse(by_words: Sequence[Found], by_meaning: Sequence[Found]) -> list[Found]:
    """Merges two rankings by the places of a line in both (reciprocal rank fusion, Cormack and
    others, 2009). Lines with a confident score stay in front. A line found by its meaning fits,
    whatever its words are.
    """
    lines = {line.id: line for line in by_meaning}
    for line in by_words:
        relevance = max(line.relevance, _FITS) if line.id in lines else line.relevance
        lines[line.id] = replace(line, relevance=relevance)
    points = dict.fromkeys(lines, 0.0)
    for ranking in (by_words, by_meaning):
        for place, line in enumerate(ranking, start=1):
            points[line.id] += 1 / (_RRF + place)
    return sorted(
        lines.values(), key=lambda line: (line.score < _CONFIDENT, -points[line.id], line.id)
    )


def find_text(text: str, *, limit: int, genre: str = "") -> list[Found]:
    """Like `find` for a text of which every word counts, such as a line."""
    plan = plan_query(text)
    compared = max(limit, _COMPARED_FOR_GENRE if genre else _COMPARED)
    candidates = fetch_candidates(plan, limit=compared)
    return [
        Found(*(*line_values(line), round(score, 4), round(relevance_of(text, plan, line), 4)))
        for score, line in rank(text, candidates, genre)[:limit]
    ]


def find_on_board(text: str, *, user: "User") -> list[int]:
    """The ids of what a search of the board shows to the user, best first: applied quotes, and the
    user's own in any state, that share most of the text's weight.
    """
    text = without_question_words(text)
    plan = plan_query(text)
    candidates = [*fetch_candidates(plan, limit=_SHOWN), *_own_candidates(user, plan)]
    least = _LEAST_SHARED * sum(plan.weights.values())
    return [line.id for _, line in rank(text, [c for c in candidates if c.shared >= least])]


def _own_candidates(user: "User", plan: QueryPlan) -> Iterator[Candidate]:
    """The newest lines of the user that are not on the board, which no index has."""
    if not plan.clauses:
        return
    lines = Quote.objects.owned_by(user).filter(is_apply=False).order_by("-created_at", "-id")
    for search_text, *line in lines.values_list("search_text", "pk", *TEXT)[:_OWN]:
        yield Candidate(*(*line, *bm25(plan.weights, search_text)))


def _alternate(first: list[Found], second: list[Found], limit: int) -> list[Found]:
    """Lines of both in turn, each once."""
    turns = chain.from_iterable(zip_longest(first, second))
    return list({line.id: line for line in turns if line}.values())[:limit]
