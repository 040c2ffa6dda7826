"""The file `manifest.json` of an archive: which tables it has, and how they are checked."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from config.backup.errors import BadArchive, NewerArchive

NAME = "manifest.json"
FORMAT, VERSION = "daesa-backup", 2
_LONGEST = 16 * 1024 * 1024


@dataclass(frozen=True)
class Table:
    """`rows` lines with these columns, and the SHA-256 of the file. `last_key` is the greatest key
    that was ever given, also to a row that is gone; None where the database gives none.
    """

    columns: list[str]
    rows: int
    sha256: str
    last_key: int | None = None


@dataclass(frozen=True)
class Manifest:
    """`migrations` are those applied, as [app, name]. `key_check` tells whether SECRET_KEY is the
    same as at a restore, without revealing it. `missing_contents` are the keys of attachments whose
    content is not in the archive (format 2).
    """

    release: str
    engine: str
    created_at: datetime
    migrations: list[list[str]]
    key_check: str
    tables: dict[str, Table] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    missing_contents: list[str] = field(default_factory=list)

    def dumps(self) -> bytes:
        head = {"format": FORMAT, "version": VERSION}
        return json.dumps({**head, **asdict(self)}, default=str, indent=1).encode()

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def release() -> str:
    return str(settings.VERSION)


def key_check() -> str:
    """A digest of the present SECRET_KEY. The key is long and random, so that nobody can find it by
    guessing.
    """
    return salted_hmac("config.backup", "SECRET_KEY", algorithm="sha256").hexdigest()[:32]


def file_of(table: str) -> str:
    """The name of a table's file in the archive."""
    return f"tables/{table}.jsonl"


def read(archive: Any) -> Manifest:
    """Raises `BadArchive` or `NewerArchive`."""
    with archive.open(NAME) as file:
        text = file.read(_LONGEST)
    try:
        given = json.loads(text)
        if given.pop("format") != FORMAT:
            raise BadArchive("This is not a backup of Daesa")
        if given.pop("version") > VERSION:
            raise NewerArchive(
                "The backup has a newer format: restore it with the release that made it"
            )
        tables = {name: Table(**table) for name, table in given.pop("tables").items()}
        created_at = datetime.fromisoformat(given.pop("created_at"))
        return Manifest(**given, tables=tables, created_at=created_at)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadArchive(f"This is not a backup of Daesa: {NAME} cannot be read") from error
