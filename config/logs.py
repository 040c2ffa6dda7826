"""Filters that keep personal data out of the log, whichever library writes it."""

import logging
from collections.abc import Iterator
from typing import cast

import psycopg2
from django.core.exceptions import SuspiciousOperation
from django.db import Error
from django.http import UnreadablePostError


class DatabaseDetailFilter(logging.Filter):
    """Cuts PostgreSQL's errors to their first line: their DETAIL quotes rows."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            for error in _chain(record.exc_info[1]):
                if isinstance(error, (Error, psycopg2.Error)):
                    error.args = tuple(str(error).splitlines()[:1])
        return True


class RefusedRequestFilter(logging.Filter):
    """Logs a refused request as one warning, without a traceback and without text of the request,
    where Django logs an error with both.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        # The request's text would show the query string, and with it what users search for.
        vars(record).pop("request", None)
        if str(record.msg).startswith("refused: "):  # filtered already, for another handler
            return True
        if record.name == "django.security.csrf" and record.args:
            reason = str(cast("tuple[object, ...]", record.args)[0])
            kind = "csrf, " + reason.partition(" - ")[0]  # followed by addresses
        elif record.name.startswith("django.security."):
            kind = record.name.rpartition(".")[2]
        elif record.exc_info and isinstance(
            record.exc_info[1], (SuspiciousOperation, UnreadablePostError)
        ):
            kind = type(record.exc_info[1]).__name__
        else:
            return True
        record.msg, record.args, record.exc_info = "refused: %s", (kind,), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes."""
    met: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in met:
            met.add(id(one))
            waiting += [one.__cause__, one.__context__]
            yield one
