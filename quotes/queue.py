"""What waits for review, in the order in which it came, and what a reviewer should know of whoever
submitted it.
"""

from typing import TYPE_CHECKING

from django.db.models import Q

from quotes.models import Quote, State

if TYPE_CHECKING:
    from accounts.models import User

COUNTED = 1000  # of each state; more are told as so many


def next_in_queue(*, reviewer: "User", after: int | None = None) -> int | None:
    """The id of the line that has waited longest, of those that this reviewer may review; with
    `after`, the next one after that line, and from the end on the first one again.
    """
    waiting = Quote.objects.in_state(State.PENDING).exclude(user=reviewer)
    ids = waiting.order_by("created_at", "id").values_list("pk", flat=True)
    seen = Quote.objects.filter(pk=after).first() if after else None
    if seen is None:
        return ids.first()
    later = Q(created_at__gt=seen.created_at) | Q(created_at=seen.created_at, pk__gt=seen.pk)
    return ids.filter(later).first() or ids.exclude(pk=seen.pk).first()


def record_of(user: "User") -> dict[State, int]:
    """How many of somebody's lines are in each state, each counted to `COUNTED` at most."""
    own = Quote.objects.owned_by(user).order_by()
    return {state: own.in_state(state)[:COUNTED].count() for state in State}
