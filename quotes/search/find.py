"""Finding lines by what a user remembers of them: the one function behind the chat, the model
`board` and the board's own search.

Few and rare terms fetch candidates from the index, up to a limit on the lines that are read, so
that a question costs the same on a board of a thousand lines and of a million. The best candidates
are then ranked by all their terms and by their wording. Only applied lines are in the index.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from quotes.columns import SEARCHED, BoardLine, line_values
from quotes.models import Quote
from quotes.search import embeddings
from quotes.search.asked_name import NAMED, AskedName, Role, asked_names, naming
from quotes.search.candidates import Candidate, bm25, fetch_candidates
from quotes.search.embeddings import Near
from quotes.search.query_plan import QueryPlan, plan_query
from quotes.search.query_text import (
    asks_for_a_line,
    asks_for_another,
    asks_for_line_of_day,
    genre_of,
    is_follow_up,
    refers_to,
    respelled,
    terms_of_small_words,
    without_question_words,
)
from quotes.search.ranking import Ranked, compare_wording, rank, wording_score
from quotes.search.relevance import Question, judge
from quotes.text.normalization import skeleton
from quotes.text.tokenizer import tokens

if TYPE_CHECKING:
    from accounts.models import User

__all__ = ["Exchange", "Found", "asks_for_line_of_day", "find", "find_on_board", "find_text"]

_COMPARED = 30  # candidates whose wording is compared
_COMPARED_FOR_GENRE = 100  # the same where lines of other genres are among them
_SHOWN = 200  # lines that a search of the board shows at most
_OWN = 500  # of the user's own lines that are not on the board, only the newest are searched
_COMPARED_FOR_NAME = 100  # the same where lines with a name are looked for
_SHOWN_BEFORE = 15  # lines of a conversation that another one is looked for beyond
_FITS = 0.5  # least relevance of an answer; bench/README.md says what passes it and what does not
_COVERED = 0.2  # what a line's share of the question counts for its place among the found lines
_SLIPS = 2  # small words for each other word, where those that remain are not on the board
_LEAST_SHARED = 0.6  # of the query's weight, a line must share this much to be shown
_NEARNESS = 0.1  # what a line's nearness in meaning counts; its words count up to 1


@dataclass(slots=True)
class Found(BoardLine):
    """A line that was found. `score` compares its words with those of the other lines of one
    question, `relevance` says how well it answers the question at all; both go from 0 to 1.
    `place` orders the lines: the score with all else that moves a line forward.
    """

    score: float = 0.0
    relevance: float = 0.0
    place: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether the line may be shown as an answer without a model that judges it."""
        return self.relevance >= _FITS


class Exchange(NamedTuple):
    """A question of a conversation and its answer."""

    question: str
    answer: str


def find(
    *, question: str, limit: int = 5, before: Callable[[], Sequence[Exchange]] = tuple
) -> list[Found]:
    """The applied quotes that match the question best, best first; maybe none.

    What was said `before` (newest first) counts only where the question points back to it ("and the
    next line?", "another one by him"). Where the question names a speaker or a work, their lines
    come first, and only they fit. Lines with a similar meaning are added where embeddings are
    enabled.
    """
    if not (is_follow_up(question) and (past := before())):
        return _find_alone(question, limit)
    if asks_for_another(question):
        return _find_others(question, past, limit)
    earlier = f"{_quoted(past[0].answer)}\n{without_question_words(past[0].question)}"
    return _alternate(find_text(earlier, limit=limit), _find_alone(question, limit), limit)


def _find_alone(question: str, limit: int) -> list[Found]:
    text = without_question_words(question)
    asks = asks_for_a_line(question, text)
    by_words = find_text(text, limit=limit, genre=genre_of(question), asks=asks)
    near = embeddings.find_by_meaning(text, limit=limit)
    found = _fuse(text, by_words, near, limit) if near else by_words
    return _with_names(asked_names(question), found, limit)


def _with_names(names: Sequence[AskedName], found: list[Found], limit: int) -> list[Found]:
    """The lines with the first of the names that has any, and then the others, which do not fit. An
    uncertain name that no line has is none.
    """
    for asked in names:
        if named := _find_named(asked, found, limit):
            ids = {line.id for line in named}
            rest = [replace(line, relevance=0.0) for line in found if line.id not in ids]
            return [*named, *rest][:limit]
    if any(asked.is_certain for asked in names):
        return [replace(line, relevance=0.0) for line in found]
    return found


def _find_named(asked: AskedName, found: Sequence[Found], limit: int) -> list[Found]:
    """Those that have the name as well as any line, the ones that match the whole question first.
    All fit, unless the question has a topic that only some of them match.
    """
    searched = find_text(f"{asked.name} {asked.topic}", limit=_COMPARED_FOR_NAME)
    lines = {line.id: line for line in [*found, *searched]}.values()
    best = max((naming(asked, line) for line in lines), default=0)
    named = [line for line in lines if best and naming(asked, line) == best][:limit]
    if asked.topic and (best < NAMED or any(line.fits for line in named)):
        return named if any(line.fits for line in named) else []
    return [replace(line, relevance=max(line.relevance, _FITS)) for line in named]


def _find_others(question: str, past: Sequence[Exchange], limit: int) -> list[Found]:
    """Lines that were not shown yet: by the speaker or of the work of the last answer, if the
    question means these, and else for the question that the follow-ups began with.
    """
    shown = skeleton(" ".join(one.answer for one in past))
    more = limit + _SHOWN_BEFORE
    if field := refers_to(question):
        last = find_text(_quoted(past[0].answer), limit=1)
        name = getattr(last[0], field) if last else ""
        found = _with_names([AskedName(name, Role(field), is_certain=True)], [], more)
    else:
        asked = [one.question for one in past if not is_follow_up(one.question)]
        found = _find_alone(asked[0] if asked else past[-1].question, more)
    return [line for line in found if skeleton(line.content) not in shown][:limit]


def _quoted(answer: str) -> str:
    """The quotations of an answer that has some in blocks, without the words around them."""
    lines = [line for line in answer.splitlines() if line.startswith(">")]
    return "\n".join(lines) or answer


def _fuse(text: str, by_words: Sequence[Found], near: Sequence[Near], limit: int) -> list[Found]:
    """Adds the lines that are near in meaning, and a part of their nearness to the places of all. A
    line that is near fits, whatever its words are; the nearest is among the lines in any case.
    """
    lines = {line.id: line for line in by_words}
    for each in near:
        if each.is_near and each.line.id not in lines:
            score = round(wording_score(compare_wording(text.lower(), each.line.content)), 4)
            lines[each.line.id] = Found(*(*line_values(each.line), score, 0.0, score))
    for each in near:
        if line := lines.get(each.line.id):
            relevance = max(line.relevance, _FITS) if each.is_near else line.relevance
            place = line.place + _NEARNESS * each.nearness
            lines[line.id] = replace(line, relevance=relevance, place=place)
    found = sorted(lines.values(), key=attrgetter("place"), reverse=True)
    nearest = lines[near[0].line.id] if near[0].is_near else None
    if nearest and limit > 1 and nearest not in found[:limit]:
        return [*found[: limit - 1], nearest]
    return found[:limit]


def find_text(text: str, *, limit: int, genre: str = "", asks: bool = False) -> list[Found]:
    """Like `find` for a text of which every word counts, such as a line."""
    plan = plan_query(text)
    compared = max(limit, _COMPARED_FOR_GENRE if genre else _COMPARED)
    candidates = fetch_candidates(plan, limit=compared) or _fetch_misspelled(text, compared)
    if not candidates:
        return []
    question = Question(text, plan, asks)
    judged = [_judged(question, ranked) for ranked in rank(text, candidates, genre)[:limit]]
    return sorted(judged, key=attrgetter("place"), reverse=True)


def _fetch_misspelled(text: str, limit: int) -> list[Candidate]:
    """The lines to compare where the words of a text with a meaning of their own find none: those
    with these words in another spelling, or with its small words.
    """
    small = terms_of_small_words(tokens(text), small=_SLIPS)
    plan = plan_query(f"{text} {respelled(text)}", small_words=0 if small else _SLIPS)
    return fetch_candidates(plan, limit=limit)


def _judged(question: Question, ranked: Ranked) -> Found:
    line, wording = ranked.line, ranked.wording
    others = [compare_wording(question.lower, text) for text in (line.context, line.gloss) if text]
    wording = max([wording, *others], key=sum)
    relevance, share = judge(question, line, wording)
    score, place = round(ranked.score, 4), ranked.place + _COVERED * share
    return Found(*(*line_values(line), score, round(relevance, 4), place))


def find_on_board(text: str, *, user: "User | None") -> list[int]:
    """The ids of what a search of the board shows to the user (None: without an account), best
    first: applied quotes, and the user's own in any state, that share most of the text's weight.
    """
    text = without_question_words(text)
    plan = plan_query(text)
    own = _own_candidates(user, plan) if user else ()
    candidates = [*fetch_candidates(plan, limit=_SHOWN), *own]
    least = _LEAST_SHARED * sum(plan.weights.values())
    return [each.line.id for each in rank(text, [c for c in candidates if c.shared >= least])]


def _own_candidates(user: "User", plan: QueryPlan) -> Iterator[Candidate]:
    """The newest lines of the user that are not on the board, which no index has."""
    if not plan.clauses:
        return
    lines = Quote.objects.owned_by(user).filter(is_apply=False).order_by("-created_at", "-id")
    for search_text, *line in lines.values_list("search_text", "pk", *SEARCHED)[:_OWN]:
        yield Candidate(*(*line, *bm25(plan.weights, search_text), search_text))


def _alternate(first: list[Found], second: list[Found], limit: int) -> list[Found]:
    """Lines of both in turn, each once."""
    turns = chain.from_iterable(zip_longest(first, second))
    return list({line.id: line for line in turns if line}.values())[:limit]
