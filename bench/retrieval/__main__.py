"""Measures how well lines are found: `python -m bench.retrieval`; see bench/README.md.

A set is a directory with `corpus.LANG.jsonl` {id, text, author, source, context, gloss},
`queries*.LANG.jsonl` {qid, text, kind} and `qrels*.LANG.tsv` (query, line, grade). The project
contains a small one; the argument or `RETRIEVAL_SET` names a larger one.
"""

import argparse
import json
import math
import os
from collections import defaultdict
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter
from typing import Any

from bench.boards import board
from bench.retrieval.filling import filler

OWN = Path(__file__).parent / "own"
DEPTH = 10
LANGUAGES = ("ko", "en")

Scores = dict[str, list[tuple[float, float, float]]]
Shown = dict[str, list[bool]]  # whether the model `board` shows a right line; for NONE, any line
NONE = "none"  # the kind of questions that no line of the board answers


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    add = parser.add_argument
    add("set", nargs="?", type=Path, default=os.environ.get("RETRIEVAL_SET") or OWN)
    add(
        "--database",
        default="",
        metavar="URL",
        help="an empty database (default: a temporary SQLite file)",
    )
    add(
        "--lines",
        type=int,
        default=0,
        help="fill the board up to this number of lines, and time that",
    )
    add("--language", choices=LANGUAGES, action="append", help="of the set (default: both)")
    add("--keep", action="store_true", help="use the board that the last run left in that database")
    return parser.parse_args()


def rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def corpus_of(folder: Path, language: str) -> list[Any]:
    """The lines of a set. Those of the own set are the demo lines, with their words as ids."""
    if folder != OWN:
        return rows(folder / f"corpus.{language}.jsonl")
    demo = rows(folder.parents[2] / "quotes" / "fixtures" / "demo.jsonl")
    return [
        {**row, "id": row["content"], "text": row["content"], "author": row["speaker"]}
        for row in demo
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
    """Creates the lines of the set, then generated ones up to `lines`. Returns the set's ids by the
    ids of the quotes.
    """
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from quotes.models import Quote
    from quotes.search.index import optimize

    call_command("flush", interactive=False, verbosity=0)
    owner = User.objects.create(email="bench@daesa.invalid", password="!")

    def quote(row: Any) -> Quote:
        return Quote(
            user=owner,
            content=row["text"][:1000],
            speaker=row.get("author", "")[:200],
            source=row.get("source", "")[:200],
            context=row.get("context", "")[:1000],
            gloss=row.get("gloss", "")[:300],
            is_apply=True,
            applied_at=timezone.now(),
        )

    made = Quote.objects.bulk_create(map(quote, corpus), batch_size=1000)
    more = filler(corpus)
    for start in range(len(corpus), lines, 10_000):
        rows = (quote(more(n)) for n in range(start, min(start + 10_000, lines)))
        Quote.objects.bulk_create(rows, batch_size=1000)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM quotes_quote")
    optimize()
    return {q.pk: row["id"] for q, row in zip(made, corpus, strict=True)}


def kept(corpus: list[Any]) -> dict[int, str]:
    """The ids of a board that is filled already."""
    from quotes.models import Quote

    ids = Quote.objects.order_by("pk").values_list("pk", flat=True)[: len(corpus)]
    return {pk: row["id"] for pk, row in zip(ids, corpus, strict=True)}


def measure(folder: Path, language: str, lines: int, *, keep: bool) -> None:
    from django.db import connection

    from quotes.models import Quote
    from quotes.search.find import find

    corpus = corpus_of(folder, language)
    start = perf_counter()
    names = kept(corpus) if keep else fill(corpus, lines)
    lines = Quote.objects.count()
    if not keep:
        print(f"{lines} lines stored and indexed in {perf_counter() - start:.0f} s")
    [queries] = folder.glob(f"queries*.{language}.jsonl")
    [qrels] = folder.glob(f"qrels*.{language}.tsv")
    wanted, seen, shown = grades(qrels), Scores(), Shown()
    seconds = list[float]()
    for warm in (True, False):
        for row in rows(queries):
            start = perf_counter()
            found = find(question=row["text"], limit=DEPTH)
            if warm:
                continue
            seconds.append(perf_counter() - start)
            right = wanted.get(row["qid"], {})
            if right:
                place = [names.get(line.id, "") for line in found]
                seen.setdefault(row["kind"], []).append(score(place, right))
            fitting = {names.get(line.id, "") for line in found if line.fits}
            kind = row["kind"] if right else NONE
            shown.setdefault(kind, []).append(bool(fitting & right.keys() if right else fitting))
    report(f"{connection.vendor} {language}", seen, shown, seconds, lines)


def report(name: str, seen: Scores, shown: Shown, seconds: list[float], lines: int) -> None:
    means = {kind: [mean(column) for column in zip(*s, strict=True)] for kind, s in seen.items()}
    means["macro"] = [mean(column) for column in zip(*means.values(), strict=True)]
    cuts = quantiles(seconds, n=100)
    print(f"\n{name}: {lines} lines, {len(seconds)} questions, "
          f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms")  # fmt: skip
    print("| kind | R@5 | MRR@10 | nDCG@10 | shown by the board |\n|---|---|---|---|---|")
    for kind, (recall, first, gain) in means.items():
        share = f"{mean(shown[kind]):.3f}" if kind in shown else ""
        print(f"| {kind} | {recall:.3f} | {first:.3f} | {gain:.3f} | {share} |")
    if NONE in shown:
        print(f"| none | | | | {mean(shown[NONE]):.3f} |")


def main() -> None:
    options = arguments()
    with board(options.database):
        for language in options.language or LANGUAGES:
            measure(Path(options.set), language, options.lines, keep=options.keep)


if __name__ == "__main__":
    main()
