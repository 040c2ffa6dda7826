"""What the commands have in common that read an archive."""

import signal
import sys
import threading
import zipfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from config.backup import archive
from config.backup.errors import Refused
from config.backup.manifest import Manifest
from config.backup.progress import Progress


@contextmanager
def clean_end() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does, so that what it has begun is deleted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


class ArchiveCommand(BaseCommand):
    """Does `work` with the archive that is named, and ends with one line where it is refused."""

    requires_system_checks: list[str] = []
    done = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the archive; - is standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        progress = Progress()
        try:
            opened = archive.reading(options["file"], sys.stdin.buffer, spool_in=settings.DATA_DIR)
            with clean_end(), opened as found:
                made = self.work(found, progress)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except Error as error:
            why = str(error).splitlines()[0]
            raise CommandError(f"The database failed: {why}") from error
        progress.say(
            f"{self.done}: {made.rows} rows of {len(made.tables)} tables, of release "
            f"{made.release}, {made.created_at:%Y-%m-%d %H:%M:%S} UTC"
        )

    def work(self, archive: zipfile.ZipFile, progress: Progress) -> Manifest:
        raise NotImplementedError
