"""The migrations make the tables that the models describe, are never edited once they are here, and
do not keep the release before from writing.
"""

import hashlib
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import migrations, models

from config.db.operations import AddIndexBesideWrites

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "chat", "quotes")
HASHES = Path(__file__).with_name("migrations.sha256")
# Written before there was `AddIndexBesideWrites`.
BLOCKING = {
    "quotes/migrations/0002_searchable.py",
    "quotes/migrations/0003_likes_filters_and_daily_lines.py",
    "quotes/migrations/0006_own_lines_off_the_board.py",
}  # The table has the rows of one day.
SMALL = {"chat/migrations/0011_idempotency_key_of_reply.py"}

BLOCKING_SQL = re.compile(r"create\s+(unique\s+)?index(?!\s+concurrently)", re.IGNORECASE)


def migration_files() -> list[Path]:
    found = (path for app in APPS for path in (ROOT / app / "migrations").glob("[0-9]*.py"))
    return sorted(path.relative_to(ROOT) for path in found)


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration(capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


# --- Frozen -------------------------------------------------------------------------------------


def changes_of(committed: dict[str, str], here: dict[str, str]) -> list[str]:
    """What is wrong with the migrations that are here, each in one line."""
    edited = [
        f"{path} was edited. A database that has applied it keeps what it said before: undo the "
        "edit and write a new migration"
        for path in committed.keys() & here.keys()
        if committed[path] != here[path]
    ]
    gone = [
        f"{path} is gone or renamed. Databases that have applied it would not know where they are"
        for path in committed.keys() - here.keys()
    ]
    new = [
        f"{path} is new. From now on it is not edited: add the line of `sha256sum {path}` to "
        f"{HASHES.relative_to(ROOT)}"
        for path in here.keys() - committed.keys()
    ]
    return sorted(edited + gone + new)


def test_migrations_are_frozen():
    lines = [line.split() for line in HASHES.read_text().splitlines()]
    here = {
        path.as_posix(): hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
        for path in migration_files()
    }
    assert changes_of({path: digest for digest, path in lines}, here) == []


def test_what_the_guard_of_frozen_migrations_says():
    said = changes_of({"a/1.py": "x", "a/2.py": "y"}, {"a/1.py": "z", "a/3.py": "w"})
    assert [
        line.partition(".py")[0] + line.partition(".py")[2].partition(".")[0] for line in said
    ] == [
        "a/1 was edited",
        "a/2 is gone or renamed",
        "a/3 is new",
    ]


# --- Indexes of tables in use -------------------------------------------------------------------


def blocking(operations: list) -> list[str]:
    """The operations that keep others from writing for as long as an index is built. A table that
    is made by the same migration has no rows.
    """
    new = {one.name_lower for one in operations if isinstance(one, migrations.CreateModel)}
    return [
        type(one).__name__
        for one in operations
        if _builds_an_index(one) and getattr(one, "model_name", "").lower() not in new
    ]


def _builds_an_index(one: Any) -> bool:
    if isinstance(one, migrations.AddIndex):
        return not isinstance(one, AddIndexBesideWrites)
    if isinstance(one, migrations.AddConstraint):
        return isinstance(one.constraint, models.UniqueConstraint)
    if isinstance(one, migrations.AddField):
        field: Any = one.field  # a foreign key has an index, too
        return field.db_index or field.unique
    if isinstance(one, migrations.RunSQL):
        return bool(
            re.search(r"create\s+(unique\s+)?index(?!\s+concurrently)", str(one.sql), re.IGNORECASE)
        )
    return isinstance(one, migrations.AlterUniqueTogether)


def test_no_migration_builds_an_index_while_others_wait_to_write():
    found = {}
    for path in migration_files():
        module = import_module(".".join(path.with_suffix("").parts))
        if blocked := blocking(module.Migration.operations):
            found[path.as_posix()] = blocked
    assert found.keys() == BLOCKING | SMALL, "use config.db.operations.AddIndexBesideWrites"


INDEX = models.Index(fields=["a"], name="by_a")
ONCE = models.UniqueConstraint(fields=["a"], name="once")
NUMBER = models.IntegerField


@pytest.mark.parametrize(
    ("operation", "blocks"),
    [
        (migrations.AddIndex("Old", INDEX), True),
        (migrations.AddIndex("New", INDEX), False),
        (AddIndexBesideWrites("Old", INDEX), False),
        (migrations.AddConstraint("Old", ONCE), True),
        (migrations.AddConstraint("New", ONCE), False),
        (migrations.AddField("Old", "a", NUMBER(null=True)), False),
        (migrations.AddField("Old", "a", NUMBER(null=True, db_index=True)), True),
        (migrations.AddField("Old", "a", NUMBER(null=True, unique=True)), True),
        (migrations.RunSQL("CREATE  UNIQUE index by_a ON old (a)"), True),
        (migrations.RunSQL("create index concurrently by_a ON old (a)"), False),
    ],
)
def test_what_the_guard_of_indexes_takes_for_blocking(operation, blocks):
    new = migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))])
    assert bool(blocking([new, operation])) == blocks
