"""Comparing an archive with its manifest, and with this release."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator

from django.db.migrations.loader import MigrationLoader
from packaging.version import InvalidVersion, Version

from config.backup import contents, manifest
from config.backup.errors import BadArchive, NewerArchive
from config.backup.manifest import Manifest, Table
from config.backup.progress import Progress
from config.db.migration_state import newer

_LONGEST_LINE = 256 * 1024 * 1024


def checked(archive: zipfile.ZipFile, progress: Progress) -> Manifest:
    """The manifest, if the archive is complete and not of a newer release. Needs no database.
    Raises `BadArchive` or `NewerArchive`.
    """
    found = manifest.read(archive)
    _check_release(found)
    files = {manifest.NAME, *map(manifest.file_of, found.tables)}
    if files != set(archive.namelist()) - contents.names_in(archive):
        raise BadArchive("This is not a backup of Daesa: its files are not those of its manifest")
    for name, table in found.tables.items():
        _check_table(archive, name, table)
        progress.step(f"checking {name}", table.rows)
    contents.check(archive)
    return found


def lines(archive: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    """The lines of a table's file."""
    with archive.open(manifest.file_of(table)) as file:
        while line := file.readline(_LONGEST_LINE):
            yield line


def _check_release(found: Manifest) -> None:
    try:
        is_newer = Version(found.release) > Version(manifest.release())
    except InvalidVersion as error:
        raise BadArchive("This is not a backup of Daesa: it names no release") from error
    if is_newer:
        raise NewerArchive(
            f"The backup is of the newer release {found.release}; this is {manifest.release()}"
        )
    loader = MigrationLoader(None)
    if unknown := newer(loader, {(app, name) for app, name in found.migrations}):
        raise NewerArchive(f"The backup is of a newer release, with the migration {unknown[0]}")


def _check_table(archive: zipfile.ZipFile, name: str, table: Table) -> None:
    if digest(lines(archive, name)) != (table.rows, table.sha256):
        raise BadArchive(f"The backup is damaged: {name} is not what the manifest says")


def digest(lines: Iterable[bytes]) -> tuple[int, str]:
    """The number of the lines, and their SHA-256."""
    found, count = hashlib.sha256(), 0
    for line in lines:
        found.update(line)
        count += 1
    return count, found.hexdigest()
