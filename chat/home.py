"""What the chat shows on the home of the administration: open reports, charts of its use, and the
state of the model servers. These are counts; nobody is named.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from chat.models import Citation, DailyUsage, MarkReport, Reply, Verdict, shown_verdict
from chat.reports.settle import url_of_next
from chat.upstream import Deployment, deployments, running_servers
from chat.upstream.traffic import LastFailure
from config.admin_home import Bar, Chart, Table, Task
from config.api.times import local
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


def servers(request: HttpRequest) -> Table | None:
    """The servers of `UPSTREAMS`, with each of their models."""
    if not (settings.UPSTREAMS and request_user(request).has_perm("chat.view_dailyusage")):
        return None
    newest = Reply.objects.order_by("-pk").values_list("server", "model")[:NEWEST]
    answers = Counter(newest)
    rows = tuple(
        _row(deployment, answers[deployment.server, deployment.model])
        for running in running_servers()
        for model in running.server.models
        for deployment in deployments.deployments_of(model.name, embeds=model.embeds)
        if deployment.server == running.server.name
    )
    note = gettext(
        "states and requests as this process sees them; answers of the newest %(count)d"
    ) % {"count": answers.total()}
    head = (
        *(gettext("Server"), gettext("Model"), gettext("Model there"), gettext("State")),
        *(gettext("Requests now"), gettext("Last failure"), gettext("Answers")),
    )
    return Table(gettext("Model servers"), note, head, rows)


def _row(one: Deployment, answers: int) -> tuple[str | int, ...]:
    if one.running is None:
        raise ValueError("only servers of UPSTREAMS have a row")
    traffic = one.running.traffic
    refusal = one.refusal()
    last = traffic.last_failure(one.model)
    return (
        *(one.server, one.model, one.served_as, _state(refusal.reason if refusal else "")),
        *(traffic.busy, _failure(last) if last else "", answers),
    )


def _state(reason: str) -> str:
    return {
        "": gettext("is asked"),
        deployments.COOLDOWN: gettext("rests after a refusal (429)"),
        deployments.BREAKER: gettext("circuit breaker open"),
        deployments.AT_ONCE: gettext("as busy as it may be"),
    }[reason]


def _failure(last: LastFailure) -> str:
    at = date_format(local(datetime.fromtimestamp(last.at, UTC)), "Y-m-d H:i")
    return f"{last.code} ({last.status}), {at}" if last.status else f"{last.code}, {at}"


def _name(day: date) -> str:
    # Translators: a day in the letters of Django's date filter
    return date_format(day, gettext("j M"))
