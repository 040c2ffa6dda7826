"""What must not reach the log, whichever library writes it."""

import logging
from collections.abc import Iterator

import psycopg2
from django.db import Error


class RowFilter(logging.Filter):
    """Takes the rows out of PostgreSQL's errors: their DETAIL quotes what people wrote."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            for error in _chain(record.exc_info[1]):
                if isinstance(error, (Error, psycopg2.Error)):
                    error.args = tuple(str(error).splitlines()[:1])
        return True


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those that led to it."""
    met: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in met:
            met.add(id(one))
            waiting += [one.__cause__, one.__context__]
            yield one
