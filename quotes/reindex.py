"""Tokens of the present version for lines that have older ones, some at a time."""

from collections.abc import Iterator

from django.db import transaction

from quotes.index import gather, refill
from quotes.models import Quote
from quotes.tokens import VERSION

AT_ONCE = 1000


def mark_all() -> None:
    """Makes every line one that waits for its tokens, and SQLite's index that of the tokens."""
    refill()
    Quote.objects.update(search_version=0)


def reindex() -> Iterator[tuple[int, int]]:
    """Works off the waiting lines; after each lot gives how many are done, and how many are left.

    Each lot is a transaction of its own. A line that is edited meanwhile gets its tokens by that.
    """
    waiting = Quote.objects.exclude(search_version=VERSION)
    left, done = waiting.count(), 0
    while lot := list(waiting.order_by("pk")[:AT_ONCE]):
        with transaction.atomic(durable=True):
            for quote in lot:
                same = Quote.objects.filter(pk=quote.pk, version=quote.version)
                same.update(**quote.derived())
        done += len(lot)
        yield done, max(0, left - done)
    gather()
