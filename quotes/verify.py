"""Judging what an answer quotes, span by span, against the applied lines of the board.

    verbatim  letter for letter: exactly, folded, or in its letters and digits (`match` says which)
    excerpt   a contiguous part of a line, or parts of it in order around an ellipsis
    altered   near to a line, but other words; `difference` says which
    unknown   nothing of the kind is on the board

"verbatim" is never said of other words. A span too short to be told from chance is judged only
when it is a whole line. `notes` add that the answer names another speaker, or another line's id.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from quotes.forms import exact, folded, skeleton, skeleton_hash
from quotes.lookup import lines_with_skeleton
from quotes.near import find_near
from quotes.search import Found
from quotes.spans import Span, find_spans
from quotes.speakers import Attributed, cited_id, wrongly_attributed

ALTERED_FROM = 78.0  # of 100: less alike is another line
MOST_SPANS = 40  # of an answer
_NEAR_FROM = 60.0  # as it is written, before folding, an altered line is this much alike

_HANGUL = re.compile("[\uac00-\ud7a3]")
_EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|\[\.\.\.\]|\(\.\.\.\))\s*")
_WORD = re.compile(r"[^\W_]+(?:[^\w\s]+[^\W_]+)*")

Difference = list[tuple[str, str]]  # ("same" | "missing" | "added", words)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a span is. `line` is the one it was compared with; None when there is none."""

    span: Span
    verdict: str
    match: str = ""
    line: Found | None = None
    difference: Difference = field(default_factory=list)
    notes: tuple[str, ...] = ()
    likeness: float = 0.0  # of 100, where it is altered


def verify(answer: str, found: Sequence[Found]) -> list[Judgement]:
    """The judgements of an answer's spans, in order. `found` are the lines its writer was shown."""
    spans = _with_unmarked(find_spans(answer), answer, found)[:MOST_SPANS]
    if not spans:
        return []
    judged = _whole(spans, found)
    told = [judgement.span for judgement in judged.values()]
    open_ones = [
        span
        for span in spans
        if span not in judged and is_long_enough(span.text) and not _is_inside(span, told)
    ]
    judged |= _compared_with_all(open_ones, found)
    chosen = _chosen(judged[span] for span in spans if span in judged)
    return list(_noted(chosen, answer, found))


def _with_unmarked(spans: list[Span], answer: str, found: Sequence[Found]) -> list[Span]:
    """With the shown lines that stand in the answer without any marks, each where it is first."""
    for line in found:
        start = answer.find(line.content)
        end = start + len(line.content)
        if start >= 0 and not any(s.start < end and start < s.end for s in spans):
            spans.append(Span(line.content, start, end))
    return sorted(spans, key=lambda span: (span.start, -span.end))


def _whole(spans: Sequence[Span], found: Sequence[Found]) -> dict[Span, Judgement]:
    """The spans that have the letters and digits of a line and nothing else: of a shown one, or
    else of any, by one query.
    """
    keys = {span: key for span in spans if (key := skeleton(span.text))}
    lines: dict[str, list[Found]] = {}
    for line in found:
        lines.setdefault(skeleton(line.content), []).append(line)
    if missing := {skeleton_hash(span.text) for span, key in keys.items() if key not in lines}:
        for row in lines_with_skeleton(missing):
            lines.setdefault(skeleton(row[1]), []).append(Found(*row))
    return {
        span: min((_verbatim(span, line) for line in lines[key]), key=_strictness)
        for span, key in keys.items()
        if key in lines
    }


def _verbatim(span: Span, line: Found) -> Judgement:
    """Judged by the first form in which they are the same; their skeletons are."""
    if exact(span.text) == exact(line.content):
        return Judgement(span, "verbatim", "exact", line)
    is_folded = folded(span.text) == folded(line.content)
    return Judgement(span, "verbatim", "folded" if is_folded else "skeleton", line)


def _strictness(judgement: Judgement) -> int:
    return ("exact", "folded", "skeleton").index(judgement.match)


def _is_inside(span: Span, others: Iterable[Span]) -> bool:
    return any(other.start <= span.start and span.end <= other.end for other in others)


def _compared_with_all(spans: Sequence[Span], found: Sequence[Found]) -> dict[Span, Judgement]:
    """Judged beside the lines that were shown, and what is near to none of them beside the whole
    board: one search for all.
    """
    judged = {span: _compared(span, found) for span in spans}
    unknown = [span for span in spans if judged[span].verdict == "unknown"]
    if unknown:
        near = find_near({span.text for span in unknown})
        judged |= {span: _compared(span, near.get(span.text, ())) for span in unknown}
    return judged


def _chosen(judged: Iterable[Judgement]) -> list[Judgement]:
    """Of spans inside each other the one that tells more."""
    chosen: list[Judgement] = []
    for judgement in judged:
        if not chosen or judgement.span.start >= chosen[-1].span.end:
            chosen.append(judgement)
        elif _tells_more(judgement, chosen[-1]):
            chosen[-1] = judgement
    return chosen


def _tells_more(inner: Judgement, outer: Judgement) -> bool:
    """A known part of unknown words; a line inside of words that were put around it. A true part of
    an altered line does not make that line true.
    """
    if "unknown" in {inner.verdict, outer.verdict}:
        return inner.verdict != "unknown"
    if inner.verdict == "verbatim":
        return outer.verdict != "verbatim"
    return inner.verdict == outer.verdict == "altered" and inner.likeness > outer.likeness


def _compared(span: Span, lines: Sequence[Found]) -> Judgement:
    text = folded(span.text)
    has_gap = bool(_ELLIPSIS.search(text))
    near = [line for line in lines if has_gap or _may_be_near(text, line)]
    for line in near:
        if is_excerpt(span.text, line.content):
            return Judgement(span, "excerpt", "excerpt", line)
    return _nearest(span, near)


def _may_be_near(text: str, line: Found) -> bool:
    """A cheap look at the line as it is: folding each costs more than all comparisons."""
    return fuzz.partial_ratio(text, line.content.lower(), score_cutoff=_NEAR_FROM) > 0


def is_long_enough(text: str) -> bool:
    """Whether words can be told from chance: shorter ones may be a title, or somebody's word."""
    letters = skeleton(text)
    if len(_HANGUL.findall(letters)) + len(_EAST.findall(letters)) >= 6:  # noqa: PLR2004
        return True
    return len(letters) >= 14 and len(text.split()) >= 3  # noqa: PLR2004


def is_excerpt(text: str, line: str) -> bool:
    """Whether the text is a part of the line, or parts in order around ellipses: whole words, and a
    third of the line (between 8 and 20 characters) at least.
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
    """The words with one space around each, so that a part of a word is no part."""
    return f" {' '.join(_WORD.findall(text))} "


def _nearest(span: Span, lines: Iterable[Found]) -> Judgement:
    text = folded(span.text)
    scored = [(_likeness(text, folded(line.content)), -line.id, line) for line in lines]
    score, _, line = max(scored, default=(0.0, 0, None))
    if line is None or score < ALTERED_FROM:
        return Judgement(span, "unknown")
    told = difference(line.content, span.text)
    return Judgement(span, "altered", line=line, difference=told, likeness=score)


def _likeness(text: str, line: str) -> float:
    part = fuzz.partial_ratio(text, line) * 0.97 if len(text) <= len(line) else 0.0
    return max(fuzz.ratio(text, line), part)


def difference(line: str, text: str) -> Difference:
    """Word by word, what of the line is the same, is missing from the text, or was added to it."""
    ours, theirs = line.split(), text.split()
    parts: Difference = []
    matcher = SequenceMatcher(None, [*map(_bare, ours)], [*map(_bare, theirs)], False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            parts.append(("same", " ".join(ours[a:b])))
            continue
        parts += [("missing", " ".join(ours[a:b]))] if b > a else []
        parts += [("added", " ".join(theirs[c:d]))] if d > c else []
    return parts


def _bare(word: str) -> str:
    return skeleton(word) or folded(word)


def _noted(judged: Sequence[Judgement], answer: str, found: Sequence[Found]) -> Iterator[Judgement]:
    lines = [Attributed(one.span, one.line) for one in judged if one.line]
    wrong = wrongly_attributed(lines, answer, found)
    for one in judged:
        notes = ["wrong_speaker"] if one.span in wrong else []
        if one.line and cited_id(answer, one.span) not in {None, one.line.id}:
            notes.append("wrong_id")
        yield replace(one, notes=tuple(notes)) if notes else one
