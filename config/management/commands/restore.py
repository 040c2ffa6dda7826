"""`manage.py restore FILE`: a backup of this release or an older one, into an empty database."""

import zipfile

from config.backup.command import ArchiveCommand
from config.backup.manifest import Manifest
from config.backup.progress import Progress
from config.backup.restore import restore


class Command(ArchiveCommand):
    help = (
        "Restores a backup into an empty SQLite or PostgreSQL database; a backup of either can be "
        "restored into the other. Refuses a backup that is damaged, incomplete or of a newer "
        "release, and a database that has tables; then the database stays as it was. Run `prepare` "
        "afterwards."
    )
    done = "Restored"

    def work(self, archive: zipfile.ZipFile, progress: Progress) -> Manifest:
        return restore(archive, progress)
