"""Tables as they are after a while in use, for tests that read PostgreSQL's plan."""

from collections.abc import Callable

from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext


def gather_statistics(*models: type[Model]) -> None:
    """Writes the tables anew, in the order of their keys, and counts what is in them. The rows that
    earlier tests have taken back are otherwise still there, and make each plan cost more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            key = connection.ops.quote_name(f"{model._meta.db_table}_pkey")
            cursor.execute(f"CLUSTER {table} USING {key}; ANALYZE {table}")


def plans_of(get: Callable[[str], object], path: str) -> list[str]:
    """PostgreSQL's plans of all that a request reads."""
    with CaptureQueriesContext(connection) as queries:
        get(path)
    plans = []
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith(("SELECT", "\nWITH")):
                cursor.execute(f"EXPLAIN {query['sql'].replace('%', '%%')}", ())
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
    return plans
