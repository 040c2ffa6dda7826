"""The curves from which the judge's thresholds are chosen: by length, the share of altered lines
whose similarity to their line reaches a value, and that of other lines whose similarity to the most
similar line of the board reaches it.
"""

import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from unicodedata import normalize

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from bench.verification.alterations import ALTERED, Material, alterations
from bench.verification.cases import INVENTED, LineSet
from quotes.text.normalization import folded, skeleton
from quotes.verification.term_candidates import find_near

LENGTHS = (10, 15, 20, 30, 45, 70, 110)  # letters; the last bucket has no end
VALUES = range(45, 100, 3)
_BATCH = 50  # texts whose candidates are looked up by one statement

Similarities = dict[int, list[float]]  # by bucket, sorted
Compared = tuple[str, list[str]]  # a text, and the lines that it may be like
Measure = Callable[[str, str], float]  # of folded texts


def characters(text: str, line: str) -> float:
    """As the judge has it."""
    part = fuzz.partial_ratio(text, line) * 0.97 if len(text) <= len(line) else 0.0
    return max(fuzz.ratio(text, line), part)


def jamo(text: str, line: str) -> float:
    """The same, of the letters of which Korean syllables consist."""
    return characters(normalize("NFD", text), normalize("NFD", line))


def words(text: str, line: str) -> float:
    """Of whole words, in order."""
    return 100 * Indel.normalized_similarity(text.split(), line.split())


MEASURES: dict[str, list[Measure]] = {"ko": [characters, jamo, words], "en": [characters, words]}


def _altered(of: LineSet, count: int, dice: random.Random) -> Iterator[Compared]:
    """Altered lines, with what they were made of."""
    ways = [way for way in alterations(of.language) if way.expected == ALTERED]
    for _ in range(count):
        line = dice.choice(of.lines)
        said = dice.choice(ways).change(line.content, Material(dice, of.language, of.pool))
        if said and skeleton(said) not in of.known:
            yield said, [line.content]


def _others(of: LineSet, count: int, dice: random.Random) -> Iterator[Compared]:
    """Lines of the board, with those that are like them."""
    lines = [dice.choice(of.lines) for _ in range(count)]
    for at in range(0, count, _BATCH):
        near = find_near({line.content for line in lines[at : at + _BATCH]})
        for line in lines[at : at + _BATCH]:
            yield line.content, [x.content for x in near[line.content] if x.id != line.id]


def _invented(of: LineSet, count: int, dice: random.Random) -> Iterator[Compared]:
    """Random words, with the lines that are like them."""
    use = Material(dice, of.language, of.pool)
    texts = [INVENTED.change(dice.choice(of.lines).content, use) or "" for _ in range(count)]
    for at in range(0, count, _BATCH):
        near = find_near(set(texts[at : at + _BATCH]))
        for text in texts[at : at + _BATCH]:
            yield text, [line.content for line in near.get(text, [])]


def _bucket(text: str) -> int:
    return max(0, bisect_right(LENGTHS, len(skeleton(text))) - 1)


def _similarities(measure: Measure, compared: Iterable[Compared]) -> Similarities:
    buckets: Similarities = defaultdict(list)
    for text, lines in compared:
        said = folded(text)
        best = max((measure(said, folded(line)) for line in lines), default=0.0)
        buckets[_bucket(text)].append(best)
    return {bucket: sorted(values) for bucket, values in buckets.items()}


def _share(values: list[float], least: float) -> str:
    reached = len(values) - bisect_left(values, least)
    return f"{100 * reached / len(values):.1f}" if values else "-"


def curves(of: LineSet, count: int = 4000) -> None:
    dice = random.Random(10)
    kinds = [list(make(of, count, dice)) for make in (_altered, _others, _invented)]
    for measure in MEASURES[of.language]:
        print(f"\n{of.language}, {measure.__name__}: % of altered lines / of other lines of the "
              "board / of random words at or above a similarity")  # fmt: skip
        print(f"| letters | n | {' | '.join(map(str, VALUES))} |\n|---|---|" + "---|" * len(VALUES))
        _table([_similarities(measure, each) for each in kinds])


def _table(kinds: list[Similarities]) -> None:
    for bucket, least in enumerate(LENGTHS):
        columns = [each.get(bucket, []) for each in kinds]
        cells = ["/".join(_share(each, value) for each in columns) for value in VALUES]
        counts = "/".join(str(len(each)) for each in columns)
        print(f"| {least}+ | {counts} | {' | '.join(cells)} |")
