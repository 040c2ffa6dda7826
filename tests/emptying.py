"""Empties the database after a transactional test, in place of Django's `flush`, which took 0.2 to
0.5 s on PostgreSQL: it makes the files of all tables and indexes anew, and then looks for each
content type and permission. No test changes those two; all other tables are emptied.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

from config.db.postgresql.base import close_pools

KEPT = {"django_content_type", "auth_permission"}
# The planner counts ten pages for a table that has fewer, so deleted rows that are still in the
# files change no plan.
FEW_PAGES = 10 * 8192


def use_for_transactional_tests() -> None:
    TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]


def prepare_postgresql() -> None:
    """Without waiting for the disk at each commit: no test stops this server. Without automatic
    ANALYZE, after which a test would see the statistics of another test's rows.
    """
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        for table in tables_of_tests():
            cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    connection.close()
    close_pools()


def tables_of_tests() -> list[str]:
    existing = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in existing if name not in KEPT]


def empty_tables(_case: TransactionTestCase) -> None:
    tables = tables_of_tests()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            empty_on_postgresql(cursor, tables)
        else:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608  # Django's own names


def empty_on_postgresql(cursor: CursorWrapper, tables: Sequence[str]) -> None:
    """Waits, as TRUNCATE does, for what still writes. Foreign keys are checked at the end of the
    transaction, so the order does not matter.
    """
    cursor.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
    cursor.execute(
        " UNION ALL ".join(
            f"(SELECT '{table}', pg_relation_size('{table}') FROM {table} LIMIT 1)"  # noqa: S608
            for table in tables
        )
    )
    filled = dict(cursor.fetchall())
    if any(size > FEW_PAGES for size in filled.values()):
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
    elif filled:
        cursor.execute(";".join(f"DELETE FROM {table}" for table in filled))  # noqa: S608
