"""`manage.py verify_backup FILE`: whether a backup is complete and could be restored."""

import zipfile

from config.backup.checks import checked
from config.backup.command import ArchiveCommand
from config.backup.manifest import Manifest
from config.backup.progress import Progress


class Command(ArchiveCommand):
    help = (
        "Checks that a backup is unchanged and complete, and that this release can restore it. "
        "Needs no database."
    )
    done = "The backup is complete"

    def work(self, archive: zipfile.ZipFile, progress: Progress) -> Manifest:
        return checked(archive, progress)
