"""Backups in memory, and empty databases to restore them into."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config import environment
from config.backup import archive, checks, rows, tables
from config.backup.dump import dump
from config.backup.progress import Progress
from config.backup.restore import restore
from config.db.other_database import default_is
from tests.environment import SETTINGS
from tests.faults.prepared import new_database

# PostgreSQL and SQLite from PostgreSQL; a run on SQLite has SQLite alone.
ENGINES = pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)


def silent() -> Progress:
    return Progress(io.StringIO())


def backup() -> bytes:
    file = io.BytesIO()
    dump(file, silent())
    return file.getvalue()


@contextmanager
def opened(made: bytes) -> Iterator[zipfile.ZipFile]:
    with archive.reading("-", io.BytesIO(made), spool_in=Path(SETTINGS["DATA_DIR"])) as found:
        yield found


def check(made: bytes) -> Any:
    with opened(made) as found:
        return checks.checked(found, silent())


def restored(made: bytes) -> Any:
    with opened(made) as found:
        return restore(found, silent())


@contextmanager
def empty_database(engine: str, directory: Path) -> Iterator[dict[str, Any]]:
    """Within the block it is the default database."""
    with new_database(SETTINGS["DATABASE_URL"] if engine == "postgresql" else "") as made:
        url = made or f"sqlite:///{directory / 'restored.sqlite3'}"
        given = environment.database(url, data_dir=directory, pool=5, limits="")
        with default_is({**connection.settings_dict, **given}):
            yield given


def contents() -> dict[str, list[bytes]]:
    """The rows of each table that belongs to a backup."""
    loader = MigrationLoader(connection)
    models = tables.models_of(loader, tables.applied(loader, loader.applied_migrations))
    return {name: list(rows.lines_of(model)) for name, model in tables.stored(models).items()}


def rewritten(made: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """An archive with a valid seal, whose files `change` makes of their names and contents."""
    file = io.BytesIO()
    with opened(made) as found, archive.writing(file) as written:
        for name in found.namelist():
            written.writestr(name, change(name, found.read(name)))
    return file.getvalue()
