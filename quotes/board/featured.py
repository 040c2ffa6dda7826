"""One line of the board: at random, or the line of the day."""

from datetime import date
from random import SystemRandom

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.api.problems import Problem
from quotes.columns import line_values
from quotes.models import LineOfDay, Quote, QuoteQuerySet
from quotes.search.find import Found

_DRAWN = 100  # ids that are drawn for one choice
_random = SystemRandom()


class EmptyBoard(Problem):
    status_code = 404
    default_code = "board_empty"
    default_detail = _("There is no line on the board yet.")


def random_id(drawn_ids: int = _DRAWN, *, language: str = "") -> int:
    """The id of a random line of the board, or of those in a language. Raises `EmptyBoard`.

    Draws a sample of the id range and chooses among those on the board, which costs the same on a
    board of any size. Where none of them is on the board, which happens only when fewer than a few
    percent of the ids are, the first line after a drawn id is taken; lines after a gap are then
    more likely.
    """
    lines = Quote.objects.applied().about(language=language)
    board = lines.order_by("pk").values_list("pk", flat=True)
    first, last = board.first(), board.reverse().first()
    if first is None or last is None:
        raise EmptyBoard
    ids = range(first, last + 1)
    drawn = _random.sample(ids, min(drawn_ids, len(ids)))
    found = list(board.filter(pk__in=drawn)) or list(board.filter(pk__gte=drawn[0])[:1])
    if not found:  # the last ones were taken down meanwhile
        raise EmptyBoard
    return _random.choice(found)


def line_of_the_day(language: str) -> QuoteQuerySet:
    """The line of the day in `TIME_ZONE` for readers of one of the site's languages: a line in that
    language, or any where the board has none. It stays until midnight or until it leaves the board,
    when another is chosen. Raises `EmptyBoard`.
    """
    today = timezone.localdate()
    line = Quote.objects.applied().filter(days__day=today, days__language=language)
    if not line.exists():
        _choose(today, language)
    return line


def found_for_day(language: str) -> list[Found]:
    """The line of the day as a search finds it; none on an empty board."""
    try:
        lines = line_of_the_day(language)
    except EmptyBoard:
        return []
    return [Found(*(*line_values(line), 1.0, 1.0, 1.0)) for line in lines[:1]]


def _choose(day: date, language: str) -> None:
    """Of concurrent requests, the first one decides."""
    try:
        quote = random_id(language=language)
    except EmptyBoard:
        quote = random_id()
    chosen = LineOfDay(day=day, language=language, quote_id=quote)
    lines = LineOfDay.objects.filter(day=day, language=language)
    with transaction.atomic(durable=True):
        lines.filter(quote__is_apply=False).delete()
        LineOfDay.objects.bulk_create([chosen], ignore_conflicts=True)
