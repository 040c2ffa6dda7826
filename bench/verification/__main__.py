"""Measures how answers are judged: `python -m bench.verification SET [DATABASE]`, with a set like
those of bench.retrieval; without one, the project's small one.

Answers are made of the set's lines in every format that models write, unchanged, altered or
invented, shown to the writer or not. Prints which verdicts they get, the formats in which a line
gets none, wrong notes on speakers, warnings on everyday answers, and the time.
"""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.boards import board
from bench.retrieval.__main__ import LANGUAGES, OWN, corpus_of, fill
from bench.verification.pairs import PAIRS

if TYPE_CHECKING:
    from bench.verification.cases import LineSet
    from bench.verification.judge import Seen

EACH = 25  # answers of each kind in each format: more than 35,000 in all
STEPS = ("formats", "speakers", "everyday", "cost")
ACROSS = "across"  # a board of its own
CURVES = ("curves", "constants")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.verification", description=__doc__)
    add = parser.add_argument
    add("set", nargs="?", type=Path, default=os.environ.get("RETRIEVAL_SET") or OWN)
    add("database", nargs="?", default="", help="an empty database (default: a temporary file)")
    add("--each", type=int, default=EACH, help="answers of each kind in each format")
    add("--seed", type=int, default=7, help="other lines and other changed words")
    add("--format", action="append", metavar="NAME", default=[], help="default: every format")
    add("--language", choices=LANGUAGES, action="append", help="default: both")
    add(
        "--only",
        choices=(*STEPS, ACROSS, *CURVES),
        action="append",
        help="default: all but the last two",
    )
    add("--examples", action="store_true", help="print answers that are judged wrongly")
    return parser.parse_args()


def filled(folder: Path) -> "dict[str, LineSet]":
    """The lines of both languages, and of the pairs, on one board."""
    from bench.verification.cases import line_set
    from quotes.columns import BoardLine

    rows: list[Any] = []
    for language in LANGUAGES:
        more = [{"text": pair.line} for pair in PAIRS[language]]
        rows += [{**row, "of": language} for row in [*corpus_of(folder, language), *more]]
    rows = [row for row in rows if row.get("language", row["of"]) == row["of"]]
    ids = fill([{**row, "id": number} for number, row in enumerate(rows)], 0)
    lines: dict[str, list[BoardLine]] = {language: [] for language in LANGUAGES}
    for pk, number in ids.items():
        row = rows[int(number)]
        names = row.get("author", ""), row.get("source", ""), row.get("context", "")
        lines[row["of"]].append(BoardLine(pk, row["text"], *names))
    return {language: line_set(language, each) for language, each in lines.items()}


def judge_formats(of: "LineSet", options: argparse.Namespace) -> None:
    from bench.verification import report
    from bench.verification.cases import cases
    from bench.verification.judge import seen

    made = cases(of, options.each, options.format, options.seed)
    found: list[Seen] = [one for case in made for one in seen(case)]
    found += [] if options.format else judge_pairs(of)
    report.confusion(found)
    report.formats(found)
    report.targets(of.language, found)
    if options.examples:
        report.examples(found)


def judge_pairs(of: "LineSet") -> "list[Seen]":
    from bench.verification.cases import paired
    from bench.verification.judge import seen
    from quotes.search.candidates import lines_by_skeleton
    from quotes.text.normalization import skeleton_hash

    texts = {pair.line for pair in PAIRS[of.language]}
    found = lines_by_skeleton({skeleton_hash(text) for text in texts})
    lines = {line.content: line for line in found}
    return [one for case in paired(of, lines) for one in seen(case)]


def measure(of: "LineSet", options: argparse.Namespace) -> None:
    from bench.verification import constants
    from bench.verification.cost import cost, growth
    from bench.verification.curves import curves
    from bench.verification.everyday import everyday
    from bench.verification.speakers import speakers

    steps = set(options.only or STEPS)
    if "formats" in steps:
        judge_formats(of, options)
    if "speakers" in steps:
        speakers(of, options.each)
    if "everyday" in steps:
        everyday(of.language, is_long=options.examples)
    if "cost" in steps:
        cost(of)
        growth(of)
    if "curves" in steps:
        curves(of)
    if "constants" in steps:
        constants.curves(of, options.each)


def main() -> None:
    options = arguments()
    with board(options.database):
        stocks = filled(Path(options.set))
        for language in options.language or LANGUAGES:
            measure(stocks[language], options)
        if ACROSS in (options.only or (*STEPS, ACROSS)):
            from bench.verification.across_scripts import across_scripts

            across_scripts(options.each)


if __name__ == "__main__":
    main()
