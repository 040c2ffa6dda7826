"""Judging what an answer quotes, span by span, against the applied lines of the board.

    verbatim  letter for letter: exactly, folded, or in its letters and digits (`match` says which)
    excerpt   a contiguous part of a line, or parts of it in order around an ellipsis
    altered   near to a line, but other words; `difference` says which
    unknown   nothing of the kind is on the board

"verbatim" is never said of other words. A span too short to be told from chance is judged only
when it is a whole line. `notes` add that the answer names another speaker, or another line's id.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from rapidfuzz import fuzz

from quotes.forms import exact, folded, skeleton, skeleton_hash
from quotes.models import Quote
from quotes.search import Found, find_near
from quotes.spans import Span, find_spans

ALTERED_FROM = 78.0  # of 100: less alike is another line
MOST_SPANS = 40  # of an answer; each may cost a search
_NEAR = 20  # lines that are compared with a span
_AROUND = 120  # characters after a span in which its speaker is named

_HANGUL = re.compile("[\uac00-\ud7a3]")
_EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|\[\.\.\.\]|\(\.\.\.\))\s*")
_BY = re.compile(r"[\W_]*?(?:\n[ >]*)?[\s”\"'」’]*(?:[-–—―]+|\()\s*(?P<name>[^\n()]{1,80})")
_WORD = re.compile(r"[^\W_]+(?:[^\w\s]+[^\W_]+)*")
_ID = re.compile(r"[”\"'」’»\s.,)]{0,4}\[(?P<id>\d{1,18})\]")

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


def verify(answer: str, found: Sequence[Found]) -> list[Judgement]:
    """The judgements of an answer's spans, in order. `found` are the lines its writer was shown."""
    spans = _with_unmarked(find_spans(answer), answer, found)[:MOST_SPANS]
    whole = _whole_lines(spans)
    judged: list[Judgement] = []
    for span in spans:
        if judged and span.start < judged[-1].span.end and judged[-1].verdict != "unknown":
            continue  # inside one that is told already
        judgement = _judge(span, found, whole.get(skeleton_hash(span.text), []))
        if judgement is not None:
            if judged and span.start < judged[-1].span.end and judgement.verdict != "unknown":
                judged.pop()  # what is inside says more
            elif judged and span.start < judged[-1].span.end:
                continue
            judged.append(_noted(judgement, answer, found))
    return judged


def _with_unmarked(spans: list[Span], answer: str, found: Sequence[Found]) -> list[Span]:
    """With the shown lines that stand in the answer without any marks, each where it is first."""
    for line in found:
        start = answer.find(line.content)
        end = start + len(line.content)
        if start >= 0 and not any(s.start < end and start < s.end for s in spans):
            spans.append(Span(line.content, start, end))
    return sorted(spans, key=lambda span: (span.start, -span.end))


def _whole_lines(spans: Iterable[Span]) -> dict[int, list[Found]]:
    """The lines that have the same letters and digits as a span, by their hash: one query."""
    hashes = {skeleton_hash(span.text) for span in spans}
    lines: dict[int, list[Found]] = {}
    if hashes:
        rows = Quote.objects.applied().filter(skeleton_hash__in=hashes).order_by("pk")
        columns = ("skeleton_hash", "pk", "content", "speaker", "source")
        for key, *row in rows.values_list(*columns):
            lines.setdefault(key, []).append(Found(*row))
    return lines


def _judge(span: Span, found: Sequence[Found], whole: Sequence[Found]) -> Judgement | None:
    """None: too short to be judged, and no line by itself."""
    shown = {line.id: line for line in found}
    for line in sorted(whole, key=lambda line: line.id not in shown):
        if match := _same(span.text, line.content):
            return Judgement(span, "verbatim", match, line)
    if not _is_long_enough(span.text):
        return None
    judgement = _compared(span, found)
    if judgement.verdict == "unknown":
        judgement = _compared(span, find_near(span.text, limit=_NEAR))
    return judgement


def _compared(span: Span, lines: Sequence[Found]) -> Judgement:
    for line in lines:
        if is_excerpt(span.text, line.content):
            return Judgement(span, "excerpt", "excerpt", line)
    return _nearest(span, lines)


def _same(text: str, line: str) -> str:
    if exact(text) == exact(line):
        return "exact"
    if folded(text) == folded(line):
        return "folded"
    letters = skeleton(text)
    return "skeleton" if letters and letters == skeleton(line) else ""


def _is_long_enough(text: str) -> bool:
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
    return Judgement(span, "altered", line=line, difference=difference(line.content, span.text))


def _likeness(text: str, line: str) -> float:
    part = fuzz.partial_ratio(text, line) * 0.97 if len(text) <= len(line) else 0.0
    return max(fuzz.ratio(text, line), part)


def difference(line: str, text: str) -> Difference:
    """Word by word, what of the line is the same, is missing from the text, or was added to it."""
    ours, theirs = line.split(), text.split()
    parts: Difference = []
    matcher = SequenceMatcher(None, [folded(w) for w in ours], [folded(w) for w in theirs], False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            parts.append(("same", " ".join(ours[a:b])))
            continue
        parts += [("missing", " ".join(ours[a:b]))] if b > a else []
        parts += [("added", " ".join(theirs[c:d]))] if d > c else []
    return parts


def _noted(judgement: Judgement, answer: str, found: Sequence[Found]) -> Judgement:
    line, span = judgement.line, judgement.span
    if line is None:
        return judgement
    after = answer[span.end : span.end + _AROUND]
    notes = []
    if _names_another(after, line, found):
        notes.append("wrong_speaker")
    cited = _ID.match(after)
    if cited and int(cited["id"]) != line.id:
        notes.append("wrong_id")
    return Judgement(
        span, judgement.verdict, judgement.match, line, judgement.difference, tuple(notes)
    )


def _names_another(after: str, line: Found, found: Sequence[Found]) -> bool:
    """Whether the attribution behind a span names somebody else: nothing of it belongs to the
    line's own speaker, work or context.
    """
    by = _BY.match(_ID.sub("", after, count=1))
    if by is None or not (line.speaker or line.source):
        return False
    named = folded(by["name"])
    own = folded(f"{line.speaker} {line.source} {line.context}")
    if any(word in named for word in re.findall(r"\w{2,}", own)):
        return False
    others = {folded(other.speaker) for other in found if other.speaker}
    is_name = any(other and other in named for other in others)
    return is_name or fuzz.partial_ratio(named, folded(line.speaker)) < 60  # noqa: PLR2004
