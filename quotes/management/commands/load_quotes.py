"""`manage.py load_quotes FILE`: imports lines from a file."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from quotes.columns import LOADED
from quotes.importing.findings import (
    CheckedFile,
    Finding,
    ImportResult,
    UnreadableFile,
    findings_by_kind,
)
from quotes.importing.importer import DEMO_FILE, board_owner, check_path, import_lines
from quotes.search.index import optimize

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 20
_KINDS = {"passed": "passed over"}
_MANY = 1000  # new lines after which the index is optimized


class Command(BaseCommand):
    help = (
        "Imports lines from a CSV file (with a header) or a JSON file (lines or an array); the "
        f"fields are {', '.join(LOADED)}. Lines that exist already are not added again; those "
        "of the same owner get what they lack, and wait for review. The whole file is checked "
        "before its first line is added. If the import is interrupted, run the same command again: "
        "it adds the rest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="CSV if its name ends in .csv, .tsv or .txt, otherwise JSON",
        )
        what.add_argument(
            "--demo",
            action="store_true",
            help="the seed data that ships with Daesa, applied at once",
        )
        add(
            "--owner",
            metavar="EMAIL",
            help="the user whose submissions they become (default: a user nobody can sign in as)",
        )
        add("--apply", action="store_true", help="put them on the board at once")
        add("--skip-bad", action="store_true", help="load the good rows although some are bad")
        add("--dry-run", action="store_true", help="only report what would be done")
        add(
            "--no-near",
            dest="near",
            action="store_false",
            help="don't look for nearly the same lines (takes milliseconds for each new line)",
        )
        add(
            "--no-fill",
            dest="fill",
            action="store_false",
            help="don't fill in what lines that exist already lack",
        )
        add("--report", type=Path, metavar="FILE", help="all findings, as JSON lines")

    def handle(self, *_args: Any, **options: Any) -> None:
        checked = _check(DEMO_FILE if options["demo"] else options["file"])
        is_loud = options["verbosity"] and not options["demo"]
        if is_loud:
            self.stderr.write(f"read as {checked.form}")
        self._print_findings("bad", checked.bad)
        has_bad = checked.bad_lines > 0 and not options["skip_bad"]
        result = _import(checked, options, dry_run=options["dry_run"] or has_bad)
        if options["apply"] and result.added >= _MANY:
            optimize()
        if options["report"]:
            _write_report(options["report"], checked, result)
        if is_loud:
            for kind, (_title, found) in findings_by_kind(checked, result).items():
                if kind != "bad":
                    self._print_findings(kind, found)
        if has_bad and not options["dry_run"]:
            raise CommandError(
                f"Nothing was loaded, for {checked.bad_lines} rows are bad "
                "(--skip-bad loads the rest)"
            )
        self.stdout.write(_summary(checked, result, dry_run=options["dry_run"]))

    def _print_findings(self, kind: str, findings: Sequence[Finding]) -> None:
        for finding in findings[:SHOWN]:
            what = f"{finding.field}: {finding.detail}" if finding.field else finding.detail
            self.stderr.write(f"line {finding.line}: {what}")
        if len(findings) > SHOWN:
            self.stderr.write(f"... and {len(findings) - SHOWN} more {_KINDS.get(kind, kind)} rows")


def _import(checked: CheckedFile, options: dict[str, Any], *, dry_run: bool) -> ImportResult:
    owner = _user(options["owner"]) if options["owner"] else board_owner()
    try:
        return import_lines(
            lines=checked.lines,
            owner=owner,
            apply=options["apply"] or options["demo"],
            near=options["near"] and not options["demo"],
            fill=options["fill"] and not options["demo"],
            dry_run=dry_run,
        )
    except Error as error:
        raise CommandError(
            f"The database failed ({error}). Some of the lines may have been added; the same "
            "command adds the rest."
        ) from error


def _summary(checked: CheckedFile, result: ImportResult, *, dry_run: bool) -> str:
    known = len(_lines(result.known)) + len(_lines(checked.repeated))
    verb = "would add" if dry_run else "added"
    more = {"filled": result.filled, "differ": result.differ, "near": result.near}
    counts = "".join(f", {kind} {len(_lines(found))}" for kind, found in more.items() if found)
    return f"{verb} {result.added}, known {known}, bad {checked.bad_lines}{counts}"


def _lines(findings: Sequence[Finding]) -> set[int]:
    return {finding.line for finding in findings}


def _write_report(path: Path, checked: CheckedFile, result: ImportResult) -> None:
    kinds = findings_by_kind(checked, result).items()
    rows = [{"kind": kind, **asdict(one)} for kind, (_title, found) in kinds for one in found]
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error}") from error


def _check(path: Path) -> CheckedFile:
    try:
        return check_path(path)
    except UnreadableFile as error:
        raise CommandError(str(error)) from error


def _user(email: str) -> "User":
    users = get_user_model().objects
    user = users.filter(email=users.normalize_email(email)).first()
    if user is None:
        raise CommandError(f"Nobody here has the address {email}")
    return user
