"""Database connections are held during a query or a transaction, never while waiting for another
server, another process or a slow client.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections

from config.db.errors import is_lost_connection

T = TypeVar("T")


def release_connection() -> None:
    """Returns the connection to the pool before a wait; the next query takes one again. On
    PostgreSQL Django's wrapper goes too: it takes 5 kB per waiting thread, and 20 µs to create
    again.
    """
    if not connections.all(initialized_only=True) or connection.in_atomic_block:
        return
    connection.close()
    if connection.vendor == "postgresql":
        del connections[DEFAULT_DB_ALIAS]


def reserve_connection() -> None:
    """Gives the calling thread a connection of its own until it ends, for work that must not wait
    until requests return theirs. It is closed with `connection.close()` as usual, which keeps it
    for the thread's next query.
    """
    if connection.vendor == "postgresql":
        cast("Any", connection).reserve_connection()


def limit_time() -> None:
    """Sets the limits of `DATABASE_LOCK_TIMEOUT` and the like for this process: for servers, not
    for commands.
    """
    if connection.vendor == "postgresql":
        from config.db.postgresql.base import limit_time  # noqa: PLC0415 - needs psycopg2

        limit_time()


def repeated_if_lost(work: Callable[[], T]) -> T:
    """The result of `work`, which is done a second time where its connection to PostgreSQL broke.
    Only for what changes nothing when it is done twice.
    """
    try:
        return work()
    except Error as error:
        if not is_lost_connection(error):
            raise
        return work()
