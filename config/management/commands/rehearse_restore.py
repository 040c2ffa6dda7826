"""`manage.py rehearse_restore FILE`: restores a backup beside the database, and drops it again."""

import zipfile

from chat.turns import task_times
from config.backup.command import ArchiveCommand
from config.backup.manifest import Manifest
from config.backup.progress import Progress
from config.backup.restore import rehearse


class Command(ArchiveCommand):
    help = (
        "Restores a backup into a file (SQLite) or a schema (PostgreSQL) beside the database, "
        "compares it, and drops it. The server may run meanwhile. `/metrics` shows when it last "
        "succeeded."
    )
    done = "The rehearsed restore succeeded"

    def work(self, archive: zipfile.ZipFile, progress: Progress) -> Manifest:
        made = rehearse(archive, progress)
        task_times.store(task_times.REHEARSAL)
        return made
