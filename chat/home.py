"""What the chat shows on the home of the administration: open reports, and charts of its use. These
are counts; nobody is named.
"""

from collections import Counter
from datetime import date, timedelta

from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from chat.models import Citation, DailyUsage, MarkReport, Verdict, shown_verdict
from chat.reports.settle import url_of_next
from config.admin_home import Bar, Chart, Task
from config.api.users import request_user
from config.large_lists import bounded_count

DAYS = 14
NEWEST = 5000  # marks that are counted


def open_reports(request: HttpRequest) -> Task | None:
    if not request_user(request).has_perm("chat.change_markreport"):
        return None
    count = bounded_count(MarkReport.objects.open())
    label = ngettext("reported mark to look at", "reported marks to look at", count)
    return Task(label, count, url_of_next())


def asks_a_day(request: HttpRequest) -> Chart | None:
    """The units that were used: without those that were given back."""
    if not request_user(request).has_perm("chat.view_dailyusage"):
        return None
    today = timezone.localdate()
    days = [today - timedelta(days=age) for age in reversed(range(DAYS))]
    counted = DailyUsage.objects.filter(day__gte=days[0], day__lte=today).order_by()
    used = dict(counted.values_list("day").annotate(sum=Sum("used")))
    bars = tuple(Bar(_name(day), used.get(day, 0)) for day in days)
    note = ngettext("in the last %d day", "in the last %d days", DAYS) % DAYS
    return Chart(gettext("Questions a day"), note, bars, is_series=True)


def verdicts(request: HttpRequest) -> Chart | None:
    if not request_user(request).has_perm("quotes.view_quote"):
        return None
    newest = Citation.objects.order_by("-pk").values_list("verdict", "match")[:NEWEST]
    counts = Counter(shown_verdict(verdict, match) for verdict, match in newest)
    bars = tuple(Bar(str(one.label), counts[one], kind=one.value) for one in Verdict)
    total = counts.total()
    note = ngettext("of the newest %(count)d mark", "of the newest %(count)d marks", total)
    return Chart(gettext("Verdicts on quotations"), note % {"count": total}, bars)


def _name(day: date) -> str:
    # Translators: a day in the letters of Django's date filter
    return date_format(day, gettext("j M"))
