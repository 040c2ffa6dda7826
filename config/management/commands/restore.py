"""`manage.py restore FILE`: a backup of this release or an older one, into an empty database."""

import zipfile

from config.backup.command import ArchiveCommand
from config.backup.manifest import Manifest
from config.backup.progress import Progress
from config.backup.restore import restore


class Command(ArchiveCommand):
    help = (
        "Restores a backup into an empty database, SQLite or PostgreSQL, whichever it was made of. "
        "A backup that is damaged, incomplete or of a newer release, and a database with tables, "
        "are refused, and nothing is left behind. Run `prepare` afterwards."
    )
    done = "Restored"

    def work(self, archive: zipfile.ZipFile, progress: Progress) -> Manifest:
        return restore(archive, progress)
