"""Restoring a backup, made by this release or an older one, of SQLite or PostgreSQL, into an empty
database. Nobody sees its rows before all of them are restored and compared with the backup.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from chat.models import Reply, Status
from chat.turns.errors import TurnInterrupted
from chat.turns.finish import fail_turn
from config.backup import checks, contents, rows, tables
from config.backup.errors import BadArchive, BadTarget
from config.backup.manifest import Manifest, Table, key_check
from config.backup.progress import Progress
from config.backup.scratch import Scratch, check_is_empty, scratch
from config.db.errors import first_line
from config.db.migration_state import difference
from config.db.preparing import one_at_a_time
from config.db.sql import execute, fetch_all, is_postgresql
from quotes.search.index import ensure_index

OTHER_KEY = (
    "The backup was made with another SECRET_KEY. With the present one, all sessions and tokens "
    "are invalid, and authenticator apps and recovery codes are not accepted"
)
_FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""


def restore(archive: zipfile.ZipFile, progress: Progress) -> Manifest:
    """Raises `Refused`; then the database is as empty as it was."""
    check_is_empty()
    found = checks.checked(archive, progress)
    with one_at_a_time():
        check_is_empty()
        target = scratch("restore")
        with target.dropping():
            _fill(target, archive, found, progress)
            with contents.restored(archive, found, progress):
                target.publish()
        if is_postgresql():
            execute("ANALYZE")
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
    _warn(found, progress)
    return found


def rehearse(archive: zipfile.ZipFile, progress: Progress) -> Manifest:
    """Restores beside the database, and drops the result. Raises `Refused`, also where the restored
    ledger is not exact.
    """
    found = checks.checked(archive, progress)
    target = scratch("rehearsal")
    with one_at_a_time("rehearsal"), target.dropping():
        _fill(target, archive, found, progress)
        with target.working():
            if difference := ledger_difference():
                raise BadTarget(difference)
    _warn(found, progress)
    return found


def ledger_difference() -> str:
    """What `check_ledger` says of the default database; "" where it is exact."""
    try:
        call_command("check_ledger", stdout=StringIO())
    except CommandError as error:
        return str(error)
    return ""


def _warn(found: Manifest, progress: Progress) -> None:
    if found.key_check != key_check():
        progress.say(f"Warning: {OTHER_KEY}")


def _fill(target: Scratch, archive: zipfile.ZipFile, found: Manifest, progress: Progress) -> None:
    """All steps. Where the database refuses one, the rows of the archive do not fit its tables."""
    with target.working():
        try:
            models = _migrate_as(found)
            _check_tables(models, found)
            _load(models, archive, found, progress)
            _compare(models, found, progress)
            _migrate_on()
            _set_last_keys(found)
            _end_lost_answers(progress)
            ensure_index()
            _close_file()
        except DatabaseError as error:
            raise BadTarget(f"The database refuses the backup: {first_line(error)}") from error


# --- The tables ---------------------------------------------------------------------------------


def _migrate_as(found: Manifest) -> dict[str, Any]:
    """Makes the tables as those of the backup were; returns their models."""
    executor = MigrationExecutor(connection)
    wanted = tables.applied(executor.loader, {(app, name) for app, name in found.migrations})
    full = executor.migration_plan(executor.loader.graph.leaf_nodes())
    plan = [step for step in full if (step[0].app_label, step[0].name) in wanted]
    executor.migrate(None, plan=plan)
    return tables.stored(tables.models_of(executor.loader, wanted))


def _check_tables(models: dict[str, Any], found: Manifest) -> None:
    columns = {name: rows.columns_of(model) for name, model in models.items()}
    if columns != {name: table.columns for name, table in found.tables.items()}:
        raise BadArchive(
            "This is not a backup of Daesa: its tables are not those of its migrations"
        )


def _migrate_on() -> None:
    """To this release's tables."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    if found := difference(connection):
        raise BadTarget(found)


# --- The rows -----------------------------------------------------------------------------------


def _load(
    models: dict[str, Any], archive: zipfile.ZipFile, found: Manifest, progress: Progress
) -> None:
    """Tables refer to each other in cycles, so references are checked after all rows are loaded."""
    with _references_later():
        for name, model in models.items():
            with transaction.atomic(durable=True):
                _load_table(model, checks.lines(archive, name), found.tables[name], progress)


def _load_table(model: Any, lines: Iterator[bytes], table: Table, progress: Progress) -> None:
    """Replaces the rows that migrations have inserted."""
    name = model._meta.db_table  # noqa: SLF001
    execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608
    for done in rows.insert(model, lines):
        progress.step(f"restoring {name}", done, table.rows)
    rows.set_last_key(model, table.last_key)


@contextmanager
def _references_later() -> Iterator[None]:
    """PostgreSQL: foreign keys are dropped and created again, which is faster than checking each
    row. SQLite: they are switched off, and checked at the end.
    """
    if not is_postgresql():
        connection.disable_constraint_checking()
        yield
        connection.enable_constraint_checking()
        connection.check_constraints()
        return
    keys = fetch_all(_FOREIGN_KEYS)
    for table, name, _ in keys:
        execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in keys:
        execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _compare(models: dict[str, Any], found: Manifest, progress: Progress) -> None:
    for name, model in models.items():
        table = found.tables[name]
        if checks.digest(rows.lines_of(model)) != (table.rows, table.sha256):
            raise BadTarget(f"The restored table {name} differs from the backup")
        progress.end(f"restored {name}", table.rows)


def _set_last_keys(found: Manifest) -> None:
    """Once more, since a migration that copies a table forgets the keys of deleted rows."""
    models = tables.models_of(loader := MigrationLoader(connection), loader.graph.nodes)
    for name, table in found.tables.items():
        if name in models:
            rows.set_last_key(models[name], table.last_key)


def _end_lost_answers(progress: Progress) -> None:
    """No process goes on with the answers that were being written when the backup was made."""
    count = 0
    while lost := list(Reply.objects.filter(status=Status.STREAMING).order_by("pk")[: rows.PAGE]):
        for reply in lost:
            fail_turn(reply, failure=TurnInterrupted(), content=reply.content)
        count += len(lost)
    progress.end("unfinished answers, ended as interrupted", count)


def _close_file() -> None:
    """SQLite: moves what is in the write-ahead log into the file itself."""
    if not is_postgresql():
        execute("PRAGMA wal_checkpoint(TRUNCATE)")
