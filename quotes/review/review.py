"""Review by staff: `apply_quote` puts a line on the board, `decline_quote` refuses it or takes it
down. Each is one conditional UPDATE whose row count decides, and one row of history.

    Conflict              (409)
    ├── StaleReview       the quote has changed since the reviewer saw it
    └── AlreadyReviewed   it was in the target state when the reviewer saw it
    Problem
    └── OwnSubmission     (403) reviewers cannot review their own lines

The caller checks the permission to review (`quotes.change_quote` in the admin).
"""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict, Problem
from quotes.models import Quote, Review, State

if TYPE_CHECKING:
    from accounts.models import User


class StaleReview(Conflict):
    default_code = "stale_review"
    default_detail = _("The line has changed since you saw it. Look at it again.")


class AlreadyReviewed(Conflict):
    default_code = "already_reviewed"
    default_detail = _("The line is in this state already.")


class OwnSubmission(Problem):
    status_code = 403
    default_code = "own_submission"
    default_detail = _("You may not review your own submission.")


def apply_quote(*, quote_id: int, version: int, state: State, reviewer: "User") -> Review:
    """Applies the quote that the reviewer saw in `version` and `state`. Raises `StaleReview`,
    `AlreadyReviewed` or `OwnSubmission`.
    """
    columns = {"is_apply": True, "applied_at": timezone.now(), "declined_at": None, "reason": ""}
    return _move(
        Review(
            quote_id=quote_id,
            version=version,
            reviewer=reviewer,
            from_state=state,
            to_state=State.APPLIED,
        ),
        columns,
    )


def decline_quote(
    *, quote_id: int, version: int, state: State, reviewer: "User", reason: str
) -> Review:
    """Declines the quote that the reviewer saw in `version` and `state`; the submitter can read
    `reason`. Raises the same errors as `apply_quote`.
    """
    columns = {
        "is_apply": False,
        "applied_at": None,
        "declined_at": timezone.now(),
        "reason": reason,
    }
    return _move(
        Review(
            quote_id=quote_id,
            version=version,
            reviewer=reviewer,
            from_state=state,
            to_state=State.DECLINED,
            reason=reason,
        ),
        columns,
    )


def _move(review: Review, columns: dict[str, Any]) -> Review:
    if review.from_state == review.to_state:
        raise AlreadyReviewed
    seen = Quote.objects.filter(pk=review.quote_id, version=review.version)
    with transaction.atomic(durable=True):
        moved = (
            seen.in_state(review.from_state)
            .exclude(user=review.reviewer)
            .update(reviewer=review.reviewer, updated_at=timezone.now(), **columns)
        )
        if not moved:
            raise _refusal(review)
        review.save(force_insert=True)
    return review


def _refusal(review: Review) -> Problem:
    own = Quote.objects.filter(pk=review.quote_id, user=review.reviewer).exists()
    return OwnSubmission() if own else StaleReview()
