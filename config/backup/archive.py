"""The file of a backup: a zip whose comment is the SHA-256 of all bytes before it.

So every changed or missing byte is noticed before the file is used, and any zip program can show
what is in it. It is written piece by piece, so it can be written to a pipe.
"""

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from config.backup.errors import BadArchive

_SEAL = 64  # hexadecimal digits
_BLOCK = 1024 * 1024
_LEVEL = 6


class Sealing(io.RawIOBase):
    """Passes on what is written, except the last `_SEAL` bytes, which `finish` replaces by the
    digest of all others.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._digest = hashlib.sha256()
        self._held = b""
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += bytes(data)
        self._pass_on(self._held[:-_SEAL])
        self._held = self._held[-_SEAL:]
        return len(data)

    def finish(self) -> None:
        self._file.write(self._digest.hexdigest().encode())
        self._file.flush()
        self.size += _SEAL

    def _pass_on(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)
        self.size += len(data)


@contextmanager
def writing(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """The archive is complete, with its seal, only where the block ends without an error."""
    sealing = Sealing(file)
    archive = zipfile.ZipFile(sealing, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
    try:
        yield archive
    except BaseException:
        archive.fp = None  # or it would write its end when it is garbage-collected
        raise
    archive.comment = bytes(_SEAL)
    archive.close()
    sealing.finish()


@contextmanager
def reading(name: str, stdin: IO[bytes], *, spool_in: Path) -> Iterator[zipfile.ZipFile]:
    """Opens an archive whose bytes are those that were written. `-` means standard input, which is
    first copied to a temporary file in `spool_in`. Raises `BadArchive`.
    """
    with _opened(name, stdin, spool_in) as file:
        _check_seal(file)
        try:
            with zipfile.ZipFile(file) as archive:
                yield archive
        except (zipfile.BadZipFile, KeyError, NotImplementedError) as error:
            raise BadArchive(f"This is not a backup of Daesa: {error}") from error


@contextmanager
def _opened(name: str, stdin: IO[bytes], spool_in: Path) -> Iterator[IO[bytes]]:
    if name != "-":
        try:
            file = Path(name).open("rb")  # noqa: SIM115
        except OSError as error:
            raise BadArchive(f"{name} cannot be read: {error.strerror}") from error
        with file:
            yield file
        return
    with tempfile.TemporaryFile(dir=spool_in) as copy:
        shutil.copyfileobj(stdin, copy, _BLOCK)
        yield copy


def _check_seal(file: IO[bytes]) -> None:
    """Leaves the file at its beginning."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise BadArchive("This is not a backup of Daesa (if it is encrypted, decrypt it first)")
    file.seek(0)
    digest, left = hashlib.sha256(), size - _SEAL
    while left > 0 and (data := file.read(min(left, _BLOCK))):
        digest.update(data)
        left -= len(data)
    if file.read() != digest.hexdigest().encode():
        raise BadArchive(
            "The backup is damaged or incomplete, or not a backup of Daesa: its digest differs"
        )
    file.seek(0)
