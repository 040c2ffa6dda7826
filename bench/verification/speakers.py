"""How often a line is noted as wrongly attributed: under its own speaker's name, and under that of
another line; and how often another line's id is noted.
"""

import random
from collections import Counter
from dataclasses import replace

from bench.verification.cases import TRUE, Case, LineSet, Setting, case
from bench.verification.formats import FORMATS
from bench.verification.formats.form import VERBATIM, Format
from bench.verification.judge import judgements, on_part


def is_noted(one: Case, note: str) -> bool:
    part = next(part for part in one.parts if part.role == "line")
    found = on_part(part, judgements(one.answer, one.question, one.shown))
    return found is not None and note in found.notes


def _counted(form: Format, of: LineSet, each: int) -> Counter[str]:
    dice, noted = random.Random(9), Counter[str]()
    note = "wrong_id" if "{id}" in form.template else "wrong_speaker"
    for _ in range(each):
        at = dice.randrange(len(of.lines))
        line, beside = of.lines[at], [of.lines[(at + n) % len(of.lines)] for n in (1, 2)]
        other = dice.choice([one for one in of.lines if not _is_alike(one.speaker, line.speaker)])
        credited = replace(line, id=other.id, speaker=other.speaker, source=other.source)
        for who, as_written in ("own", line), ("another", credited):
            setting = Setting(as_written, line.content, beside, "")
            built = case(form, TRUE, setting, language=of.language, is_shown=False)
            noted[who] += is_noted(built, note)
    return noted


def _is_alike(name: str, other: str) -> bool:
    return bool({*name.split()} & {*other.split()})


def speakers(of: LineSet, each: int) -> None:
    """Of the formats that name a speaker or an id."""
    named, total = of.named(), Counter[str]()
    forms = [
        form
        for form in FORMATS[of.language]
        if (form.names_speaker or "{id}" in form.template) and form.true == VERBATIM
    ]
    print(f"\n{of.language}: noted under another's name or id, and under the own ({each} each)")
    for form in forms:
        noted = _counted(form, named, each)
        total += noted
        print(f"  {form.name:<34} {noted['another']:>4} {noted['own']:>4}")
    print(f"  all: {total['another']} and {total['own']} of {each * len(forms)}")
