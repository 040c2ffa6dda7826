"""How often a line is noted as wrongly attributed where the answer writes the name in the other
script, Hangul or Latin: the speaker's own name, and that of another speaker of the board.
"""

import random
from collections import Counter
from dataclasses import replace

from bench.retrieval.__main__ import fill
from bench.verification.cases import TRUE, Setting, case
from bench.verification.formats import FORMATS
from bench.verification.formats.form import VERBATIM
from bench.verification.name_pairs import HANGUL, LATIN, PERSON, SAME
from bench.verification.speakers import is_noted
from quotes.columns import BoardLine
from quotes.verification.across_scripts import known_speakers


def across_scripts(each: int) -> None:
    """On a board with one line of every name alone."""
    lines = _lines()
    known_speakers.forget()
    print(f"\nnoted under another's name and the own, in the other script ({each} in each format)")
    for title, written, speakers in (("Hangul", HANGUL, LATIN), ("Latin letters", LATIN, HANGUL)):
        for language in FORMATS:
            noted = _noted(each, language, lines, written, speakers)
            figures = f"{noted['another']} and {noted['own']} of {noted['all']}"
            print(f"  names in {title}, formats of {language}: {figures}")


def _lines() -> dict[str, BoardLine]:
    names = [*HANGUL, *LATIN]
    texts = [f"Beyond the mill number {n} the road has no name at all" for n in range(len(names))]
    rows = [
        {"id": n, "text": text, "author": name}
        for n, (name, text) in enumerate(zip(names, texts, strict=True))
    ]
    ids = fill(rows, 0)
    return {names[int(n)]: BoardLine(pk, texts[int(n)], names[int(n)], "") for pk, n in ids.items()}


def _noted(
    each: int, language: str, lines: dict[str, BoardLine], written: list[str], speakers: list[str]
) -> Counter[str]:
    dice, noted = random.Random(9), Counter[str]()
    own = {name: other for pair in SAME for name, other in (pair, pair[::-1])}
    beside = [*lines.values()][:2]
    for form in FORMATS[language]:
        if not form.names_speaker or form.true != VERBATIM:
            continue
        for name in dice.sample(written, each):
            others = [one for one in speakers if PERSON[one] != PERSON[name]]
            for who, speaker in (("own", own[name]), ("another", dice.choice(others))):
                line = lines[speaker]
                setting = Setting(replace(line, speaker=name), line.content, beside, "")
                made = case(form, TRUE, setting, language=language, is_shown=False)
                noted[who] += is_noted(made, "wrong_speaker")
            noted["all"] += 1
    return noted
