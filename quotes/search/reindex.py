"""Recomputes the tokens of lines that have those of an older tokenizer version, in batches."""

from collections.abc import Iterator

from config.batches import ROWS, batch
from quotes.models import Quote
from quotes.search.index import optimize, rebuild
from quotes.text.tokenizer import VERSION

BATCH_SIZE = ROWS


def mark_all() -> None:
    """Marks every line as outdated. SQLite's index is rebuilt from the stored tokens first."""
    rebuild()
    Quote.objects.update(search_version=0)


def reindex(batch_size: int = BATCH_SIZE) -> Iterator[tuple[int, int]]:
    """Recomputes the outdated lines. After each batch, yields how many are done and how many are
    left.

    Each batch is a transaction of its own. An edit meanwhile writes the line's tokens itself.
    """
    outdated = Quote.objects.exclude(search_version=VERSION)
    left, done = outdated.count(), 0
    while quotes := list(outdated.order_by("pk")[:batch_size]):
        with batch():
            for quote in quotes:
                same = Quote.objects.filter(pk=quote.pk, version=quote.version, gloss=quote.gloss)
                same.update(**quote.derived())
        done += len(quotes)
        yield done, max(0, left - done)
    optimize()
