"""Responses that are sent while they are made."""

from collections.abc import Iterator
from typing import TypeVar

from config.db.connections import release_connection

T = TypeVar("T")


def begun(pieces: Iterator[T]) -> Iterator[T]:
    """The same pieces. The first is made at once, so that what fails before it is an ordinary error
    response; a failure after it breaks the connection off.
    """
    return _continued(next(pieces, None), pieces)


def _continued(first: T | None, rest: Iterator[T]) -> Iterator[T]:
    release_connection()  # which the view may have taken for its headers
    if first is not None:
        yield first
    yield from rest
