"""What reviewers see on the home of the administration: how many lines wait, and for how long."""

from datetime import timedelta
from itertools import pairwise

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from config.admin_home import Bar, Chart, Task
from config.api.users import request_user
from config.large_lists import REACHED, bounded_count
from quotes.models import Quote, State

_AGES = (1, 3, 7, 30)  # days


def waiting_lines(request: HttpRequest) -> Task | None:
    """Those that this reviewer may review."""
    user = request_user(request)
    if not user.has_perm("quotes.change_quote"):
        return None
    count = bounded_count(_waiting().exclude(user=user))
    label = ngettext("line waits for your review", "lines wait for your review", count)
    url = reverse("admin:quotes_quote_queue" if count else "admin:quotes_quote_changelist")
    return Task(label, count, url)


def ages_of_waiting_lines(request: HttpRequest) -> Chart | None:
    if not request_user(request).has_perm("quotes.view_quote"):
        return None
    counts = _oldest().aggregate(**{f"to_{days}": _since(days) for days in _AGES}, all=Count("pk"))
    bounds = [0, *(counts[f"to_{days}"] for days in _AGES), counts["all"]]
    values = [after - before for before, after in pairwise(bounds)]
    labels = [ngettext("up to %d day", "up to %d days", days) % days for days in _AGES]
    labels.append(gettext("longer"))
    kinds = ("", "", "", "old", "old")
    bars = tuple(map(Bar, labels, values, kinds))
    return Chart(gettext("Waiting lines"), gettext("since they were submitted"), bars)


def _waiting() -> QuerySet[Quote]:
    return Quote.objects.in_state(State.PENDING)


def _oldest() -> QuerySet[Quote]:
    """At most `REACHED`, by the index of waiting lines."""
    return _waiting().order_by("created_at", "pk")[:REACHED]


def _since(days: int) -> Count:
    return Count("pk", filter=Q(created_at__gt=timezone.now() - timedelta(days=days)))
