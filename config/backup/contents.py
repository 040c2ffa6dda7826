"""The contents of attachments in a backup: below DATA_DIR or in a bucket, beside the database.

They never change, so they are read after the snapshot of the rows that name them. One that a user
has deleted meanwhile, or that cannot be read, is listed in the manifest, and its row alone is
restored: the chat shows its name.
"""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from chat.attachments import files
from chat.attachments.errors import StorageFailed
from config.backup.errors import BadArchive, BadTarget
from config.backup.manifest import Manifest
from config.backup.progress import Progress

TABLE = "chat_attachment"
_FOLDER = "attachments/"


def write(zipped: zipfile.ZipFile, keys: Iterable[str], progress: Progress) -> list[str]:
    """Adds the contents to an archive. Returns the keys of those that are missing."""
    missing, count = [], 0
    for key in keys:
        try:
            content = files.read(key)
        except StorageFailed:
            missing.append(key)
            continue
        # Pictures are compressed already.
        zipped.writestr(_FOLDER + key, content, zipfile.ZIP_STORED)
        count += 1
        progress.step("contents of attachments", count)
    progress.end("contents of attachments", count)
    if missing:
        progress.say(f"Warning: the contents of {len(missing)} attachments could not be read")
    return missing


def names_in(archive: zipfile.ZipFile) -> set[str]:
    return {name for name in archive.namelist() if name.startswith(_FOLDER)}


def check(archive: zipfile.ZipFile) -> None:
    """Raises `BadArchive` for a content that is not as it was written, or a name that leads out of
    the folder.
    """
    for name in names_in(archive):
        if not files.is_key(name.removeprefix(_FOLDER)):
            raise BadArchive("This is not a backup of Daesa: an attachment has a strange name")
        with archive.open(name) as file:
            try:
                while file.read(1024 * 1024):
                    pass
            except zipfile.BadZipFile as error:
                raise BadArchive("The backup is damaged: an attachment has changed") from error


@contextmanager
def restored(archive: zipfile.ZipFile, found: Manifest, progress: Progress) -> Iterator[None]:
    """Within the block the contents are in the storage. They are deleted again where it ends with
    an error. Raises `BadTarget` where the storage takes them not.
    """
    written: list[str] = []
    try:
        for name in sorted(names_in(archive)):
            written.append(name.removeprefix(_FOLDER))
            files.write(written[-1], archive.read(name))
            progress.step("restoring attachments", len(written))
        progress.end("restored attachments", len(written))
        yield
    except BaseException as error:
        _delete(written)
        if isinstance(error, StorageFailed):
            raise BadTarget("The contents of attachments cannot be stored") from error
        raise
    if found.missing_contents:
        progress.say(f"Warning: {len(found.missing_contents)} attachments have no content")


def _delete(keys: Iterable[str]) -> None:
    for key in keys:
        try:
            files.delete(key)
        except StorageFailed:
            return
