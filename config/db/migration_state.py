"""Whether the tables are what the recorded migrations say, so that a start does not fail midway, or
run on tables of another release.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

_Tables = Mapping[str, set[str]]  # the columns of each

_NEWER = (
    "The database has migrations of a newer release ({what}). Run that release, or restore a "
    "backup from before its upgrade"
)
_SEE = "Restore a backup, and see Upgrades in docs/deployment.md"
_MISSING = f"The database is not what its migrations say: {{what}} missing. {_SEE}"
_UNRECORDED = (
    "The database is not what its migrations say: {what} there already, and no migration that made "
    f"it is recorded. {_SEE}"
)


def difference(connection: Any) -> str:
    """What differs and what to do, in one line; "" if the tables are what the recorded migrations
    say. Tables and columns that no migration knows are ignored.
    """
    loader = MigrationLoader(connection)
    if unknown := newer(loader, loader.applied_migrations):
        return _NEWER.format(what=", ".join(unknown))
    try:
        loader.check_consistent_history(connection)
    except InconsistentMigrationHistory as error:
        return str(error)
    made = _tables_of(loader.project_state(_applied(loader)))
    planned = _tables_of(loader.project_state())
    found = _tables_in(connection, planned.keys() | made.keys())
    if missing := _named(made, without=found):
        return _MISSING.format(what=_some(missing))
    if unrecorded := _named(_both(planned, found), without=made):
        return _UNRECORDED.format(what=_some(unrecorded))
    return ""


def newer(loader: MigrationLoader, applied: Iterable[tuple[str, str]]) -> list[str]:
    """Applied migrations that come after all known ones of their app. Earlier ones that are unknown
    were merged into others by a library.
    """
    last: dict[str, str] = {}
    for app, name in loader.disk_migrations:
        last[app] = max(name, last.get(app, ""))
    return [f"{app}.{name}" for app, name in sorted(applied) if name > last.get(app, name)]


def _applied(loader: MigrationLoader) -> list[tuple[str, str]]:
    return [key for key in loader.graph.nodes if key in loader.applied_migrations]


def _tables_of(state: ProjectState) -> _Tables:
    models = state.apps.get_models(include_auto_created=True)
    return {
        model._meta.db_table: {str(field.column) for field in model._meta.local_concrete_fields}  # noqa: SLF001
        for model in models
        if model._meta.managed and not model._meta.proxy  # noqa: SLF001
    }


def _tables_in(connection: Any, names: Iterable[str]) -> _Tables:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        return {
            name: {
                column.name
                for column in connection.introspection.get_table_description(cursor, name)
            }
            for name in there & set(names)
        }


def _both(tables: _Tables, others: _Tables) -> _Tables:
    return {name: columns & others[name] for name, columns in tables.items() if name in others}


def _named(tables: _Tables, *, without: _Tables) -> list[str]:
    """The tables that `without` lacks, and the columns that its tables lack."""
    found = []
    for table, columns in sorted(tables.items()):
        if table not in without:
            found.append(f"the table {table}")
        else:
            found += [f"the column {table}.{name}" for name in sorted(columns - without[table])]
    return found


def _some(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} is"
    return f"{names[0]} and {len(names) - 1} more are"
