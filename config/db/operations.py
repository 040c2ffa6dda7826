"""Operations for migrations of tables that are in use while they are migrated."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import AddIndex

_IS_INVALID = (
    "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s)) AND NOT indisvalid"
)


class AddIndexBesideWrites(AddIndexConcurrently):
    """Builds an index while rows are written: on PostgreSQL by CREATE INDEX CONCURRENTLY, which
    needs `atomic = False` in the migration. SQLite has no such thing and builds it as usual.

    A build that was interrupted leaves an index that PostgreSQL does not use. It is dropped first.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        drop_invalid_index(schema_editor.connection, self.index.name)
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


def drop_invalid_index(connection: Any, name: str) -> None:
    """Drops what an interrupted CREATE INDEX CONCURRENTLY has left under this name, on PostgreSQL.
    Not in a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IS_INVALID, [name])
        if cursor.fetchone():
            cursor.execute(f"DROP INDEX CONCURRENTLY {connection.ops.quote_name(name)}")
