"""How the verdicts change with each constant of the judge: a curve of few points around the value
that it has. A constant that could be left out, or has a better value, shows here.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from bench.verification.alterations import is_other_words
from bench.verification.cases import INVENTED, TRUE, LineSet, cases
from bench.verification.everyday import alarms, answers
from bench.verification.formats.form import NOTHING
from bench.verification.judge import Seen, seen

_MODULES = "quotes.verification."
CURVES: dict[str, list[Any]] = {
    "judgement.ALTERED_FROM": [60.0, 70.0, 85.0, 90.0],
    "judgement.SILENTLY_FROM": [70.0, 76.0, 88.0, 94.0],
    "judgement._RUNS": [(), ((14, 0.45),), ((10, 0.45), (16, 0.33)), ((20, 0.6), (30, 0.5))],
    "judgement._SILENT_SHARE": [0.2, 0.4, 0.8, 1.0],
    "judgement._SHOWN_SHARE": [0.2, 0.6, 0.8],
    "judgement._SILENT_LETTERS": [10, 14, 28, 40],
    "judgement._SHOWN_LETTERS": [14, 20, 45],
    "judgement._LEAST_PART": [0.2, 0.35, 0.7, 0.9],
    "judgement._SENTENCE": [2, 3, 6, 8],
    "align._MISSING": [0.25, 1.0],
    "align._ADDED": [0.25, 1.0],
    "align._EDGE": [1, 3, 5],
    "align._SEEN_FROM": [40.0, 70.0],
    "matches._SEEN_FROM": [45.0, 75.0],
    "matches._LIKELY": [60.0, 90.0],
    "matches._MOST": [0.6, 0.95],
    "matches._LONG": [6, 14, 20],
    "matches._TOGETHER": [1, 2, 8],
    "matches._FEW_LETTERS": [0, 3, 12],
    "matches._FEW_SYLLABLES": [0, 2, 8],
    "pieces._FEW": [0, 1, 4],
    "pieces._WHOLE": [0, 8],
    "spans._SHORT": [100, 400],
    "spans._ANNOUNCED_WITHIN": [60, 240],
    "spans._MOSTLY": [0.1, 0.5, 0.7],
    "term_candidates.LINES": [1, 2, 8, 16],
    "term_candidates._LEAST": [0.0, 0.1, 0.4],
}


def curves(of: LineSet, each: int) -> None:
    made = list(cases(of, each, []))
    print(f"\n{of.language}: constants, {len(made)} answers")
    print("| constant | value | altered called so | shown without a verdict | true verbatim"
          " | invented altered | everyday alarms |\n|---|---|---|---|---|---|---|")  # fmt: skip
    for name, value in _points():
        with_it = [one for case in made for one in seen(case) if one.part.role == "line"]
        alarmed = _share([bool(list(alarms(one))) for one in answers(of.language)])
        print(f"| {name} | {value} | {' | '.join(_figures(with_it))} | {alarmed} |", flush=True)


def _points() -> Iterator[tuple[str, Any]]:
    """As it is, then with one constant changed at a time."""
    yield "as it is", ""
    for name, values in CURVES.items():
        module, _, constant = name.rpartition(".")
        owner = import_module(_MODULES + module)
        kept = getattr(owner, constant)
        for value in values:
            setattr(owner, constant, value)
            yield name, value
        setattr(owner, constant, kept)


def _figures(found: list[Seen]) -> Iterator[str]:
    changed = [one for one in found if is_other_words(one.case.alteration)]
    true = [one for one in found if one.case.alteration is TRUE]
    invented = [one for one in found if one.case.alteration is INVENTED]
    yield _share([one.is_right for one in changed])
    yield _share([one.verdict == NOTHING for one in changed if one.case.shown])
    yield _share([one.is_right for one in true])
    yield _share([one.verdict not in {"unknown", NOTHING} for one in invented])


def _share(which: list[bool]) -> str:
    return f"{sum(which) / max(1, len(which)):.1%}"
