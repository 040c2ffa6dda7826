"""The verdict on words that stand beside a line of the board, by how they differ from it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from config.hangul import SYLLABLES
from config.text import has_direction
from quotes.columns import BoardLine
from quotes.search.query_text import is_small
from quotes.text.normalization import folded, skeleton
from quotes.verification import compare
from quotes.verification.compare import Difference
from quotes.verification.spans import Span

_EAST = f"{SYLLABLES}\u3040-\u30ff\u3400-\u9fff"
_EAST_ASIAN = re.compile(f"[{_EAST}]")
_ENOUGH_EAST_ASIAN = re.compile(rf"\A(?:[^{_EAST}]*+[{_EAST}]){{6}}")
# Letters and words; many small words say as much as a few long ones (To be, or not to be).
_ENOUGH_LATIN = ((14, 3), (11, 5))
# Similarity of 100 from which words are an altered line (curves in `bench/README.md`). Where
# nothing marks them as a quotation, more of the line must be there.
ALTERED_FROM = 78.0
SILENTLY_FROM = 82.0
_SILENT_SHARE, _SHOWN_SHARE = 0.6, 0.4  # of a line that the model was given, less is enough
_SILENT_LETTERS, _SHOWN_LETTERS = 20, 30
# A text is near a line, too, if one run of the line's words is so much of it.
_RUNS = ((14, 0.45), (20, 0.33))  # at least so many letters, and so much of the text
# The first words of a line that the model was given, with others instead of the rest: at least so
# many words (in Hangul, they say more) and letters, and so much of the line.
BEGUN_WORDS, BEGUN_HANGUL_WORDS = 3, 2
_BEGUN_LETTERS, _BEGUN_SHARE = 9, 0.3
_SENTENCE = 4  # words
ENOUGH = 400  # characters of a text that show whether it is long
_PART_OF_LINE = 0.97  # similarity to a part is not as sure as to a whole line
_IN_ANY_ORDER = 0.95  # nor are words in another order
_WITHOUT_SPACES = 0.95  # letters alone are more alike by chance than words
_LEAST_PART = 0.5  # share of a line that an altered part of it must have


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a span. `line` is the line that it matches, None where it is unknown.
    `similarity` goes to 100 and is set for altered spans.
    """

    span: Span
    verdict: str
    match: str = ""
    line: BoardLine | None = None
    difference: Difference = field(default_factory=list)
    notes: tuple[str, ...] = ()
    similarity: float = 0.0


def compared(span: Span, line: BoardLine) -> Judgement:
    text, content = span.text, line.content
    if compare.is_equal(text, content):
        return Judgement(span, "verbatim", "exact", line)
    if compare.has_same_words(text, content):
        match = "folded" if folded(text) == folded(content) else "skeleton"
        return _same_words(span, line, match, ("look_alike",) if has_direction(text) else ())
    text = compare.without_ids(text, content)
    if compare.is_part(text, content):
        is_long = compare.is_long_part(text, content) or is_part_of_near(span, line)
        # A few words of a line are like it by chance.
        return _excerpt(span, text, line) if is_long else Judgement(span, "altered", line=line)
    changes = compare.difference(content, text)
    notes = ("look_alike",) if _looks_alike(text, content) else ()
    similarity = _similarity(text, content)
    if span.quotation:
        similarity = max(similarity, _similarity(span.quotation, content))
    return Judgement(span, "altered", "", line, changes, notes, similarity)


def is_part_of_near(span: Span, line: BoardLine) -> bool:
    """Whether it is a part of a divided quotation that is, as a whole, near the line."""
    text = span.quotation
    return is_long_enough(text) and _similarity(text, line.content) >= ALTERED_FROM


def begun(span: Span, line: BoardLine) -> Judgement | None:
    """The excerpt that words from one place of a line are, however few; None for others."""
    return _excerpt(span, span.text, line) if compare.is_part(span.text, line.content) else None


def is_begun(text: str, line: str) -> bool:
    """Whether the first words of a line that the model was given are too many to be chance."""
    letters = skeleton(text)
    is_much = len(letters) >= _BEGUN_SHARE * len(skeleton(line))
    is_enough = is_much and _weight(letters) >= _BEGUN_LETTERS
    return is_enough and not all(map(is_small, text.split()))


def _same_words(span: Span, line: BoardLine, match: str, notes: tuple[str, ...] = ()) -> Judgement:
    changes = compare.difference(line.content, span.text, strict=True)
    return Judgement(span, "same_words", match, line, changes, notes)


def _excerpt(span: Span, text: str, line: BoardLine) -> Judgement:
    left_out = compare.words_left_out(text, line.content)
    around = left_out if left_out is not None else _missing(text, line.content)
    notes = ("negation_left_out",) if compare.has_negation(around) else ()
    if left_out is None:
        return _same_words(span, line, "excerpt", notes)
    return Judgement(span, "excerpt", "excerpt", line, notes=notes)


def _missing(text: str, line: str) -> str:
    return " ".join(words for kind, words in compare.difference(line, text) if kind == "missing")


def _looks_alike(text: str, line: str) -> bool:
    plain = compare.without_look_alikes(text)
    return plain != text and skeleton(plain) == skeleton(line)


def _similarity(text: str, line: str) -> float:
    """With spaces, which show words, or without them, where they differ."""
    text = compare.without_look_alikes(compare.without_slashes(text))
    theirs, ours = folded(text), folded(line)
    whole = fuzz.ratio(theirs, ours)
    if _LEAST_PART * len(ours) <= len(theirs) < len(ours):
        whole = max(whole, fuzz.partial_ratio(theirs, ours) * _PART_OF_LINE)
    whole = max(whole, fuzz.ratio(skeleton(text), skeleton(line)) * _WITHOUT_SPACES)
    return max(whole, fuzz.token_sort_ratio(theirs, ours) * _IN_ANY_ORDER)


def is_long_enough(text: str) -> bool:
    """Whether a match cannot be chance: a shorter text may be a title or a common phrase."""
    text = text[:ENOUGH]
    return are_enough(skeleton(text), text)


def are_enough(letters: str, text: str) -> bool:
    """The same, where the letters of the text are known."""
    if _ENOUGH_EAST_ASIAN.match(letters, 0, ENOUGH):
        return True
    words = len(text[:ENOUGH].split())
    return any(len(letters) >= least and words >= few for least, few in _ENOUGH_LATIN)


def is_sentence(text: str) -> bool:
    """Whether words beside a line may be a quotation of their own."""
    return is_long_enough(text) and len(text[:ENOUGH].split()) >= _SENTENCE


def is_near(one: Judgement, share: float, *, is_quoted: bool, is_shown: bool) -> bool:
    """Whether other words are so like the line that they are meant to be it. `share` is how much of
    the line they span.
    """
    if not is_long_enough(one.span.quotation or one.span.text):
        return False
    if is_quoted:
        return one.similarity >= ALTERED_FROM or _has_long_run(one)
    if share < (_SHOWN_SHARE if is_shown else _SILENT_SHARE):
        return False
    return one.similarity >= SILENTLY_FROM or _has_long_run(one)


def _has_long_run(one: Judgement) -> bool:
    runs = (skeleton(words) for kind, words in one.difference if kind == "same")
    longest = max(map(_weight, runs), default=0)
    share = longest / _weight(skeleton(one.span.text))
    return any(longest >= letters and share >= least for letters, least in _RUNS)


def _weight(letters: str) -> int:
    """The number of letters, of which a syllable of Hangul or a Chinese character counts two."""
    return len(letters) + len(_EAST_ASIAN.findall(letters))


def is_most_of(text: str, line: str, *, is_shown: bool) -> bool:
    """Whether a part of a line that nothing marks as a quotation cannot be anything else."""
    letters, whole = skeleton(text), len(skeleton(line))
    if is_shown and _weight(letters) >= _SHOWN_LETTERS:
        return len(letters) >= _SHOWN_SHARE * whole
    return (is_shown or _weight(letters) >= _SILENT_LETTERS) and len(
        letters
    ) >= _SILENT_SHARE * whole


def by_words(lines: Iterable[BoardLine]) -> dict[str, list[BoardLine]]:
    """The lines by their `skeleton`. Of those that have the same words each speaker is right."""
    found: dict[str, list[BoardLine]] = {}
    for line in lines:
        found.setdefault(skeleton(line.content), []).append(line)
    return found
