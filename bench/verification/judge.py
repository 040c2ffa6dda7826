"""The judge, as the measurements call it: the only module here that knows its interface."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.verification.cases import Case, Part
from bench.verification.formats.form import NOTHING
from quotes.columns import BoardLine
from quotes.verification.judgement import Judgement
from quotes.verification.verify import verify


def judgements(answer: str, question: str, shown: Sequence[BoardLine] = ()) -> list[Judgement]:
    return verify(answer, shown, question=question)


def on_part(part: Part, found: Iterable[Judgement]) -> Judgement | None:
    """The judgement that covers most of the part."""

    def common(one: Judgement) -> int:
        return min(part.end, one.span.end) - max(part.start, one.span.start)

    best = max(found, key=common, default=None)
    return best if best and common(best) > 0 else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is judged of a part of an answer."""

    case: Case
    part: Part
    verdict: str
    has_note: bool = True  # the one that it must have
    is_a_line: bool = False  # the judged text is a line of the board, character for character

    @property
    def is_right(self) -> bool:
        return self.verdict in self.part.expected and self.has_note

    @property
    def is_false_verbatim(self) -> bool:
        """What is left of an altered line can be another line of the board, mostly a proverb."""
        is_false = self.verdict == "verbatim" not in self.part.expected
        return is_false and not self.is_a_line


def seen(case: Case) -> list[Seen]:
    found = judgements(case.answer, case.question, case.shown)
    return [_seen(case, part, on_part(part, found)) for part in case.parts]


def _seen(case: Case, part: Part, one: Judgement | None) -> Seen:
    needs = case.note if part.role == "line" else ""
    has_note = not needs or (one is not None and needs in one.notes)
    if one is None:
        return Seen(case, part, NOTHING, has_note)
    written = case.answer[one.span.start : one.span.end]
    is_a_line = one.line is not None and written == one.line.content
    return Seen(case, part, one.verdict, has_note, is_a_line)


def is_alarm(judgement: Judgement) -> bool:
    """Whether the page shows a warning."""
    is_false = judgement.verdict in {"altered", "unknown"} or "wrong_speaker" in judgement.notes
    return is_false and "told_as_wrong" not in judgement.notes
