"""Judging the quotations of an answer, span by span, against the applied lines of the board.

    verbatim  letter for letter: exactly, folded, or in its letters and digits (`match` says which)
    excerpt   a contiguous part of a line, or parts of it in order around an ellipsis
    altered   close to a line, but with other words; `difference` says which
    unknown   no line of the board is like it

Other words are never "verbatim". A span so short that it may match by chance is judged only when it
is a whole line. `notes` add that the answer names another speaker, or another line's id.

Where the time runs out, only a part is judged; `budget.is_exceeded` says so.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from config.budget import Budget, OutOfTime
from config.hangul import SYLLABLES
from quotes.columns import BoardLine
from quotes.search.candidates import lines_by_skeleton
from quotes.text.normalization import exact, folded, skeleton, skeleton_hash
from quotes.verification.attribution import Attributed, cited_id, wrongly_attributed
from quotes.verification.spans import READ_CHARACTERS, Span, find_spans
from quotes.verification.term_candidates import find_near

ALTERED_FROM = 78.0  # similarity of 100; below it, the span is another text
MOST_SPANS = 40  # that are judged in an answer
LONGEST_LINE = 1000  # characters, as in `Quote.content`
_NEAR_FROM = 60.0  # least similarity of an altered line before folding

_EAST_ASIAN = re.compile(f"[{SYLLABLES}\u3040-\u30ff\u3400-\u9fff]")
_ELLIPSIS = re.compile(r"\.\.\.|\[\.\.\.\]|\(\.\.\.\)")
_WORD = re.compile(r"[^\W_]+(?:[^\w\s]+[^\W_]+)*")

Difference = list[tuple[str, str]]  # ("same" | "missing" | "added", words)


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


def verify(
    answer: str, shown: Sequence[BoardLine], budget: Budget | None = None
) -> list[Judgement]:
    """The judgements of an answer's spans, in order. `shown` are the lines that the model was
    given. Spans for which the budget leaves no time are left out.
    """
    budget = budget or Budget()
    spans = _with_unmarked(find_spans(answer, budget), answer[:READ_CHARACTERS], shown)
    if len(answer) > READ_CHARACTERS or len(spans) > MOST_SPANS:
        budget.is_exceeded, spans = True, spans[:MOST_SPANS]
    if not spans:
        return []
    judged = _match_whole_lines(spans, shown, budget)
    matched = [judgement.span for judgement in judged.values()]
    rest = [
        span
        for span in spans
        if span not in judged and is_long_enough(span.text) and not _is_inside(span, matched)
    ]
    judged |= _compare_all(rest, shown, budget)
    chosen = _resolve_nested(judged[span] for span in spans if span in judged)
    return list(_with_notes(chosen, answer, shown))


def _with_unmarked(spans: list[Span], answer: str, shown: Sequence[BoardLine]) -> list[Span]:
    """Adds the first occurrence of each shown line that the answer has without quotation marks."""
    unmarked: list[Span] = []
    for line in shown:
        start = answer.find(line.content)
        end = start + len(line.content)
        others = chain(spans, unmarked)
        if start >= 0 and not any(s.start < end and start < s.end for s in others):
            unmarked.append(Span(line.content, start, end))
    if not unmarked:
        return spans
    return sorted([*spans, *unmarked], key=lambda span: (span.start, -span.end))


def _match_whole_lines(
    spans: Sequence[Span], shown: Sequence[BoardLine], budget: Budget
) -> dict[Span, Judgement]:
    """The spans that have the same letters and digits as a line: as a shown one, or else as any
    line of the board, which is looked up in one query.
    """
    keys = dict(_skeletons(spans, budget))
    lines: dict[str, list[BoardLine]] = {}
    for line in shown:
        lines.setdefault(skeleton(line.content), []).append(line)
    if missing := {skeleton_hash(span.text) for span, key in keys.items() if key not in lines}:
        with budget.waiting():
            found = lines_by_skeleton(missing)
        for line in found:
            lines.setdefault(skeleton(line.content), []).append(line)
    return {
        span: min((_verbatim(span, line) for line in lines[key]), key=_strictness)
        for span, key in keys.items()
        if key in lines
    }


def _skeletons(spans: Iterable[Span], budget: Budget) -> Iterator[tuple[Span, str]]:
    with suppress(OutOfTime):
        for span in spans:
            budget.check()
            if key := skeleton(span.text):
                yield span, key


def _verbatim(span: Span, line: BoardLine) -> Judgement:
    """Of a span whose skeleton is the line's; `match` is the strictest form in which both agree."""
    if exact(span.text) == exact(line.content):
        return Judgement(span, "verbatim", "exact", line)
    is_folded = folded(span.text) == folded(line.content)
    return Judgement(span, "verbatim", "folded" if is_folded else "skeleton", line)


def _strictness(judgement: Judgement) -> int:
    return ("exact", "folded", "skeleton").index(judgement.match)


def _is_inside(span: Span, others: Iterable[Span]) -> bool:
    return any(other.start <= span.start and span.end <= other.end for other in others)


def _compare_all(
    spans: Sequence[Span], shown: Sequence[BoardLine], budget: Budget
) -> dict[Span, Judgement]:
    """Compares the spans with the shown lines, then the unknown ones with the whole board, by one
    search for all. A span for which there is no time to do both gets no judgement.
    """
    judged = dict(_compare_each(((span, shown) for span in spans), budget))
    unknown = [span for span, one in judged.items() if one.verdict == "unknown"]
    if unknown:
        with budget.waiting():
            near = find_near({span.text for span in unknown if not _is_too_long(span)})
        for span in unknown:
            del judged[span]
        judged |= _compare_each(((span, near.get(span.text, ())) for span in unknown), budget)
    return judged


def _compare_each(
    pairs: Iterable[tuple[Span, Sequence[BoardLine]]], budget: Budget
) -> Iterator[tuple[Span, Judgement]]:
    with suppress(OutOfTime):
        for span, lines in pairs:
            yield span, _compare(span, lines, budget)


def _resolve_nested(judged: Iterable[Judgement]) -> list[Judgement]:
    """Keeps the more informative one of spans inside each other."""
    chosen: list[Judgement] = []
    for judgement in judged:
        if not chosen or judgement.span.start >= chosen[-1].span.end:
            chosen.append(judgement)
        elif _is_more_informative(judgement, chosen[-1]):
            chosen[-1] = judgement
    return chosen


def _is_more_informative(inner: Judgement, outer: Judgement) -> bool:
    """A known part is preferred to unknown words around it, and a whole line to words added around
    it. But a verbatim part of an altered line does not make that line verbatim.
    """
    if "unknown" in {inner.verdict, outer.verdict}:
        return inner.verdict != "unknown"
    if inner.verdict == "verbatim":
        return outer.verdict != "verbatim"
    return inner.verdict == outer.verdict == "altered" and inner.similarity > outer.similarity


def _compare(span: Span, lines: Sequence[BoardLine], budget: Budget) -> Judgement:
    """Raises `OutOfTime`."""
    budget.check()
    if _is_too_long(span):
        return Judgement(span, "unknown")
    text, near = folded(span.text), list[BoardLine]()
    has_gap = bool(_ELLIPSIS.search(text))
    for line in lines:
        budget.check()
        if has_gap or _may_be_near(text, line):
            near.append(line)
    for line in near:
        if is_excerpt(span.text, line.content):
            return Judgement(span, "excerpt", "excerpt", line)
    return _compare_wording(span, near, budget)


def _is_too_long(span: Span) -> bool:
    """Whether the span is more than twice as long as any line can be."""
    return len(folded(span.text)) > 2 * LONGEST_LINE


def _may_be_near(text: str, line: BoardLine) -> bool:
    """A cheap check on the unfolded line: folding each line costs more than all comparisons."""
    return fuzz.partial_ratio(text, line.content.lower(), score_cutoff=_NEAR_FROM) > 0


def is_long_enough(text: str) -> bool:
    """Whether a match cannot be chance: a shorter text may be a title or a common phrase."""
    letters = skeleton(text)
    if len(_EAST_ASIAN.findall(letters)) >= 6:  # noqa: PLR2004
        return True
    return len(letters) >= 14 and len(text.split()) >= 3  # noqa: PLR2004


def is_excerpt(text: str, line: str) -> bool:
    """Whether the text is a part of the line, or parts in order around ellipses. Only whole words
    count, and at least a third of the line (between 8 and 20 characters).
    """
    whole = _words(folded(line))
    pieces = [_words(piece) for piece in _ELLIPSIS.split(folded(text))]
    pieces = [piece for piece in pieces if piece.strip()]
    at = 0
    for piece in pieces:
        at = whole.find(piece, at)
        if at < 0:
            return False
        at += len(piece) - 1
    length = sum(map(len, pieces))
    return length >= min(20, max(8, len(whole) / 3)) and all(len(piece) > 4 for piece in pieces)  # noqa: PLR2004


def _words(text: str) -> str:
    """The words with one space around each, so that a part of a word does not match."""
    return f" {' '.join(_WORD.findall(text))} "


def _compare_wording(span: Span, lines: Iterable[BoardLine], budget: Budget) -> Judgement:
    """`altered` beside the most similar line, or `unknown`."""
    text, best, best_line = folded(span.text), 0.0, None
    for line in lines:
        budget.check()
        score = _similarity(text, folded(line.content))
        if best_line is None or (score, -line.id) > (best, -best_line.id):
            best, best_line = score, line
    if best_line is None or best < ALTERED_FROM:
        return Judgement(span, "unknown")
    changes = difference(best_line.content, span.text)
    return Judgement(span, "altered", line=best_line, difference=changes, similarity=best)


def _similarity(text: str, line: str) -> float:
    part = fuzz.partial_ratio(text, line) * 0.97 if len(text) <= len(line) else 0.0
    return max(fuzz.ratio(text, line), part)


def difference(line: str, text: str) -> Difference:
    """Word by word, what of the line is the same, is missing from the text, or was added to it: the
    fewest changes that lead from one to the other (rapidfuzz's Indel, which works bit-parallel).
    """
    ours, theirs = line.split(), text.split()
    parts: Difference = []
    our_end = their_end = 0  # of the last equal words
    for step in Indel.opcodes([*map(_bare, ours)], [*map(_bare, theirs)]):
        if step.tag == "equal":
            parts += _changed(ours[our_end : step.src_start], theirs[their_end : step.dest_start])
            parts.append(("same", " ".join(ours[step.src_start : step.src_end])))
            our_end, their_end = step.src_end, step.dest_end
    return [*parts, *_changed(ours[our_end:], theirs[their_end:])]


def _changed(missing: Sequence[str], added: Sequence[str]) -> Difference:
    kinds = (("missing", " ".join(missing)), ("added", " ".join(added)))
    return [(kind, words) for kind, words in kinds if words]


def _bare(word: str) -> str:
    return skeleton(word) or folded(word)


def _with_notes(
    judged: Sequence[Judgement], answer: str, shown: Sequence[BoardLine]
) -> Iterator[Judgement]:
    lines = [Attributed(one.span, one.line) for one in judged if one.line]
    wrong = wrongly_attributed(lines, answer, shown)
    for one in judged:
        notes = ["wrong_speaker"] if one.span in wrong else []
        if one.line and cited_id(answer, one.span) not in {None, one.line.id}:
            notes.append("wrong_id")
        yield replace(one, notes=tuple(notes)) if notes else one
