"""The lines that share rare terms with quoted words, for many spans at once: candidates for a
comparison of wordings, not a ranking. The number of statements does not grow with that of texts.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import chain, combinations, islice

from quotes.columns import BoardLine
from quotes.search.candidates import Terms, credits_by_id, ids_with_terms, lines_by_id
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
_DICTIONARY = 5_000  # lines
_LEAST = 0.2  # share of the terms' weight that a candidate must have


def find_near(texts: Iterable[str]) -> dict[str, list[BoardLine]]:
    """For each text, the applied lines that have most of its rarest terms."""
    terms = {text: _terms(text) for text in texts}
    counted = dict.fromkeys(chain.from_iterable(terms.values()))
    if not counted:
        return {}
    lines, counts = frequencies.of(list(counted))
    groups = {text: _groups(each, counts) for text, each in terms.items()}
    postings = _postings(groups.values(), counts)
    weights = {group: _weight(lines, ids) for group, ids in postings.items()}
    ids = {text: _best(each, postings, weights) for text, each in groups.items()}
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


def credits_by_name(names: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """For each of the names, the speakers and works of applied lines that contain all its words."""
    terms = {name: tuple(dict.fromkeys(searchable_terms(tokens(name)))) for name in names}
    groups = sorted({*terms.values()} - {()})
    ids = dict(zip(groups, ids_with_terms(groups, limit=_LINES_FOR_NAME), strict=True))
    every = {pk for found in ids.values() for pk in found}
    known = credits_by_id(every) if every else {}
    return {
        name: [known[pk] for pk in ids.get(group, ()) if pk in known]
        for name, group in terms.items()
    }


def is_dictionary() -> bool:
    """Whether the board has so many lines that a word in none of them is hardly a usual one."""
    return frequencies.of(())[0] >= _DICTIONARY


def speakers_among(candidates: Iterable[str]) -> set[str]:
    """Those of the names, in the form of `names.plain`, that are speakers of applied lines."""
    wanted = set(islice(candidates, _NAMES))
    found = chain.from_iterable(credits_by_name(wanted).values())
    speakers = {speaker for speaker, _ in found}
    return wanted & {form for one in speakers for form in (plain(one), plain(head_of(one)))}


def _groups(terms: Sequence[str], counts: Mapping[str, int]) -> list[Terms]:
    """What to look up for a text: its rarest terms within the limits, and pairs of terms where few
    are rare.
    """
    rare = sorted(terms, key=counts.__getitem__)
    cost, taken = 0, list[Terms]()
    for term in rare[:_TERMS]:
        cost += counts[term]
        if cost > (_MOST_POSTINGS if len(taken) < _FEW_TERMS else _ENOUGH_POSTINGS):
            break
        taken.append((term,))
    if len(taken) >= _FEW_TERMS or len(rare) < 2:  # noqa: PLR2004
        return taken or [(term,) for term in rare]
    pairs = list[Terms](combinations(rare[:_PAIRED], 2))
    if not taken and len(rare) > 2:  # noqa: PLR2004
        pairs.append(tuple(rare[:_TERMS]))  # pairs of small words are in too many lines to read all
    return [*taken, *pairs]


def _postings(
    groups_of_texts: Iterable[Sequence[Terms]], counts: Mapping[str, int]
) -> dict[Terms, list[int]]:
    """The ids of the lines that have all terms of a group. Those with a pair follow from those with
    each of its terms, where these are read anyway and to their end.
    """
    groups = list(dict.fromkeys(group for each in groups_of_texts for group in each))
    alone = {group[0] for group in groups if len(group) == 1}
    whole = {term for term in alone if counts[term] < _MOST_POSTINGS}
    read = [group for group in groups if len(group) != 2 or not whole.issuperset(group)]  # noqa: PLR2004
    found = dict(zip(read, ids_with_terms(read, limit=_MOST_POSTINGS), strict=True))
    for group in groups:
        if group not in found:
            first, second = found[group[:1]], {*found[group[1:]]}
            found[group] = [pk for pk in first if pk in second]
    return found


def _best(
    groups: Sequence[Terms], postings: Mapping[Terms, Sequence[int]], weights: Mapping[Terms, float]
) -> list[int]:
    scores: dict[int, float] = {}
    get, total = scores.get, 0.0
    for group in groups:
        weight = weights[group]
        total += weight
        for pk in postings[group]:
            scores[pk] = get(pk, 0.0) + weight
    # Comparing the numbers alone leaves few pairs to compare.
    least = max([_LEAST * total, *sorted(scores.values())[-LINES:][:1]])
    enough = [(score, -pk) for pk, score in scores.items() if score >= least]
    return [-pk for _, pk in nlargest(LINES, enough)]


def _weight(lines: int, ids: Sequence[int]) -> float:
    return idf(max(lines, len(ids)), len(ids)) if ids else 0.0
