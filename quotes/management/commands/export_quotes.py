"""`manage.py export_quotes`: the board as JSON lines or CSV, to a file or the standard output."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes.board.export import FORMATS, export_board


class Command(BaseCommand):
    help = "Writes the applied lines, without the people who submitted them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="default: the standard output")
        parser.add_argument(
            "--format", choices=FORMATS, help="default: that of the file's name, or jsonl"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        is_csv = path is not None and path.suffix.lower() == ".csv"
        batches = export_board(options["format"] or ("csv" if is_csv else "jsonl"))
        if path is None:
            for batch in batches:
                self.stdout.write(batch.decode(), ending="")
            return
        unfinished = path.with_name(f"{path.name}.part")  # so that `path` is never incomplete
        try:
            with unfinished.open("wb") as file:
                file.writelines(batches)
            unfinished.replace(path)
        except OSError as error:
            raise CommandError(f"{path}: {error}") from error
