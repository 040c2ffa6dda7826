"""The daily budget of units for all users together (`SITE_DAILY_LIMIT`). Where that is 0 it is off,
and no row is read or written.

A unit of the site is taken in the statement or transaction that takes the user's unit, and always
after it: user row, the user's day, the site's day. Each refund updates the last two in the same
order, so that no two transactions deadlock.

Two checks make it exact. The statement that takes the user's unit takes none where the site's row,
as it was when the statement began, has nothing left; so a used-up budget costs no lock. Where
several requests pass that check at once, the constraint `siteusage_within_budget` refuses those
beyond the budget, and with it the whole statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from chat import metrics
from chat.models import SiteUsage
from chat.turns.errors import SiteLimitReached
from config.api.times import midnight_after
from config.db.constraints import violates
from config.db.sql import fetch_all

# A condition for the statement that takes the user's unit.
HAS_UNITS_LEFT = (
    "%s > (SELECT coalesce(max(used), 0) FROM chat_siteusage WHERE chat_siteusage.day = %s)"
)
USED = "(SELECT used FROM chat_siteusage WHERE chat_siteusage.day = %s)"
_CONSTRAINT = "siteusage_within_budget"
_TAKE = """
INSERT INTO chat_siteusage (day, used, budget) SELECT %s, 1, %s {source}
ON CONFLICT (day) DO UPDATE SET used = chat_siteusage.used + 1, budget = excluded.budget
RETURNING used
"""


def is_on() -> bool:
    return bool(settings.SITE_DAILY_LIMIT)


def condition(day: date) -> list[Any]:
    """The values of `HAS_UNITS_LEFT`."""
    return [settings.SITE_DAILY_LIMIT, day]


def take(day: date) -> int:
    """Take a unit; returns the units used then. Raises `SiteLimitReached`."""
    with raising_limit():
        [(used,)] = fetch_all(*take_statement(day))
    return int(used)


def take_statement(day: date, *, source: str = "WHERE true") -> tuple[str, list[Any]]:
    """The statement that takes a unit if `source` has a row, with its values. It returns the units
    used then. Run it in `raising_limit`.
    """
    return _TAKE.format(source=source), [day, settings.SITE_DAILY_LIMIT]


@contextmanager
def raising_limit() -> Iterator[None]:
    """Raises `SiteLimitReached` where the constraint refuses a unit."""
    try:
        yield
    except IntegrityError as error:
        if violates(error, SiteUsage, _CONSTRAINT):
            raise refusal() from None
        raise


def refusal() -> SiteLimitReached:
    metrics.site_refused()
    return SiteLimitReached(resets_at=midnight_after(timezone.localdate()))


def give_back(day: date) -> None:
    """Return a unit to the day it was taken from. Call it after the user's was returned."""
    SiteUsage.objects.filter(day=day, used__gt=0).update(used=F("used") - 1)


def left(used: int | None) -> int:
    """Units left where `used` have been taken; None where the day has no row yet."""
    return max(0, settings.SITE_DAILY_LIMIT - (used or 0))


def record_use() -> None:
    """Set the metrics of today's use."""
    today = SiteUsage.objects.filter(day=timezone.localdate())
    used = today.values_list("used", flat=True).first() or 0
    metrics.site_units(used=used, limit=settings.SITE_DAILY_LIMIT)
