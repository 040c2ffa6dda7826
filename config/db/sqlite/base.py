"""Django's SQLite backend, which keeps connections for the next request or thread.

A new connection reads the whole schema before its first statement, which takes more CPU than all
statements of a question (figures in bench/README.md).
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

from django.db.backends.sqlite3 import base

MOST_KEPT = 16  # each holds up to three open files

# Name, device and inode. The name, because it is that of the log of writes, too; and while a
# connection is kept, no other file can get the inode.
_File = tuple[str, int, int]

_kept: list[tuple[_File, Any]] = []
_of_parent: list[tuple[_File, Any]] = []


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: WeakSet[Any] = WeakSet()  # of the connection that is open
        self._file: _File | None = None  # as it was before the connection was opened

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._cursors = WeakSet()
        self._file = _file_of(str(conn_params["database"]))
        return _take(self._file) or super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        self._cursors.add(cursor)
        return cursor

    def _close(self) -> None:
        if self.errors_occurred:
            _close_kept(self._file)  # what has failed here may concern all of them
        elif self.connection is not None and self._file and not self.connection.in_transaction:
            # One that is not read to its end would hold the database as it was at its beginning.
            for cursor in self._cursors:
                cursor.close()
            _keep(self._file, self.connection)
            return
        super()._close()  # type: ignore[misc]


def close_kept(path: Path) -> None:
    """Closes the kept connections to a database file, which is then without a log of writes unless
    others use it.
    """
    _close_kept(_file_of(str(path)))


def _close_kept(file: _File | None) -> None:
    while connection := _take(file):
        connection.close()


def _keep(file: _File, connection: Any) -> None:
    _kept.append((file, connection))
    if len(_kept) > MOST_KEPT:
        _, oldest = _kept.pop(0)
        oldest.close()


def _take(file: _File | None) -> Any:
    """The connection to this file that was used last, so that the others can be closed as the
    oldest; None if none is kept.
    """
    for one in reversed(_kept):
        if one[0] == file:
            with suppress(ValueError):  # another thread has taken it meanwhile
                _kept.remove(one)
                return one[1]
    return None


def _file_of(name: str) -> _File | None:
    try:
        found = Path(name).stat()
    except (OSError, ValueError):
        return None
    return name, found.st_dev, found.st_ino


def _leave_to_parent() -> None:
    """SQLite's connections must not even be closed in a process that was forked from theirs."""
    _of_parent.extend(_kept)
    _kept.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
