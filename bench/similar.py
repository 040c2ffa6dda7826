"""Measures how doubles are recognised: `python -m bench.similar SET [DATABASE_URL]` (a set as
bench.retrieval's).

Writes lines of the set as people do who half remember them (`bench.verification`'s alterations, a
typo, a part of the line, other marks and spaces), asks what the board has like them, and prints how
often the line is found, how often as the first; of lines that are not on the board, how often
something is shown all the same; and what it costs.
"""

import os
import random
import sys
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from bench.boards import board
from bench.retrieval.__main__ import OWN, corpus_of, fill
from bench.verification import KINDS, Alter

EACH = 300


def typo(words: list[str], pool: list[str], dice: random.Random) -> list[str]:
    place = dice.randrange(len(words))
    word = words[place]
    at = dice.randrange(len(word))
    wrong = word[:at] + dice.choice(dice.choice(pool)) + word[at + 1 :]
    return [*words[:place], wrong, *words[place + 1 :]]


def part(words: list[str], _pool: list[str], dice: random.Random) -> list[str]:
    size = max(3, len(words) * 2 // 3)
    start = dice.randrange(len(words) - size + 1)
    return words[start : start + size]


def respaced(words: list[str], _pool: list[str], dice: random.Random) -> list[str]:
    place = dice.randrange(1, len(words))
    return [*words[: place - 1], words[place - 1] + words[place] + "!", *words[place + 1 :]]


WRITTEN: dict[str, Alter] = {**KINDS, "typo": typo, "part": part, "respaced": respaced}


def measure(texts: list[str], person: Any) -> list[float]:
    from quotes.similar import find_similar

    dice, seconds = random.Random(7), list[float]()
    usable = [text for text in texts if len(text.split()) > 4]
    pool = [word for text in usable for word in text.split()]
    for kind, alter in WRITTEN.items():
        shown = found = first = 0
        for text in dice.sample(usable, min(EACH, len(usable))):
            said = " ".join(alter(text.split(), pool, dice))
            start = perf_counter()
            lines = [one.quote.content for one in find_similar(said, user=person)]
            seconds.append(perf_counter() - start)
            shown, found = shown + bool(lines), found + (text in lines)
            first += lines[:1] == [text]
        print(
            f"  {kind}: found {found / EACH:.1%}, first {first / EACH:.1%}, any {shown / EACH:.1%}"
        )
    return seconds


def unknown(texts: list[str], person: Any) -> None:
    """Lines that the board has not: each is taken down for the time of its question."""
    from quotes.models import Quote
    from quotes.similar import find_similar

    dice, shown = random.Random(9), 0
    for text in dice.sample(texts, min(EACH, len(texts))):
        there = Quote.objects.filter(content=text)
        there.update(is_apply=False, applied_at=None)
        shown += bool(find_similar(text, user=person))
        from django.utils import timezone

        there.update(is_apply=True, applied_at=timezone.now())
    print(f"  not on the board: any {shown / EACH:.1%}")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("RETRIEVAL_SET") or OWN)
    with board(sys.argv[2] if len(sys.argv) > 2 else ""):
        from accounts.models import User

        sets = {language: corpus_of(folder, language) for language in ("ko", "en")}
        fill([{**row, "id": f"{lang}{row['id']}"} for lang, s in sets.items() for row in s], 0)
        person = User.objects.create(email="writer@daesa.invalid", password="!")
        for language, corpus in sets.items():
            print(f"\n{language}: board of {sum(map(len, sets.values()))} lines")
            texts = [row["text"] for row in corpus]
            cuts = quantiles(measure(texts, person), n=100)
            unknown(texts, person)
            print(f"  p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms")


if __name__ == "__main__":
    main()
