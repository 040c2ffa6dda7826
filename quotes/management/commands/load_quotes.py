"""`manage.py load_quotes FILE`: a stock of lines for the board."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from quotes.index import gather
from quotes.stock import (
    DEMO,
    Finding,
    Loaded,
    NoStock,
    Stock,
    board_owner,
    load_stock,
    read_stock,
)

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 20
_MANY = 1000  # lines at once


class Command(BaseCommand):
    help = (
        "Loads lines from a CSV file (with a header) or a file of JSON lines; fields content, "
        "speaker, source, context, language. What is there already is passed over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", nargs="?", type=Path, help="a .csv file, or JSON lines")
        what.add_argument(
            "--demo", action="store_true", help="the stock that ships with Daesa, applied at once"
        )
        add(
            "--owner",
            metavar="EMAIL",
            help="the person whose submissions they become (default: a user nobody can sign in as)",
        )
        add("--apply", action="store_true", help="put them on the board at once")
        add("--skip-bad", action="store_true", help="load the good rows although some are bad")
        add("--dry-run", action="store_true", help="only say what would come of it")
        add(
            "--no-near",
            dest="near",
            action="store_false",
            help="don't look for lines that are nearly the same (milliseconds for each new line)",
        )
        add("--report", type=Path, metavar="FILE", help="all findings, as JSON lines")

    def handle(self, *_args: Any, **options: Any) -> None:
        stock = _read(DEMO if options["demo"] else options["file"])
        self._tell("bad", stock.bad)
        refused = stock.bad_lines > 0 and not options["skip_bad"]
        loaded = load_stock(
            stock=stock,
            owner=_person(options["owner"]) if options["owner"] else board_owner(),
            apply=options["apply"] or options["demo"],
            near=options["near"] and not options["demo"],
            dry_run=options["dry_run"] or refused,
        )
        if options["apply"] and loaded.added >= _MANY:
            gather()
        if options["report"]:
            _report(options["report"], stock, loaded)
        if options["verbosity"] and not options["demo"]:
            self._tell("repeated", stock.repeated)
            self._tell("known", loaded.known)
            self._tell("near", loaded.near)
        if refused and not options["dry_run"]:
            raise CommandError(
                f"Nothing was loaded, for {stock.bad_lines} rows are bad "
                "(--skip-bad loads the rest)"
            )
        self.stdout.write(_summary(stock, loaded, dry_run=options["dry_run"]))

    def _tell(self, kind: str, findings: Sequence[Finding]) -> None:
        for finding in findings[:SHOWN]:
            what = f"{finding.field}: {finding.detail}" if finding.field else finding.detail
            self.stderr.write(f"line {finding.line}: {what}")
        if len(findings) > SHOWN:
            self.stderr.write(f"... and {len(findings) - SHOWN} more {kind} rows")


def _summary(stock: Stock, loaded: Loaded, *, dry_run: bool) -> str:
    known = len(loaded.known) + len(stock.repeated)
    near = f", near {len({finding.line for finding in loaded.near})}" if loaded.near else ""
    verb = "would add" if dry_run else "added"
    return f"{verb} {loaded.added}, known {known}, bad {stock.bad_lines}{near}"


def _report(path: Path, stock: Stock, loaded: Loaded) -> None:
    kinds = {
        "bad": stock.bad,
        "repeated": stock.repeated,
        "known": loaded.known,
        "near": loaded.near,
    }
    rows = [{"kind": kind, **asdict(one)} for kind, found in kinds.items() for one in found]
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error}") from error


def _read(path: Path) -> Stock:
    try:
        return read_stock(path)
    except NoStock as error:
        raise CommandError(str(error)) from error


def _person(email: str) -> "User":
    person = get_user_model().objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise CommandError(f"Nobody here has the address {email}")
    return person
