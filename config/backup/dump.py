"""Making a backup of the database as it is at a single moment, while the server runs."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from config.backup import archive, contents, manifest, rows, tables
from config.backup.errors import BadTarget
from config.backup.manifest import Manifest, Table
from config.backup.progress import Progress
from config.backup.snapshot import snapshot
from config.db.migration_state import difference

_ROWS_PER_STEP = 1000


def dump(file: IO[bytes], progress: Progress) -> Manifest:
    """Writes an archive to a file or a pipe. Raises `BadTarget` where the tables are not those of
    their recorded migrations.
    """
    with archive.writing(file) as zipped:
        made, keys = _write_tables(zipped, progress)
        made.missing_contents.extend(contents.write(zipped, keys, progress))
        with zipped.open(manifest.NAME, "w") as entry:
            entry.write(made.dumps())
    return made


def _write_tables(zipped: zipfile.ZipFile, progress: Progress) -> tuple[Manifest, list[str]]:
    """The second value are the keys of the contents that the rows name."""
    with snapshot():
        if found := difference(connection):
            raise BadTarget(found)
        loader = MigrationLoader(connection)
        made = Manifest(
            release=manifest.release(),
            engine=connection.vendor,
            created_at=timezone.now(),
            migrations=sorted(map(list, loader.applied_migrations)),
            key_check=manifest.key_check(),
            left_out=sorted(tables.LEFT_OUT),
        )
        models = tables.stored(
            tables.models_of(loader, tables.applied(loader, loader.applied_migrations))
        )
        for name, model in models.items():
            made.tables[name] = _write_table(zipped, name, model, progress)
        named = models[contents.TABLE].objects.order_by("key").values_list("key", flat=True)
        return made, list(named.distinct())


def _write_table(zipped: zipfile.ZipFile, name: str, model: Any, progress: Progress) -> Table:
    digest, count = hashlib.sha256(), 0
    with zipped.open(manifest.file_of(name), "w", force_zip64=True) as entry:
        for count, line in enumerate(rows.lines_of(model), start=1):
            digest.update(line)
            entry.write(line)
            if count % _ROWS_PER_STEP == 0:
                progress.step(name, count)
    progress.end(name, count)
    return Table(rows.columns_of(model), count, digest.hexdigest(), rows.last_key(model))


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner may read. It gets its name when it is complete and on the
    disk. Raises `BadTarget` where a file has the name, or where it cannot be written.
    """
    try:
        if path.exists():
            raise BadTarget(f"{path} exists already")
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    except OSError as error:
        raise BadTarget(f"{path} cannot be written: {error.strerror}") from error
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise BadTarget(f"{path} cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
