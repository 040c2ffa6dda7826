"""Times in the site's time zone, as every endpoint returns them."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.timezone import get_default_timezone


def local(moment: datetime) -> datetime:
    """In the site's zone, which is the same for all users. `timezone.localtime` would look up the
    request's zone each time: 7 µs instead of 1, a seventh of a page of chats.
    """
    return moment.astimezone(get_default_timezone())


def midnight_after(day: date) -> datetime:
    """The local midnight that ends a day."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=get_default_timezone())


def seconds_until(moment: datetime) -> int:
    """Whole seconds, rounded up, at least 1."""
    return max(1, int((moment - timezone.now()).total_seconds()) + 1)
