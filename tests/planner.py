"""Tables as they are after a while in use, for tests that read PostgreSQL's plan."""

from django.db import connection
from django.db.models import Model


def gather_statistics(*models: type[Model]) -> None:
    """ANALYZE; and REINDEX, for what earlier tests have taken back is still in the indexes, and
    makes them look dear.
    """
    with connection.cursor() as cursor:
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"REINDEX TABLE {table}; ANALYZE {table}")
