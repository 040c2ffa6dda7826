"""Answers that quote no line of a board: how many show a warning."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.verification.judge import is_alarm, judgements
from bench.verification.report import share

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Everyday:
    """`kind` is "proverb" where one is mentioned in passing, on which an alarm may be right, and
    "title" for titles of works whose lines are on the board.
    """

    question: str
    answer: str
    kind: str = ""


def answers(language: str) -> list[Everyday]:
    text = (FOLDER / f"everyday.{language}.jsonl").read_text(encoding="utf-8")
    return [Everyday(**json.loads(row)) for row in text.splitlines() if row]


def alarms(one: Everyday) -> Iterable[str]:
    """The words that are warned of."""
    for judgement in judgements(one.answer, one.question):
        if is_alarm(judgement):
            span, notes = judgement.span, " ".join(judgement.notes)
            yield f"{judgement.verdict} {notes}: {one.answer[span.start : span.end]!r}"


def everyday(language: str, *, is_long: bool) -> None:
    count, alarmed, marks = Counter[str](), Counter[str](), 0
    for one in answers(language):
        found = list(alarms(one))
        marks += len(found)
        count[one.kind] += 1
        alarmed[one.kind] += bool(found)
        if found and is_long:
            print(f"- {one.question}\n    " + "\n    ".join(found))
    for kind, total in count.items():
        print(f"  {language}, everyday answers{f' ({kind})' if kind else ''} with an alarm: "
              f"{share(alarmed[kind], total)} of {total}")  # fmt: skip
    print(f"  {language}, alarms on them: {marks}")
