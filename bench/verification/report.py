"""What was counted, as tables."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from bench.verification.alterations import ALTERED, is_other_words
from bench.verification.cases import INVENTED, PAIR, TRUE
from bench.verification.formats.form import BARE, CODE, INSIDE, NOTHING, VERBATIM
from bench.verification.judge import Seen

COLUMNS = ("verbatim", "same_words", "excerpt", "altered", "unknown", NOTHING)
_EXAMPLES = 6  # wrong verdicts that are shown of each kind


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def kind_of(one: Seen) -> str:
    """The row of the confusion table."""
    if one.case.form.kind == CODE:
        return "(code)"
    return one.case.alteration.name if one.part.role == "line" else f"(beside: {one.part.role})"


def confusion(seen: Iterable[Seen]) -> None:
    """Verdicts by alteration; `right` are those that its format and its notes ask for."""
    rows, right = defaultdict[str, Counter[str]](Counter), Counter[str]()
    for one in seen:
        rows[kind_of(one)][one.verdict] += 1
        right[kind_of(one)] += one.is_right
    print(f"\n| {'line':<40} | n | {' | '.join(COLUMNS)} | right |\n|---|" + "---|" * 8)
    for kind, counts in rows.items():
        cells = " | ".join(str(counts[verdict]) for verdict in COLUMNS)
        total = sum(counts.values())
        print(f"| {kind[:40]:<40} | {total} | {cells} | {share(right[kind], total)} |")


def _by_format(seen: Iterable[Seen]) -> dict[str, dict[str, list[Seen]]]:
    """Of each format, the unchanged, the altered and the invented lines, shown to the writer or
    not, and what stands beside them.
    """
    found: dict[str, dict[str, list[Seen]]] = defaultdict(lambda: defaultdict(list))
    for one in seen:
        kind = one.case.alteration.name
        if kind.startswith(PAIR):
            continue
        kind = kind if kind in {TRUE.name, INVENTED.name} else "altered"
        where = "shown" if one.case.shown else "not shown"
        role = f"{kind}, {where}" if one.part.role == "line" else "beside"
        found[one.case.form.name][role].append(one)
    return found


def formats(seen: Iterable[Seen]) -> None:
    """The formats in which something is judged wrongly: the share of right verdicts, and of lines
    without any verdict.
    """
    head = [f"{kind}, {where}" for kind in ("true", "altered", "invented")
            for where in ("shown", "not shown")]  # fmt: skip
    print("\nRight verdicts by format (in parentheses: without any verdict)")
    print(f"| {'format':<34} | {' | '.join(head)} | beside |\n|---|" + "---|" * 7)
    for name, columns in _by_format(seen).items():
        if any(not one.is_right for each in columns.values() for one in each):
            cells = (_cell(columns[column]) for column in (*head, "beside"))
            print(f"| {name:<34} | {' | '.join(cells)} |")


def _cell(seen: list[Seen]) -> str:
    silent = sum(one.verdict == NOTHING for one in seen)
    right = share(sum(one.is_right for one in seen), len(seen))
    return f"{right} ({share(silent, len(seen))})" if silent else right


def targets(language: str, seen: list[Seen]) -> None:
    """The figures by which a judge is accepted."""
    judged = [one for one in seen if one.part.role == "line" and one.case.form.kind != CODE]
    altered = [one for one in judged if one.part.expected == ALTERED]
    called = [one for one in altered if one.verdict != NOTHING]
    true = [one for one in seen if one.part.expected == VERBATIM]
    false = [one for one in judged if one.is_false_verbatim]
    print(f"\n{language}: {len({id(one.case) for one in seen})} answers")
    worse = sum(one.part.expected == ALTERED for one in false)
    print(f"  false verbatim: {len(false)}, of them {worse} with other words")
    for name, group in ("altered lines", altered), ("altered lines with a verdict", called):
        right = sum(one.verdict == "altered" for one in group)
        print(f"  {name} called altered: {share(right, len(group))} of {len(group)}")
    kept = sum(one.is_right for one in true)
    print(f"  true lines verbatim: {share(kept, len(true))} of {len(true)}")
    changed = [one for one in judged if is_other_words(one.case.alteration)]
    for kind, group in ("altered", changed), ("invented", _invented(judged)):
        _escapes(kind, [one for one in group if one.case.shown], "shown to the writer")
        _escapes(kind, [one for one in group if not one.case.shown], "not shown")


def _invented(judged: Iterable[Seen]) -> list[Seen]:
    """Those for which there must be a verdict: an unmarked sentence like no line needs none."""
    invented = [one for one in judged if one.case.alteration.name == INVENTED.name]
    return [one for one in invented if one.case.form.kind not in {BARE, INSIDE}]


def _escapes(kind: str, seen: list[Seen], where: str) -> None:
    silent, every = Counter[str](), Counter[str]()
    for one in seen:
        every[one.case.form.name] += 1
        silent[one.case.form.name] += one.verdict == NOTHING and NOTHING not in one.part.expected
    some = {name: count for name, count in silent.items() if count}
    whole = [name for name, count in some.items() if count == every[name]]
    print(f"  formats of {len(every)} in which {kind} lines, {where}, get no verdict: "
          f"some {len(some)}, all {len(whole)}")  # fmt: skip


def examples(seen: Iterable[Seen]) -> None:
    """Wrong verdicts, a few of each kind."""
    shown = Counter[tuple[str, str]]()
    for one in seen:
        key = (kind_of(one), one.verdict)
        if not one.is_right and shown[key] < _EXAMPLES:
            shown[key] += 1
            where = "shown" if one.case.shown else "not shown"
            right = " or ".join(sorted(one.part.expected))
            print(f"- {one.case.form.name} / {key[0]} ({where}): {one.verdict}, not {right}")
            print(f"    {one.case.answer!r}")
