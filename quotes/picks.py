"""One line out of all that are on the board: at random, and the same for everybody on a day."""

from datetime import date
from random import SystemRandom

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.api.problems import Problem
from quotes.models import DailyLine, Quote, QuoteQuerySet

_DRAWN = 100  # ids that a choice looks at
_dice = SystemRandom()


class EmptyBoard(Problem):
    status_code = 404
    default_code = "board_empty"
    default_detail = _("There is no line on the board yet.")


def random_id() -> int:
    """The id of a line of the board, each as likely as the others. Raises `EmptyBoard`.

    Ids are drawn until one is on the board, all at once; so it costs the same on a board of any
    size. Where fewer than a few in a hundred lines are applied, the next one after a drawn id is
    taken, and those after a gap are likelier.
    """
    board = Quote.objects.applied().order_by("pk").values_list("pk", flat=True)
    first, last = board.first(), board.reverse().first()
    if first is None or last is None:
        raise EmptyBoard
    ids = range(first, last + 1)
    drawn = _dice.sample(ids, min(_DRAWN, len(ids)))
    found = list(board.filter(pk__in=drawn)) or list(board.filter(pk__gte=drawn[0])[:1])
    if not found:  # it was taken down since
        raise EmptyBoard
    return _dice.choice(found)


def of_today() -> QuoteQuerySet:
    """The line of this day in `TIME_ZONE`, which stays it until midnight or until it leaves the
    board; then there is another. Raises `EmptyBoard`.
    """
    today = timezone.localdate()
    line = Quote.objects.applied().filter(days__day=today)
    if not line.exists():
        _choose(today)
    return line


def _choose(day: date) -> None:
    """Of several who choose at once, the first decides."""
    chosen = DailyLine(day=day, quote_id=random_id())
    with transaction.atomic(durable=True):
        DailyLine.objects.filter(day=day, quote__is_apply=False).delete()
        DailyLine.objects.bulk_create([chosen], ignore_conflicts=True)
