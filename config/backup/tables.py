"""The tables of a database as the applied migrations have made them, and which of them belong to a
backup.
"""

from collections.abc import Iterable
from typing import Any

from django.db.migrations.loader import MigrationLoader

# What only the running servers need, and what can be made again: leases and the times of the last
# tasks, which replies are given again, and the archives of their data that users have asked for,
# which expire after three days.
LEFT_OUT = {
    *("chat_lease", "chat_storedanswer"),
    *("accounts_dataexport", "accounts_dataexportpart"),
}

Key = tuple[str, str]


def applied(loader: MigrationLoader, recorded: Iterable[Key]) -> set[Key]:
    """Those of this release's migrations that are among the recorded ones, or replace some of them
    that all are.
    """
    recorded = set(recorded)
    return {
        key
        for key, migration in loader.graph.nodes.items()
        if key in recorded or (migration.replaces and recorded.issuperset(migration.replaces))
    }


def models_of(loader: MigrationLoader, migrations: Iterable[Key]) -> dict[str, Any]:
    """The models of the state after these migrations, by their tables, in the order of names."""
    chosen = set(migrations)
    state = loader.project_state([key for key in loader.graph.nodes if key in chosen])
    models = {
        model._meta.db_table: model  # noqa: SLF001
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy  # noqa: SLF001
    }
    return dict(sorted(models.items()))


def stored(models: dict[str, Any]) -> dict[str, Any]:
    return {table: model for table, model in models.items() if table not in LEFT_OUT}
