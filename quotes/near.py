"""The lines that are near to quoted words, for many spans at once: what a comparison of wordings
needs, in no better order than that. Statements do not grow with the number of texts.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import combinations

from quotes.asking import telling
from quotes.frequencies import frequencies, idf
from quotes.lookup import Terms, lines_of, lines_with
from quotes.models import Quote
from quotes.search import Found
from quotes.tokens import tokens

LINES = 12  # that are compared with a text
_MOST_POSTINGS = 600  # (term, line) pairs that a text may cost
_ENOUGH_POSTINGS = 150  # for a text that has `_FEW_TERMS` already
_TERMS, _FEW_TERMS = 10, 4  # of a text, the rarest
_PAIRED = 5  # of a text of frequent terms alone, the rarest so many are looked up in pairs
_OF_A_NAME = 100  # lines that are looked at for a speaker of a name
_LEAST = 0.2  # of what its terms tell, a line must have this much to be near


def find_near(texts: Iterable[str]) -> dict[str, list[Found]]:
    """For each text the applied lines that have the most of its rarest terms."""
    terms = {text: _terms(text) for text in texts}
    counted = dict.fromkeys(term for each in terms.values() for term in each)
    if not counted:
        return {}
    lines, counts = frequencies.of(list(counted))
    wanted = {text: _groups(each, counts) for text, each in terms.items()}
    found = _looked_up(wanted.values())
    ids = {text: _best(groups, found, lines) for text, groups in wanted.items()}
    found_lines = lines_of({pk for each in ids.values() for pk in each})
    rows = {row[0]: Found(*row) for row in found_lines}
    return {text: [rows[pk] for pk in each if pk in rows] for text, each in ids.items()}


def _terms(text: str) -> list[str]:
    """Those that tell; where there are enough, without single syllables, which are many lines'."""
    terms = telling(list(dict.fromkeys(tokens(text))))
    longer = [term for term in terms if len(term) > 1]
    return longer if len(longer) >= _FEW_TERMS else terms


def speakers_among(names: Iterable[str]) -> set[str]:
    """The speakers of applied lines that have all words of one of the names somewhere."""
    groups = {tuple(dict.fromkeys(telling(tokens(name)))) for name in names} - {()}
    ids = {pk for found in lines_with(sorted(groups), most=_OF_A_NAME) for pk in found}
    found = Quote.objects.applied().filter(pk__in=ids).values_list("speaker", flat=True)
    return set(found.distinct()) if ids else set()


def _groups(terms: Sequence[str], counts: Mapping[str, int]) -> list[Terms]:
    """What to look up for a text: its rarest terms as far as the bound allows, or pairs of them."""
    rare = sorted(terms, key=lambda term: counts.get(term, 1))
    cost, taken = 0, list[Terms]()
    for term in rare[:_TERMS]:
        cost += counts.get(term, 1)
        if cost > (_MOST_POSTINGS if len(taken) < _FEW_TERMS else _ENOUGH_POSTINGS):
            break
        taken.append((term,))
    return taken or list(combinations(rare[:_PAIRED], 2)) or [(term,) for term in rare[:1]]


def _looked_up(wanted: Iterable[Sequence[Terms]]) -> dict[Terms, list[int]]:
    groups = list(dict.fromkeys(group for each in wanted for group in each))
    return dict(zip(groups, lines_with(groups, most=_MOST_POSTINGS), strict=True))


def _best(groups: Sequence[Terms], found: Mapping[Terms, Sequence[int]], lines: int) -> list[int]:
    scores: dict[int, float] = {}
    most = 0.0
    for group in groups:
        having = found[group]
        worth = idf(max(lines, len(having)), len(having)) if having else 0.0
        most += worth
        for pk in having:
            scores[pk] = scores.get(pk, 0.0) + worth
    enough = [(score, -pk) for pk, score in scores.items() if score >= _LEAST * most]
    return [-pk for _, pk in nlargest(LINES, enough)]
