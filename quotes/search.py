"""Finding lines by what somebody remembers of them: the one function behind chat, the model `board`
and the board's own search.

Few and rare terms fetch candidates from the index, up to a bound on the lines that are looked at,
so that a question costs the same on a board of a thousand lines and of a million; the best of them
are then ranked by all their terms and by their wording. Only applied lines are in the index.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain, combinations, zip_longest
from operator import itemgetter
from typing import TYPE_CHECKING

from quotes.asking import points_back, telling, wanted
from quotes.index import Terms, frequencies, lines_with
from quotes.models import Quote, QuoteQuerySet
from quotes.ranking import idf, rank, shared
from quotes.tokens import tokens

if TYPE_CHECKING:
    from accounts.models import User

MOST_POSTINGS = 6000  # (term, line) pairs that a question may cost
CANDIDATES = 300  # lines that are ranked
SHOWN = 200  # lines that a search of the board shows at most
OWN = 500  # somebody's own lines that are not on the board: the newest so many are looked through
MOST_TERMS = 64  # of a question
_NEAR = 0.7  # the score from which a line needs no more words to be the one that is meant
_ENOUGH = 0.6  # of what the text tells, a line must have this much to be shown
_PAIRED = 5  # of a question of frequent terms alone, the rarest so many are looked up in pairs


@dataclass(frozen=True, slots=True)
class Found:
    """An applied quote, word for word as it is on the board."""

    id: int
    content: str
    speaker: str
    source: str
    context: str = ""
    search_text: str = ""
    score: float = 0.0


def find(*, question: str, limit: int = 5, before: Callable[[], str] = str) -> list[Found]:
    """The applied quotes that are most like what the question asks for, best first; maybe none.

    Where the question points back ("and the next line?") or finds nothing that is near, what was
    said `before` is looked for, too, and its lines share the places with the question's.
    """
    found = find_text(wanted(question), limit=limit)
    if found and found[0].score >= _NEAR and not points_back(question):
        return found
    earlier = before()
    return _shared_out(found, find_text(wanted(earlier), limit=limit), limit) if earlier else found


def find_text(text: str, *, limit: int) -> list[Found]:
    """The same for a text of which every word counts, such as a line."""
    ids, weights = _candidates(text, CANDIDATES, MOST_POSTINGS)
    ranked = rank(text, weights, _fetch(Quote.objects.applied(), ids))[:limit]
    return [_scored(found, score) for score, found in ranked]


def find_near(text: str, *, limit: int) -> list[Found]:
    """Applied quotes that have the most of a text's terms, for a comparison of the wordings: cheap,
    and in no better order than that.
    """
    ids, _ = _candidates(text, limit, MOST_POSTINGS // 10)
    return _fetch(Quote.objects.applied(), ids)


def find_on_board(text: str, *, user: "User") -> list[int]:
    """The ids of what somebody's search of the board shows, best first: of the applied quotes and
    of the own ones in any state, those that have most of what the text tells.
    """
    text = wanted(text)
    ids, weights = _candidates(text, SHOWN, MOST_POSTINGS)
    waiting = Quote.objects.owned_by(user).filter(is_apply=False).order_by("-created_at", "-id")
    own = waiting.values_list("pk", flat=True)[:OWN]
    lines = _fetch(Quote.objects.visible_to(user), [*ids, *own]) if weights else []
    enough = _ENOUGH * sum(weights.values())
    shown = [line for line in lines if shared(weights, line) >= enough]
    return [line.id for _, line in rank(text, weights, shown)]


def _candidates(text: str, limit: int, most: int) -> tuple[list[int], dict[str, float]]:
    """Ids of applied lines that have the rarest terms of the text, and what each term tells."""
    terms = list(dict.fromkeys(tokens(text)))[:MOST_TERMS]
    fetching = telling(terms)
    if not fetching:
        return [], {}
    lines, counts = frequencies.of(terms)
    small = [term for term in terms if term not in fetching]
    groups = _groups(fetching, small, counts, most)
    postings = lines_with(groups, most=most)
    weights = _weights(terms, lines, counts, groups, postings)
    return _best(groups, postings, weights, set(fetching))[:limit], weights


def _groups(
    telling_terms: Sequence[str], small: Sequence[str], counts: Mapping[str, int], most: int
) -> list[Terms]:
    """What to look up: the rarest terms that the bound allows, then small words where it allows
    more; of a question in which every term is frequent, lines that have two of them.
    """
    cost, taken = 0, list[Terms]()
    rare = _rarest(telling_terms, counts)
    for term in [*rare, *_rarest(small, counts)]:
        cost += counts.get(term, 1)
        if cost > most:
            break
        taken.append((term,))
    return taken or list(combinations(rare[:_PAIRED], 2)) or [(rare[0],)]


def _rarest(terms: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    return sorted(terms, key=lambda term: counts.get(term, 1))


def _weights(
    terms: Sequence[str],
    lines: int,
    counts: Mapping[str, int],
    groups: Sequence[Terms],
    postings: Sequence[tuple[int, int]],
) -> dict[str, float]:
    """What each term tells. Terms that were looked up are counted on the way."""
    seen = dict.fromkeys((group[0] for group in groups if len(group) == 1), 0)
    for number, _ in postings:
        if len(groups[number]) == 1:
            seen[groups[number][0]] += 1
    most = max([lines, *seen.values()])
    unknown = most // 10  # not counted yet and not looked up: a frequent word
    having = {term: seen.get(term, counts.get(term, unknown)) for term in terms}
    return {term: idf(max(most, count), count) for term, count in having.items()}


def _best(
    groups: Sequence[Terms],
    postings: Sequence[tuple[int, int]],
    weights: Mapping[str, float],
    telling_terms: set[str],
) -> list[int]:
    """Ids of lines, those with the most telling terms first. A small word makes a line better that
    has another term, but finds none.
    """
    worth = [sum(weights[term] for term in group) for group in groups]
    finds = [group[0] in telling_terms for group in groups]
    scores: dict[int, float] = {}
    for number, quote in sorted(postings, key=itemgetter(0)):
        if finds[number] or quote in scores:
            scores[quote] = scores.get(quote, 0.0) + worth[number]
    return nlargest(CANDIDATES, scores, key=scores.__getitem__)


def _fetch(quotes: QuoteQuerySet, ids: Sequence[int]) -> list[Found]:
    columns = ("pk", "content", "speaker", "source", "context", "search_text")
    rows = quotes.filter(pk__in=ids).values_list(*columns) if ids else ()
    found = {row[0]: Found(*row) for row in rows}
    return [found[pk] for pk in ids if pk in found]


def _shared_out(ones: list[Found], others: list[Found], limit: int) -> list[Found]:
    """In turn from both; the others first, for the ones are not near."""
    turns = chain.from_iterable(zip_longest(others, ones))
    return list({line.id: line for line in turns if line}.values())[:limit]


def _scored(found: Found, score: float) -> Found:
    return Found(
        found.id, found.content, found.speaker, found.source, found.context, score=round(score, 4)
    )
