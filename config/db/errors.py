"""Which errors say that the database is away, full, or too slow.

    django.db.Error
    ├── InterfaceError          the connection was closed already; not a DatabaseError
    └── DatabaseError
        └── OperationalError    no connection, a lost one, a full disk, a lock or time limit

To catch whatever the database raises, catch `django.db.Error`.
"""

from typing import Any

from django.db import InterfaceError, OperationalError

UNAVAILABLE = (OperationalError, InterfaceError)


def first_line(error: BaseException) -> str:
    """What an error says, without the details that PostgreSQL adds in further lines."""
    return next(iter(str(error).splitlines()), type(error).__name__)


_SHUTDOWN = ("57P01", "57P02")  # the server ended the connection: by command, or after a crash
_CONNECTION = "08"  # the class of connection exceptions


def is_lost_connection(error: BaseException) -> bool:
    """Whether a statement failed because its connection to PostgreSQL broke: it is then not known
    whether the statement was executed. Errors of libpq itself have no SQLSTATE.
    """
    cause: Any = error.__cause__
    if not isinstance(error, UNAVAILABLE) or not hasattr(cause, "pgcode"):
        return False
    code: str | None = cause.pgcode
    return code is None or code in _SHUTDOWN or code.startswith(_CONNECTION)
