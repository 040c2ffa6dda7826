"""Writes a zip archive piece by piece: memory does not grow with it."""

import io
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from accounts.export.sections import File

PART_SIZE = 256 * 1024


class Parts(io.RawIOBase):
    """A stream that hands what is written to `store`, in parts of `PART_SIZE` bytes."""

    def __init__(self, store: Callable[[bytes], None]) -> None:
        super().__init__()
        self._store = store
        self._buffer = bytearray()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) >= PART_SIZE:
            self._store(bytes(self._buffer[:PART_SIZE]))
            del self._buffer[:PART_SIZE]
        return len(data)

    def finish(self) -> None:
        if self._buffer:
            self._store(bytes(self._buffer))
            self._buffer.clear()


def write_archive(files: Iterable[File], *, store: Callable[[bytes], None]) -> int:
    """Hands the archive to `store` in parts; returns its size in bytes."""
    parts = Parts(store)
    with zipfile.ZipFile(parts, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in files:
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
    parts.finish()
    return parts.size
