"""When a database connection is held: for a query or a transaction, never for a wait."""

from django.db import connection


def release_connection() -> None:
    """Hand the connection back before a wait; the next query takes one again."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()
