"""Measures how well duplicates are found: `python -m bench.similar SET [DATABASE_URL]`, with a set
like those of bench.retrieval.

Alters lines of the set as in half-remembered quotations (the alterations of `bench.verification`, a
typo, a part of the line, other punctuation and spaces) and searches for similar lines. Prints how
often the line is found, how often as the first result, how often something is shown for a line that
is not on the board, and the time it takes.
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
from bench.verification.alterations import WORDS, Change, Material
from bench.verification.cases import INVENTED

EACH = 300


def typo(text: str, use: Material) -> str:
    words = text.split()
    place = use.dice.randrange(len(words))
    word = words[place]
    at = use.dice.randrange(len(word))
    wrong = word[:at] + use.dice.choice(use.dice.choice(use.pool)) + word[at + 1 :]
    return " ".join([*words[:place], wrong, *words[place + 1 :]])


def part(text: str, use: Material) -> str:
    words = text.split()
    size = max(3, len(words) * 2 // 3)
    start = use.dice.randrange(len(words) - size + 1)
    return " ".join(words[start : start + size])


def respaced(text: str, use: Material) -> str:
    words = text.split()
    place = use.dice.randrange(1, len(words))
    return " ".join(
        [*words[: place - 1], words[place - 1] + words[place] + "!", *words[place + 1 :]]
    )


ALTERATIONS: dict[str, Change] = {
    "true": lambda text, _use: text,
    **WORDS,
    "invented": INVENTED.change,
    "typo": typo,
    "part": part,
    "respaced": respaced,
}


def measure(language: str, texts: list[str], user: Any) -> list[float]:
    from quotes.search.duplicates import find_similar

    dice, seconds = random.Random(7), list[float]()
    usable = [text for text in texts if len(text.split()) > 4]
    use = Material(dice, language, [word for text in usable for word in text.split()])
    for kind, alter in ALTERATIONS.items():
        shown = found = first = 0
        for text in dice.sample(usable, min(EACH, len(usable))):
            altered = alter(text, use) or text
            start = perf_counter()
            lines = [one.quote.content for one in find_similar(altered, user=user)]
            seconds.append(perf_counter() - start)
            shown, found = shown + bool(lines), found + (text in lines)
            first += lines[:1] == [text]
        print(
            f"  {kind}: found {found / EACH:.1%}, first {first / EACH:.1%}, any {shown / EACH:.1%}"
        )
    return seconds


def unknown(texts: list[str], user: Any) -> None:
    """Searches for lines that are not on the board: each is taken down during its search."""
    from quotes.models import Quote
    from quotes.search.duplicates import find_similar

    dice, shown = random.Random(9), 0
    for text in dice.sample(texts, min(EACH, len(texts))):
        quotes = Quote.objects.filter(content=text)
        quotes.update(is_apply=False, applied_at=None)
        shown += bool(find_similar(text, user=user))
        from django.utils import timezone

        quotes.update(is_apply=True, applied_at=timezone.now())
    print(f"  not on the board: any {shown / EACH:.1%}")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("RETRIEVAL_SET") or OWN)
    with board(sys.argv[2] if len(sys.argv) > 2 else ""):
        from accounts.models import User

        sets = {language: corpus_of(folder, language) for language in ("ko", "en")}
        fill([{**row, "id": f"{lang}{row['id']}"} for lang, s in sets.items() for row in s], 0)
        user = User.objects.create(email="writer@daesa.invalid", password="!")
        for language, corpus in sets.items():
            print(f"\n{language}: board of {sum(map(len, sets.values()))} lines")
            texts = [row["text"] for row in corpus]
            cuts = quantiles(measure(language, texts, user), n=100)
            unknown(texts, user)
            print(f"  p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms")


if __name__ == "__main__":
    main()
