"""Users' reports that a mark in one of their own answers is wrong. Reviewers see the quoted words
and `AROUND` characters before and after them, but not the user, and nothing else of the
conversation.

    Conflict
    └── LimitReached
        └── TooManyReports   more than `MOST_A_DAY` on a day

Reports of one user are stored one after another, so that the limit of the day is exact. A report is
stored under a lock on its reply, for which the deletion of a history also waits.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import AROUND, Citation, MarkReport
from config.api.problems import LimitReached
from config.api.times import midnight_after
from config.db.locks import lock_user

if TYPE_CHECKING:
    from accounts.models import User

MOST_A_DAY = 20
_CUT = "…"


class TooManyReports(LimitReached):
    default_detail = _("You have reported as many marks today as allowed. Continue tomorrow.")

    def __init__(self) -> None:
        super().__init__(name="mark_reports_a_day", value=MOST_A_DAY)


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation, as its reply shows it."""

    chat: int
    reply: int
    start: int
    end: int
    quote: int | None


def report_mark(*, user: "User", mark: Mark, reason: str, note: str) -> tuple[MarkReport, bool]:
    """The report, and whether it is new. Reported again, its reason and note are replaced, unless
    it has been settled. Raises `Http404` where the user has no such citation, `TooManyReports`.
    """
    with transaction.atomic(durable=True):
        lock_user(user)
        citation = _citation(user, mark)
        if known := MarkReport.objects.filter(citation=citation).first():
            return _replace(known, reason, note), False
        _refuse_many(user)
        report = MarkReport(user=user, citation=citation, reason=reason, note=note)
        report.before, report.after = _around(citation)
        report.save(force_insert=True)
    return report, True


def take_back(*, user: "User", chat_id: int, report_id: int) -> None:
    """Deletes a report, and with it what reviewers see. Raises `Http404`."""
    of_chat = MarkReport.objects.owned_by(user).filter(citation__reply__chat=chat_id)
    deleted, _by_model = of_chat.filter(pk=report_id).delete()
    if not deleted:
        raise Http404


def _citation(user: "User", mark: Mark) -> Citation:
    rows = Citation.objects.filter(reply__user=user, reply__chat=mark.chat, reply=mark.reply)
    rows = rows.filter(start=mark.start, end=mark.end, quote=mark.quote)
    locked = rows.select_related("reply").select_for_update(of=("reply",), no_key=True)
    found = locked.only("text", "start", "end", "reply__content").first()
    if found is None:
        raise Http404
    return found


def _replace(report: MarkReport, reason: str, note: str) -> MarkReport:
    if MarkReport.objects.open().filter(pk=report.pk).update(reason=reason, note=note):
        report.reason, report.note = reason, note
    return report


def _refuse_many(user: "User") -> None:
    midnight = midnight_after(timezone.localdate() - timedelta(days=1))
    today = MarkReport.objects.owned_by(user).filter(created_at__gte=midnight)
    if today.count() >= MOST_A_DAY:
        raise TooManyReports


def _around(citation: Citation) -> tuple[str, str]:
    """The text before and after the quoted words, with "…" where there is more of it."""
    text = citation.reply.content
    before, after = text[: citation.start][-AROUND:], text[citation.end :][:AROUND]
    return (
        (_CUT if citation.start > AROUND else "") + before,
        after + (_CUT if len(text) - citation.end > AROUND else ""),
    )
