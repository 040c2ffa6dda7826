"""One line of the board: at random, or the line of the day."""

from datetime import date
from random import SystemRandom

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.api.problems import Problem
from quotes.models import DailyLine, Quote, QuoteQuerySet

_DRAWN = 100  # ids that are drawn for one choice
_random = SystemRandom()


class EmptyBoard(Problem):
    status_code = 404
    default_code = "board_empty"
    default_detail = _("There is no line on the board yet.")


def random_id(drawn_ids: int = _DRAWN) -> int:
    """The id of a random line of the board. Raises `EmptyBoard`.

    Draws a sample of the id range and chooses among those on the board, which costs the same on a
    board of any size. Where none of them is on the board, which happens only when fewer than a few
    percent of the ids are, the first line after a drawn id is taken; lines after a gap are then
    more likely.
    """
    board = Quote.objects.applied().order_by("pk").values_list("pk", flat=True)
    first, last = board.first(), board.reverse().first()
    if first is None or last is None:
        raise EmptyBoard
    ids = range(first, last + 1)
    drawn = _random.sample(ids, min(drawn_ids, len(ids)))
    found = list(board.filter(pk__in=drawn)) or list(board.filter(pk__gte=drawn[0])[:1])
    if not found:  # the last ones were taken down meanwhile
        raise EmptyBoard
    return _random.choice(found)


def todays_line() -> QuoteQuerySet:
    """The line of the day in `TIME_ZONE`. It stays until midnight or until it leaves the board,
    when another is chosen. Raises `EmptyBoard`.
    """
    today = timezone.localdate()
    line = Quote.objects.applied().filter(days__day=today)
    if not line.exists():
        _choose(today)
    return line


def _choose(day: date) -> None:
    """Of concurrent requests, the first one decides."""
    chosen = DailyLine(day=day, quote_id=random_id())
    with transaction.atomic(durable=True):
        DailyLine.objects.filter(day=day, quote__is_apply=False).delete()
        DailyLine.objects.bulk_create([chosen], ignore_conflicts=True)
