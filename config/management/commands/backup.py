"""`manage.py backup FILE`: everything that is stored, in one archive, while the server runs."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from chat.turns import task_times
from config.backup.command import clean_failures
from config.backup.dump import dump, private_file
from config.backup.errors import BadTarget
from config.backup.manifest import Manifest
from config.backup.progress import Progress


class Command(BaseCommand):
    help = (
        "Writes all data to one archive while the server runs: a snapshot of a single moment. The "
        "archive contains everybody's data and is not encrypted. Only its owner may read the file; "
        "`-` writes to a pipe, such as `manage.py backup - | age -r KEY > FILE`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file that does not exist yet; - is standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        progress = Progress()
        with clean_failures():
            made = _dump(options["file"], progress)
            task_times.store(task_times.BACKUP, at=made.created_at)
        progress.say(f"Backed up: {made.rows} rows of {len(made.tables)} tables")


def _dump(name: str, progress: Progress) -> Manifest:
    if name != "-":
        with private_file(Path(name)) as file:
            return dump(file, progress)
    if sys.stdout.isatty():
        raise BadTarget("Standard output is a terminal: pipe it to a program")
    try:
        return dump(sys.stdout.buffer, progress)
    except BrokenPipeError as error:
        raise BadTarget("The program behind the pipe has ended") from error
