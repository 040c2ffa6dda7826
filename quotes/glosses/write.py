"""Which lines have no gloss, and the statements that store, change and remove one.

The words of staff take precedence: the statement that stores a model's gloss names the version
that was read, so it changes nothing where staff or the submitter have changed the line meanwhile. A
gloss is searched and embedded, so its tokens are written with it, and the vector of the line is
deleted.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.db import transaction
from django.utils import timezone

from config.batches import ROWS, batch, divided
from config.db.connections import release_connection
from quotes.columns import SEARCHED
from quotes.glosses import asking
from quotes.glosses.asking import Asking, Patience
from quotes.glosses.checks import Unusable, gloss_from
from quotes.models import Meaning, Quote, QuoteQuerySet
from quotes.progress import Phase, Progress

_READ = ("pk", *SEARCHED, "language", "version", "gloss_reviewed_at")


def waiting() -> QuoteQuerySet:
    """The applied lines without a gloss for which a model may be asked."""
    return Quote.objects.applied().filter(gloss="", gloss_reviewed_at=None)


def read_waiting(*, language: str = "", limit: int | None = None) -> Iterator[Quote]:
    """The waiting lines, oldest first, read in batches when they are needed."""
    lines = waiting().about(language=language).order_by("pk").only(*_READ)
    last, left = 0, limit
    while left is None or left > 0:
        size = ROWS if left is None else min(ROWS, left)
        some = list(lines.filter(pk__gt=last)[:size])
        release_connection()
        yield from some
        if len(some) < size:
            return
        last, left = some[-1].pk, None if left is None else left - size


def read_chosen(keys: Iterable[int]) -> Iterator[Quote]:
    """Those of these lines that wait for a gloss."""
    lines = waiting().order_by("pk").only(*_READ)
    return chain.from_iterable(list(lines.filter(pk__in=some)) for some in divided(sorted(keys)))


@dataclass
class Tally:
    """How many glosses are stored, and why the other lines that were asked for have none."""

    stored: int = 0
    without: Counter[str] = field(default_factory=Counter)

    @property
    def asked(self) -> int:
        return self.stored + self.without.total()

    def reasons(self) -> str:
        return ", ".join(f"{count} {why}" for why, count in self.without.most_common())


def write_glosses(  # noqa: PLR0913 - each is a choice of its own
    lines: Iterable[Quote],
    *,
    total: int,
    tally: Tally,
    at_once: int = asking.AT_ONCE,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> Generator[None, None, None]:
    """Asks for a gloss of each line and stores it at once, so it can be interrupted at any point.
    Counts in `tally`, and yields after each line. Raises `ModelAway`, and what `progress` raises.
    """
    progress, model = progress or Progress(), asking.model()
    for outcome in Asking(lines, at_once=at_once, patience=patience):
        progress.step(Phase.GLOSS, tally.asked, total)
        if outcome.line is None:
            continue
        why = outcome.why or _take(outcome.line, outcome.text, model, progress)
        if why:
            tally.without[why] += 1
        else:
            tally.stored += 1
        release_connection()
        yield


def _take(line: Quote, text: str, model: str, progress: Progress) -> str:
    """Stores the gloss; returns why not, if it cannot."""
    try:
        gloss = gloss_from(text, line)
    except Unusable as unusable:
        return str(unusable)
    with batch():
        if not store_models_gloss(line, gloss, model=model):
            return "changed meanwhile"
        progress.changed(1)
    return ""


def store_models_gloss(line: Quote, gloss: str, *, model: str) -> bool:
    """Call it in a transaction. False where the line was changed, or got a gloss, since it was
    read.
    """
    same = waiting().filter(pk=line.pk, version=line.version)
    return _store(line, same, gloss=gloss, gloss_by=model, gloss_reviewed_at=None)


def review_gloss(line: Quote, gloss: str) -> bool:
    """Stores the decision of staff. The same gloss is confirmed, and stays the model's; a changed
    one counts as theirs; after an empty one no model is asked. False where the line has another
    text or gloss than the page has shown.
    """
    by = line.gloss_by if gloss == line.gloss else ""
    with transaction.atomic(durable=True):
        return _store(line, _seen(line), gloss=gloss, gloss_by=by, gloss_reviewed_at=timezone.now())


def forget_gloss(line: Quote) -> bool:
    """Removes the gloss, so that a model is asked for another one. False as in `review_gloss`."""
    with transaction.atomic(durable=True):
        return _store(line, _seen(line), gloss="", gloss_by="", gloss_reviewed_at=None)


def _seen(line: Quote) -> QuoteQuerySet:
    return Quote.objects.filter(pk=line.pk, version=line.version, gloss=line.gloss)


def _store(line: Quote, same: QuoteQuerySet, **columns: object) -> bool:
    for name, value in columns.items():
        setattr(line, name, value)
    stored = bool(same.update(**columns, **line.derived()))
    if stored:
        Meaning.objects.filter(quote=line.pk).delete()
    return stored
