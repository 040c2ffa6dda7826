"""Lines that say the same as another, or nearly: for whoever submits one, and whoever reviews it.

    same   the same letters in the same order, whatever their case, spaces and marks
    near   a few words differ, or one line is a part of the other

How alike two lines must be was chosen on altered lines and true variants (`bench.similar`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import Q
from rapidfuzz import fuzz

from quotes.forms import folded, skeleton, skeleton_hash
from quotes.models import Quote, QuoteQuerySet, State
from quotes.search import find_text
from quotes.tokens import tokens

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 5
NEAR = 0.75
COMPARED = 40  # lines from the index
OWN = 200  # somebody's own lines that are not on the board: the newest so many are looked through
WAITING = 1000  # the same of everybody's lines in review, for the reviewer
_SHORTEST_PART = 8  # letters; a shorter piece stands in many lines
_PART = 0.9  # what a line counts that is whole within another
_COARSE = 0.6  # cheap comparison of the plain texts, before that of the letters

Line = tuple[int, str]  # id and content


@dataclass(frozen=True, slots=True)
class Similar:
    """`score` is from `NEAR` to 1, which says that the letters are the same."""

    quote: Quote
    score: float

    @property
    def percent(self) -> int:
        return round(self.score * 100)

    @property
    def is_same(self) -> bool:
        return self.score == 1


def find_similar(content: str, *, user: "User", besides: int | None = None) -> list[Similar]:
    """What the board or somebody's own submissions have already of a line, the likest first.

    `besides` is the id of a line that is being edited. At most `SHOWN`; others' lines only from
    the board.
    """
    own = Quote.objects.owned_by(user).filter(is_apply=False)
    seen = Quote.objects.visible_to(user)
    lines = chain(_exactly(content, seen), _on_board(content), _newest(own, OWN))
    return _with_quotes(_best(content, lines, besides), seen.shown_to(user))


def find_candidates(quote: Quote) -> list[Similar]:
    """What a reviewer should see beside a line: of everybody's lines the same ones in any state,
    and near ones that are on the board or wait for review, too.
    """
    everybodys = Quote.objects.order_by("-is_apply", "-id")
    waiting = Quote.objects.in_state(State.PENDING)
    content = quote.content
    lines = chain(_exactly(content, everybodys), _on_board(content), _newest(waiting, WAITING))
    return _with_quotes(_best(content, lines, quote.pk), Quote.objects.select_related("user"))


def duplicate_of(quote: Quote) -> Quote | None:
    """A line of the board, or one of the same person that is not declined, beside which this one
    says nothing new: the same wording, and no speaker or work that the other hasn't.
    """
    there = Quote.objects.filter(Q(is_apply=True) | Q(user=quote.user, declined_at__isnull=True))
    same_hash = there.filter(skeleton_hash=skeleton_hash(quote.content)).exclude(pk=quote.pk)
    for other in same_hash.order_by("-is_apply", "id")[: SHOWN * 4]:
        if same_wording(quote.content, other.content) and _adds_nothing(quote, other):
            return other
    return None


def same_wording(one: str, other: str) -> bool:
    """A text without letters has no skeleton, so it is compared by its marks."""
    return skeleton(one) == skeleton(other) if skeleton(one) else folded(one) == folded(other)


def near_among(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of places of texts that are nearly the same, each text with the first before it.

    Compared are texts that share one of their three rarest tokens, a few of them.
    """
    terms = [set(tokens(text)) for text in texts]
    counts = Counter(chain.from_iterable(terms))
    having = defaultdict[str, list[int]](list)
    letters = [skeleton(text) for text in texts]
    for place, own in enumerate(terms):
        rare = sorted(own, key=lambda term: (counts[term], term))[:3]
        before = sorted({n for term in rare for n in having[term][-COMPARED:]})
        near = (n for n in before if likeness(letters[place], letters[n]))
        if (first := next(near, None)) is not None:
            yield place, first
        for term in own:
            having[term].append(place)


def likeness(one: str, other: str, *, least: float = NEAR) -> float:
    """How alike two texts are, from 0 to 1; 0 for less than `least`."""
    whole = fuzz.ratio(one, other, score_cutoff=least * 100) / 100
    if whole == 1 or min(len(one), len(other)) < _SHORTEST_PART:
        return whole
    return max(whole, _PART * fuzz.partial_ratio(one, other, score_cutoff=95) / 100)


def _adds_nothing(quote: Quote, other: Quote) -> bool:
    names = ((quote.speaker, other.speaker), (quote.source, other.source))
    return all(not mine or same_wording(mine, theirs) for mine, theirs in names)


def _exactly(content: str, quotes: QuoteQuerySet) -> Iterable[Line]:
    same = quotes.filter(skeleton_hash=skeleton_hash(content))
    return same.values_list("pk", "content")[: SHOWN * 4]


def _on_board(content: str) -> Iterable[Line]:
    return ((line.id, line.content) for line in find_text(content, limit=COMPARED))


def _newest(quotes: QuoteQuerySet, most: int) -> Iterable[Line]:
    """Lines that no index has."""
    return quotes.order_by("-created_at", "-id").values_list("pk", "content")[:most]


def _best(content: str, lines: Iterable[Line], besides: int | None) -> dict[int, float]:
    """Scores by id, the likest first; 1 for the same."""
    lower, letters = content.lower(), skeleton(content)
    scores = {pk: _score(content, lower, letters, text) for pk, text in dict(lines).items()}
    near = [(score, -pk) for pk, score in scores.items() if score >= NEAR and pk != besides]
    return {-pk: score for score, pk in sorted(near, reverse=True)[:SHOWN]}


def _score(content: str, lower: str, letters: str, other: str) -> float:
    if not likeness(lower, other.lower(), least=_COARSE):
        return 0.0
    if same_wording(content, other):
        return 1.0
    # Of lines that are not the same, none is more than nearly so.
    return min(round(likeness(letters, skeleton(other)), 2), 0.99) if letters else 0.0


def _with_quotes(best: dict[int, float], quotes: QuoteQuerySet) -> list[Similar]:
    found = quotes.in_bulk(list(best)) if best else {}
    return [Similar(found[pk], score) for pk, score in best.items() if pk in found]
