"""Measures how well lines are found: `python -m bench.retrieval`; see bench/README.md.

A set is a directory of `corpus.LANG.jsonl` {id, text, author, source, context},
`queries*.LANG.jsonl` {qid, text, kind} and `qrels*.LANG.tsv` (query, line, grade). The project's
own small one ships; a larger one is named by an argument or `RETRIEVAL_SET`.
"""

import argparse
import json
import math
import os
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter
from typing import Any

OWN = Path(__file__).parent / "own"
DEPTH = 10

Scores = dict[str, list[tuple[float, float, float]]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    add = parser.add_argument
    add("set", nargs="?", type=Path, default=os.environ.get("RETRIEVAL_SET") or OWN)
    add("--database", default="", metavar="URL", help="an empty PostgreSQL one's (default: SQLite)")
    add("--lines", type=int, default=0, help="fill the board up to so many lines, and time that")
    return parser.parse_args()


def rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def corpus_of(folder: Path, language: str) -> list[Any]:
    """Of the own set, the lines of the first stock, each named by its words."""
    if folder != OWN:
        return rows(folder / f"corpus.{language}.jsonl")
    stock = rows(folder.parents[2] / "quotes" / "fixtures" / "demo.jsonl")
    return [
        {**row, "id": row["content"], "text": row["content"], "author": row["speaker"]}
        for row in stock
    ]


def grades(path: Path) -> dict[str, dict[str, int]]:
    graded: dict[str, dict[str, int]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, quote, grade = line.split("\t")
        if grade.strip().isdigit():
            graded[query][quote] = int(grade)
    return graded


def score(found: list[str], wanted: dict[str, int]) -> tuple[float, float, float]:
    """R@5, MRR@10, nDCG@10 (gain 2^grade - 1)."""
    recall = len({*found[:5]} & wanted.keys()) / min(5, len(wanted))
    first = next((1 / place for place, key in enumerate(found, 1) if key in wanted), 0.0)
    gain = sum((2 ** wanted.get(key, 0) - 1) / math.log2(n + 2) for n, key in enumerate(found))
    ideal = sorted(wanted.values(), reverse=True)[:DEPTH]
    return (
        recall,
        first,
        gain / sum((2**grade - 1) / math.log2(n + 2) for n, grade in enumerate(ideal)),
    )


def fill(corpus: list[Any], lines: int) -> dict[int, str]:
    """The board of one language, of lines that repeat the set's words in other orders where it has
    not enough of its own. Returns the set's own names of its lines.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from quotes.index import frequencies
    from quotes.models import Quote

    call_command("flush", interactive=False, verbosity=0)
    owner = User.objects.create(email="bench@daesa.invalid", password="!")

    def quote(row: Any) -> Quote:
        return Quote(
            user=owner,
            content=row["text"][:1000],
            speaker=row.get("author", "")[:200],
            source=row.get("source", "")[:200],
            context=row.get("context", "")[:1000],
            is_apply=True,
            applied_at=timezone.now(),
        )

    made = Quote.objects.bulk_create(map(quote, corpus), batch_size=1000)
    for start in range(len(corpus), lines, 10_000):
        more = (quote(mixed(corpus, n)) for n in range(start, min(start + 10_000, lines)))
        Quote.objects.bulk_create(more, batch_size=1000)
    frequencies.forget()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE quotes_quote")
    return {q.pk: row["id"] for q, row in zip(made, corpus, strict=True)}


def mixed(corpus: list[Any], number: int) -> Any:
    """The first half of one line and the second of another; the same for the same number."""
    size = len(corpus)
    first = corpus[number * 7919 % size]["text"].split()
    second = corpus[(number * 104_729 + number // size) % size]["text"].split()
    return {"text": " ".join(first[: len(first) // 2 + 1] + second[len(second) // 2 :])}


def measure(folder: Path, language: str, lines: int) -> None:
    from django.db import connection

    from quotes.search import find

    names = fill(corpus_of(folder, language), lines)
    [queries] = folder.glob(f"queries*.{language}.jsonl")
    [qrels] = folder.glob(f"qrels*.{language}.tsv")
    wanted, seen, seconds = grades(qrels), Scores(), list[float]()
    asked = [row for row in rows(queries) if wanted.get(row["qid"])]
    for warm in (True, False):
        for row in asked:
            start = perf_counter()
            found = [names.get(q.id, "") for q in find(question=row["text"], limit=DEPTH)]
            if not warm:
                seconds.append(perf_counter() - start)
                seen.setdefault(row["kind"], []).append(score(found, wanted[row["qid"]]))
    report(f"{connection.vendor} {language}", seen, seconds, max(lines, len(names)))


def report(name: str, seen: Scores, seconds: list[float], lines: int) -> None:
    means = {kind: [mean(column) for column in zip(*s, strict=True)] for kind, s in seen.items()}
    means["macro"] = [mean(column) for column in zip(*means.values(), strict=True)]
    cuts = quantiles(seconds, n=100)
    print(f"\n{name}: {lines} lines, {len(seconds)} questions, "
          f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms")  # fmt: skip
    print("| kind | R@5 | MRR@10 | nDCG@10 |\n|---|---|---|---|")
    for kind, (recall, first, gain) in means.items():
        print(f"| {kind} | {recall:.3f} | {first:.3f} | {gain:.3f} |")


def main() -> None:
    options = arguments()
    with tempfile.TemporaryDirectory() as directory:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            DEBUG="false",
            SECRET_KEY="bench-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM",
            DATA_DIR=directory,
            DATABASE_URL=options.database,
            DAESA_DOTENV="",
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        for language in ("ko", "en"):
            measure(Path(options.set), language, options.lines)


if __name__ == "__main__":
    main()
