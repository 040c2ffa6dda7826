"""The lines that share rare terms with quoted words, for many spans at once: candidates for a
comparison of wordings, not a ranking. The number of statements does not grow with that of texts.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import combinations, islice

from quotes.columns import BoardLine
from quotes.models import Quote
from quotes.search.candidates import Terms, ids_with_terms, lines_by_id
from quotes.search.query_text import searchable_terms
from quotes.search.term_stats import frequencies, idf
from quotes.text.tokenizer import tokens
from quotes.verification.names import head_of, plain

LINES = 4  # candidates for each text
_MOST_POSTINGS = 300  # (term, line) pairs that are read for a text
_ENOUGH_POSTINGS = 100  # the same once `_FEW_TERMS` terms are taken
_TERMS, _FEW_TERMS = 6, 4  # rarest terms of a text
_READ_TERMS = 400  # first terms of a text: more than a line of average length has
_PAIRED = 5  # rarest terms that are looked up in pairs where all are too frequent alone
_NAMES = 24  # that are looked up for an answer
_LINES_FOR_NAME = 100  # lines that are read for the speakers of a name
_LEAST = 0.2  # share of the terms' weight that a candidate must have


def find_near(texts: Iterable[str]) -> dict[str, list[BoardLine]]:
    """For each text, the applied lines that have most of its rarest terms."""
    terms = {text: _terms(text) for text in texts}
    counted = dict.fromkeys(term for each in terms.values() for term in each)
    if not counted:
        return {}
    lines, counts = frequencies.of(list(counted))
    groups = {text: _groups(each, counts) for text, each in terms.items()}
    postings = _postings(groups.values())
    ids = {text: _best(each, postings, lines) for text, each in groups.items()}
    found = {line.id: line for line in lines_by_id({pk for each in ids.values() for pk in each})}
    return {text: [found[pk] for pk in each if pk in found] for text, each in ids.items()}


def _terms(text: str) -> list[str]:
    """The searchable terms; if there are enough, without single syllables, which are frequent; if
    there are few, with function words.
    """
    every = list(dict.fromkeys(tokens(text)))[:_READ_TERMS]
    terms = searchable_terms(every)
    longer = [term for term in terms if len(term) > 1]
    if len(longer) >= _FEW_TERMS:
        return longer
    return terms if len(terms) >= _FEW_TERMS else every


def credits_among(names: Iterable[str]) -> set[tuple[str, str]]:
    """The speakers and works of applied lines that contain all words of one of the names."""
    groups = {tuple(dict.fromkeys(searchable_terms(tokens(name)))) for name in names} - {()}
    ids = {pk for found in ids_with_terms(sorted(groups), limit=_LINES_FOR_NAME) for pk in found}
    found = Quote.objects.applied().filter(pk__in=ids).values_list("speaker", "source")
    return set(found.distinct()) if ids else set()


def speakers_among(candidates: Iterable[str]) -> set[str]:
    """Those of the names, in the form of `names.plain`, that are speakers of applied lines."""
    wanted = set(islice(candidates, _NAMES))
    speakers = {speaker for speaker, _ in credits_among(wanted)}
    return wanted & {form for one in speakers for form in (plain(one), plain(head_of(one)))}


def _groups(terms: Sequence[str], counts: Mapping[str, int]) -> list[Terms]:
    """What to look up for a text: its rarest terms within the limits, and pairs of terms where few
    are rare.
    """
    rare = sorted(terms, key=lambda term: counts.get(term, 1))
    cost, taken = 0, list[Terms]()
    for term in rare[:_TERMS]:
        cost += counts.get(term, 1)
        if cost > (_MOST_POSTINGS if len(taken) < _FEW_TERMS else _ENOUGH_POSTINGS):
            break
        taken.append((term,))
    if len(taken) >= _FEW_TERMS or len(rare) < 2:  # noqa: PLR2004
        return taken or [(term,) for term in rare]
    return [*taken, *combinations(rare[:_PAIRED], 2)]


def _postings(groups_of_texts: Iterable[Sequence[Terms]]) -> dict[Terms, list[int]]:
    groups = list(dict.fromkeys(group for each in groups_of_texts for group in each))
    return dict(zip(groups, ids_with_terms(groups, limit=_MOST_POSTINGS), strict=True))


def _best(
    groups: Sequence[Terms], postings: Mapping[Terms, Sequence[int]], lines: int
) -> list[int]:
    scores: dict[int, float] = {}
    total = 0.0
    for group in groups:
        ids = postings[group]
        weight = idf(max(lines, len(ids)), len(ids)) if ids else 0.0
        total += weight
        for pk in ids:
            scores[pk] = scores.get(pk, 0.0) + weight
    enough = [(score, -pk) for pk, score in scores.items() if score >= _LEAST * total]
    return [-pk for _, pk in nlargest(LINES, enough)]
