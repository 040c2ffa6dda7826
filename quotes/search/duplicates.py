"""Lines that are the same as another or nearly so, shown to submitters and reviewers.

    same   the same letters in the same order, whatever their case, spaces and punctuation
    near   a few words differ, or one line is a part of the other

The thresholds were chosen on altered lines and true variants (`bench.similar`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import Q
from rapidfuzz import fuzz

from config.batches import paced
from config.budget import Budget
from quotes.columns import NAMES
from quotes.models import Quote, QuoteQuerySet, State
from quotes.search.find import find_text
from quotes.text.normalization import folded, skeleton, skeleton_hash
from quotes.text.tokenizer import tokens

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 5
NEAR = 0.75
COMPARED = 40  # lines from the index
OWN = 200  # the user's newest lines that are not on the board, which no index has
WAITING = 1000  # the newest lines in review, compared for the reviewer
_SHORTEST_PART = 8  # letters; shorter parts occur in many lines
_PART_SCORE = 0.9  # of a line that is whole within another
_COARSE = 0.6  # threshold of the cheap comparison of plain texts, before that of the letters

_IdAndContent = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Similar:
    """`score` goes from `NEAR` to 1; at 1 the letters are the same."""

    quote: Quote
    score: float

    @property
    def percent(self) -> int:
        return round(self.score * 100)

    @property
    def is_same(self) -> bool:
        return self.score == 1


def find_similar(content: str, *, user: "User", besides: int | None = None) -> list[Similar]:
    """The lines of the board and the user's own submissions that are like `content`, most similar
    first, at most `SHOWN`. `besides` is the id of a line to leave out, such as the one that is
    being edited.
    """
    own = Quote.objects.owned_by(user).filter(is_apply=False)
    seen = Quote.objects.visible_to(user)
    lines = chain(_exactly(content, seen), _on_board(content), _newest(own, OWN))
    return _with_quotes(_best(content, lines, besides), seen.shown_to(user))


def find_similar_for_review(quote: Quote) -> list[Similar]:
    """What a reviewer sees beside a line: the same lines in any state, and near ones that are on
    the board or wait for review.
    """
    all_quotes = Quote.objects.order_by("-is_apply", "-id")
    waiting = Quote.objects.in_state(State.PENDING)
    content = quote.content
    lines = chain(_exactly(content, all_quotes), _on_board(content), _newest(waiting, WAITING))
    return _with_quotes(_best(content, lines, quote.pk), Quote.objects.select_related("user"))


def duplicate_of(quote: Quote) -> Quote | None:
    """A line of the board, or one of the same submitter that is not declined, to which this one
    adds nothing: it has the same wording, and no other speaker or work.
    """
    existing = Quote.objects.filter(Q(is_apply=True) | Q(user=quote.user, declined_at__isnull=True))
    same_hash = existing.filter(skeleton_hash=skeleton_hash(quote.content)).exclude(pk=quote.pk)
    for other in same_hash.order_by("-is_apply", "id")[: SHOWN * 4]:
        if same_wording(quote.content, other.content) and adds_nothing(quote, other):
            return other
    return None


def same_wording(one: str, other: str) -> bool:
    """Compares the letters, or the punctuation of texts without letters."""
    return skeleton(one) == skeleton(other) if skeleton(one) else folded(one) == folded(other)


def adds_nothing(quote: Quote, other: Quote) -> bool:
    """Whether `quote` has no speaker or work that is not the same in `other`."""
    names = ((getattr(quote, name), getattr(other, name)) for name in NAMES)
    return all(not mine or same_wording(mine, theirs) for mine, theirs in names)


def near_among(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of indexes of texts that are nearly the same: each text with the first such one before
    it.

    A text is compared only with the last `COMPARED` texts that share one of its three rarest
    tokens.
    """
    terms = [set(tokens(text)) for text in paced(texts)]
    counts = Counter(chain.from_iterable(terms))
    having = defaultdict[str, list[int]](list)
    letters = [skeleton(text) for text in paced(texts)]
    for place, own in enumerate(paced(terms)):
        rare = sorted(own, key=lambda term: (counts[term], term))[:3]
        before = sorted({n for term in rare for n in having[term][-COMPARED:]})
        near = (n for n in before if similarity(letters[place], letters[n]))
        if (first := next(near, None)) is not None:
            yield place, first
        for term in own:
            having[term].append(place)


def similarity(one: str, other: str, *, least: float = NEAR) -> float:
    """How similar two texts are, from 0 to 1; 0 for less than `least`."""
    whole = fuzz.ratio(one, other, score_cutoff=least * 100) / 100
    if whole == 1 or min(len(one), len(other)) < _SHORTEST_PART:
        return whole
    return max(whole, _PART_SCORE * fuzz.partial_ratio(one, other, score_cutoff=95) / 100)


def _exactly(content: str, quotes: QuoteQuerySet) -> Iterable[_IdAndContent]:
    same = quotes.filter(skeleton_hash=skeleton_hash(content))
    return same.values_list("pk", "content")[: SHOWN * 4]


def _on_board(content: str) -> Iterable[_IdAndContent]:
    return ((line.id, line.content) for line in find_text(content, limit=COMPARED))


def _newest(quotes: QuoteQuerySet, most: int) -> Iterable[_IdAndContent]:
    return quotes.order_by("-created_at", "-id").values_list("pk", "content")[:most]


def _best(content: str, lines: Iterable[_IdAndContent], besides: int | None) -> dict[int, float]:
    """Scores by id, most similar first."""
    lower, letters, scores, budget = (
        content.lower(),
        skeleton(content),
        dict[int, float](),
        Budget(),
    )
    for pk, text in dict(lines).items():
        budget.give_way()
        scores[pk] = _score(content, lower, letters, text)
    near = [(score, -pk) for pk, score in scores.items() if score >= NEAR and pk != besides]
    return {-pk: score for score, pk in sorted(near, reverse=True)[:SHOWN]}


def _score(content: str, lower: str, letters: str, other: str) -> float:
    if not similarity(lower, other.lower(), least=_COARSE):
        return 0.0
    if same_wording(content, other):
        return 1.0
    # Rounding must not make a near line the same.
    return min(round(similarity(letters, skeleton(other)), 2), 0.99) if letters else 0.0


def _with_quotes(best: dict[int, float], quotes: QuoteQuerySet) -> list[Similar]:
    found = quotes.in_bulk(list(best)) if best else {}
    return [Similar(found[pk], score) for pk, score in best.items() if pk in found]
