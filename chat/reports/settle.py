"""How staff settle reports on marks: by one conditional UPDATE, so that only one of two concurrent
decisions counts.

    Conflict
    └── AlreadySettled   409

The caller checks the permission (`chat.change_markreport`).
"""

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import MarkReport
from config.api.problems import Conflict

if TYPE_CHECKING:
    from accounts.models import User


class AlreadySettled(Conflict):
    default_code = "already_settled"
    default_detail = _("This report has been settled or taken back.")


def settle(*, report_id: int, reviewer: "User", is_wrong: bool, answer: str) -> None:
    """Stores whether the mark is wrong, with an answer that the user reads. Raises
    `AlreadySettled`.
    """
    states = MarkReport.State
    changed = (
        MarkReport.objects.open()
        .filter(pk=report_id)
        .update(
            state=states.WRONG if is_wrong else states.RIGHT,
            answer=answer,
            settled_by=reviewer,
            settled_at=timezone.now(),
        )
    )
    if not changed:
        raise AlreadySettled


def url_of_next(*, after: int | None = None) -> str:
    """The page of the report that has waited longest, other than `after`; of the list, if none
    waits.
    """
    others = MarkReport.objects.open().exclude(pk__in=[after] if after else [])
    pk = others.order_by("created_at", "id").values_list("pk", flat=True).first()
    if pk is None:
        return reverse("admin:chat_markreport_changelist")
    return reverse("admin:chat_markreport_change", args=[pk])
