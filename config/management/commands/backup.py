"""`manage.py backup FILE`: everything that is stored, in one archive, while the server runs."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from chat.turns import backup_times
from config.backup.command import clean_end
from config.backup.dump import dump, private_file
from config.backup.errors import BadTarget, Refused
from config.backup.manifest import Manifest
from config.backup.progress import Progress


class Command(BaseCommand):
    help = (
        "Writes all data to one archive, as it is at one moment, while the server runs. It has "
        "everybody's data and is not encrypted: the file is readable by its owner only, and `-` "
        "writes to a pipe, such as `manage.py backup - | age -r KEY > FILE`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a file that does not exist yet; - is standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        progress = Progress()
        try:
            with clean_end():
                made = _dump(options["file"], progress)
            backup_times.succeeded(backup_times.BACKUP, made.created_at)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except BrokenPipeError as error:
            raise CommandError("The program behind the pipe has ended") from error
        except Error as error:
            why = str(error).splitlines()[0]
            raise CommandError(f"The database failed: {why}") from error
        progress.say(f"Backed up: {made.rows} rows of {len(made.tables)} tables")


def _dump(name: str, progress: Progress) -> Manifest:
    if name != "-":
        with private_file(Path(name)) as file:
            return dump(file, progress)
    if sys.stdout.isatty():
        raise BadTarget("Standard output is a terminal: pipe it to a program")
    return dump(sys.stdout.buffer, progress)
