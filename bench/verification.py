"""Measures how answers are judged: `python -m bench.verification SET`, with a set like those of
bench.retrieval.

Answers are made of the set's lines: unchanged, with one word replaced, dropped, inserted or
swapped, with another ending or a negation, and of random words. Prints how often each kind gets
which verdict, and the time for an answer of 2,000 characters.
"""

import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from time import perf_counter, thread_time
from typing import Any

from bench.boards import board
from bench.retrieval.__main__ import OWN, corpus_of, fill

EACH = 400  # answers of a kind

Alter = Callable[[list[str], list[str], random.Random], list[str]]


def at(words: list[str], dice: random.Random) -> int:
    """A place inside the line: without its first or last word, it would be an excerpt."""
    return dice.randrange(1, len(words) - 1)


def replaced(words: list[str], pool: list[str], dice: random.Random) -> list[str]:
    place = at(words, dice)
    return [*words[:place], dice.choice(pool), *words[place + 1 :]]


def dropped(words: list[str], _pool: list[str], dice: random.Random) -> list[str]:
    place = at(words, dice)
    return words[:place] + words[place + 1 :]


def inserted(words: list[str], pool: list[str], dice: random.Random) -> list[str]:
    place = at(words, dice)
    return [*words[:place], dice.choice(pool), *words[place:]]


def swapped(words: list[str], _pool: list[str], dice: random.Random) -> list[str]:
    place = at(words, dice)
    return [*words[: place - 1], words[place], words[place - 1], *words[place + 1 :]]


def inflected(words: list[str], _pool: list[str], dice: random.Random) -> list[str]:
    place = at(words, dice)
    word = words[place].rstrip(".,!?;:")
    return [*words[:place], word + ("들도" if word[-1:] >= "가" else "ing"), *words[place + 1 :]]


def negated(words: list[str], _pool: list[str], dice: random.Random) -> list[str]:
    place = at(words, dice)
    no = "안" if words[place][-1:] >= "가" else "not"
    return [*words[:place], no, *words[place:]]


def invented(words: list[str], pool: list[str], dice: random.Random) -> list[str]:
    return [dice.choice(pool) for _ in words]


KINDS: dict[str, Alter] = {
    "true": lambda words, _pool, _dice: words,
    "replaced": replaced,
    "dropped": dropped,
    "inserted": inserted,
    "swapped": swapped,
    "inflected": inflected,
    "negated": negated,
    "invented": invented,
}


def judge(texts: list[str], *, count: int, verdicts: Any) -> None:
    from quotes.text.normalization import skeleton
    from quotes.verification.verify import verify

    dice = random.Random(7)
    usable = [
        text for text in texts if len(text.split()) > 4 and not set(text) & set("“”\"'‘’『「`>")
    ]
    pool = [word for text in usable for word in text.split()]
    known = {skeleton(text) for text in texts}
    for kind, alter in KINDS.items():
        for text in dice.sample(usable, min(count, len(usable))):
            altered = " ".join(alter(text.split(), pool, dice))
            if kind != "true" and skeleton(altered) in known:
                continue  # swapping two equal words changes nothing
            found = verify(f"He said: “{altered}” — and left.", [])
            verdicts[kind][found[0].verdict if found else "not judged"] += 1


FORMS = {
    "ko": [
        "“{line}” — {name}",
        "{name}은 “{line}”라고 말했다.",
        "{name}의 말처럼 “{line}”",
        "{name}: “{line}”",
        "“{line}”라고 {name}이 말했다.",
        "이런 말이 있습니다. “{line}” 참 좋은 말이지요.",
    ],
    "en": [
        "“{line}” — {name}",
        "As {name} says, “{line}”",
        "{name} once said that “{line}”",
        "{name}: “{line}”",
        "“{line}” said {name}.",
        "There is a line: “{line}” - it is a fine one.",
    ],
}


def attribute(language: str, corpus: list[Any]) -> None:
    """Prints how often a line is noted as wrongly attributed: next to its own speaker's name, and
    next to that of another line.
    """
    from quotes.verification.verify import verify

    dice = random.Random(9)
    usable = [row for row in corpus if row["author"] and not set(row["text"]) & set('“”"‘’「`>\n')]
    names = sorted({row["author"] for row in usable})
    for form in FORMS[language]:
        noted = Counter[str]()
        for row in dice.sample(usable, min(EACH, len(usable))):
            for kind, name in ("own", row["author"]), ("another", dice.choice(names)):
                answer = form.format(line=row["text"], name=name)
                same = kind == "another" and row["author"] in name
                notes = [] if same else [one.notes for one in verify(answer, [])]
                noted[kind] += any("wrong_speaker" in each for each in notes)
        print(f"  {form}: noted under its own name {noted['own']}, another's {noted['another']}")


def cost(texts: list[str]) -> list[tuple[float, float]]:
    """CPU and wall-clock seconds for answers of 2,000 characters: true and altered lines among
    plain words.
    """
    from quotes.verification.verify import verify

    dice, seconds = random.Random(8), []
    words = [word for text in texts for word in text.split()]
    for number in range(220):
        answer = ""
        while len(answer) < 2000:
            line = dice.choice(texts).split()
            if len(line) > 4 and dice.random() < 0.3:
                line = replaced(line, words, dice)
            answer += f"“{' '.join(line)}” {' '.join(dice.choices(words, k=40))}. "
        cpu, start = thread_time(), perf_counter()
        verify(answer[:2000], [])
        if number >= 20:
            seconds.append((thread_time() - cpu, perf_counter() - start))
    return seconds


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("RETRIEVAL_SET") or OWN)
    with board(sys.argv[2] if len(sys.argv) > 2 else ""):
        sets = {language: corpus_of(folder, language) for language in ("ko", "en")}
        fill([{**row, "id": f"{lang}{row['id']}"} for lang, s in sets.items() for row in s], 0)
        for language, corpus in sets.items():
            texts = [row["text"] for row in corpus]
            verdicts: Any = defaultdict(Counter)
            judge(texts, count=EACH, verdicts=verdicts)
            print(f"\n{language}: board of {sum(map(len, sets.values()))} lines")
            for kind, counted in verdicts.items():
                print(f"  {kind}: {dict(counted.most_common())}")
            attribute(language, corpus)
            for name, seconds in zip(("CPU", "clock"), zip(*cost(texts), strict=True), strict=True):
                cuts = [cut * 1000 for cut in quantiles(seconds, n=100)]
                print(f"  2,000 characters, {name}: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms")


if __name__ == "__main__":
    main()
