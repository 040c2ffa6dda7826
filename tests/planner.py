"""Tables as they are after a while in use, for tests that read PostgreSQL's plan."""

from collections.abc import Callable

from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext


def gather_statistics(*models: type[Model]) -> None:
    """ANALYZE; and REINDEX, for what earlier tests have taken back is still in the indexes, and
    makes them look dear.
    """
    with connection.cursor() as cursor:
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"REINDEX TABLE {table}; ANALYZE {table}")


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
