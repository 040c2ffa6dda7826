"""The queue of lines that wait for review, and what a reviewer should know of a submitter."""

from typing import TYPE_CHECKING

from django.db.models import Q

from quotes.models import Quote, State

if TYPE_CHECKING:
    from accounts.models import User

MAX_COUNTED = 1000  # of each state


def next_in_queue(*, reviewer: "User", after: int | None = None) -> int | None:
    """The id of the line that has waited longest among those that this reviewer may review. With
    `after`, the next one after that line; after the last one, the first one again.
    """
    waiting = Quote.objects.in_state(State.PENDING).exclude(user=reviewer)
    ids = waiting.order_by("created_at", "id").values_list("pk", flat=True)
    seen = Quote.objects.filter(pk=after).first() if after else None
    if seen is None:
        return ids.first()
    later = Q(created_at__gt=seen.created_at) | Q(created_at=seen.created_at, pk__gt=seen.pk)
    return ids.filter(later).first() or ids.exclude(pk=seen.pk).first()


def count_by_state(user: "User") -> dict[State, int]:
    """How many of the user's lines are in each state, at most `MAX_COUNTED` each."""
    own = Quote.objects.owned_by(user).order_by()
    return {state: own.in_state(state)[:MAX_COUNTED].count() for state in State}
