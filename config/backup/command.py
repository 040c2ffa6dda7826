"""How the commands of backups end where something fails, and what those that read an archive have
in common.
"""

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
from config.db.errors import first_line


@contextmanager
def clean_failures() -> Iterator[None]:
    """Ends the command with one line where a backup or a database is refused, or the database
    fails. SIGTERM ends it as Ctrl-C does, so that unfinished files and tables are deleted.
    """
    try:
        with _interrupted_by_sigterm():
            yield
    except Refused as refused:
        raise CommandError(str(refused)) from refused
    except Error as error:
        raise CommandError(f"The database failed: {first_line(error)}") from error


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


class ArchiveCommand(BaseCommand):
    """Does `work` with the archive that is named."""

    requires_system_checks: list[str] = []
    done = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the archive; - is standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        progress = Progress()
        opened = archive.reading(options["file"], sys.stdin.buffer, spool_in=settings.DATA_DIR)
        with clean_failures(), opened as found:
            made = self.work(found, progress)
        progress.say(
            f"{self.done}: {made.rows} rows of {len(made.tables)} tables, of release "
            f"{made.release}, {made.created_at:%Y-%m-%d %H:%M:%S} UTC"
        )

    def work(self, archive: zipfile.ZipFile, progress: Progress) -> Manifest:
        raise NotImplementedError
