"""Submitting and editing one's own quotes. (Withdrawing one is deleting its row.)

    Conflict                (409)
    ├── DuplicateQuote      the line is on the board or among the user's own
    ├── LimitReached
    │   └── TooManyPending  too many of the user's lines wait for review
    └── StaleEdit           the quote was edited or reviewed meanwhile

Duplicates and waiting lines are counted under a lock on the user, so that concurrent requests
cannot pass the check together.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict, LimitReached
from quotes.models import Quote, Review, State
from quotes.search.duplicates import duplicate_of
from quotes.text.input import guess_language

if TYPE_CHECKING:
    from accounts.models import User

MAX_PENDING = 100
NO_GLOSS = {"gloss": "", "gloss_by": "", "gloss_reviewed_at": None}


class DuplicateQuote(Conflict):
    """The member `quote` is the id of the existing line."""

    default_code = "duplicate_quote"
    default_detail = _("You have submitted this line already.")


class TooManyPending(LimitReached):
    default_code = "too_many_pending"
    default_detail = _("Too many of your lines are waiting for review. Wait, or withdraw some.")

    def __init__(self) -> None:
        super().__init__(name="waiting_quotes", value=MAX_PENDING)


class StaleEdit(Conflict):
    default_code = "stale_edit"
    default_detail = _("The line has been edited or reviewed in the meantime. Look at it again.")


def submit_quote(*, user: "User", fields: Mapping[str, Any]) -> Quote:
    """Saves a quote, which then waits for review. Raises `DuplicateQuote` or `TooManyPending`."""
    quote = Quote(user=user, **fields)
    quote.language = quote.language or guess_language(quote.content)
    with transaction.atomic(durable=True):
        lock_submitter(user)
        _refuse_duplicate(quote)
        _refuse_many_pending(user)
        quote.save(force_insert=True)
    return quote


def edit_quote(*, quote: Quote, fields: Mapping[str, Any]) -> None:
    """Changes the text of `quote` and sends it back to review; does nothing without a change.

    Raises `DuplicateQuote`, `TooManyPending` for a line that was not waiting, or `StaleEdit` when
    the row differs from `quote`.
    """
    changed = _changes(quote, fields)
    if not changed:
        return
    seen = quote.state
    for name, value in changed.items():
        setattr(quote, name, value)
    with transaction.atomic(durable=True):
        lock_submitter(quote.user)
        _refuse_duplicate(quote)
        if seen != State.PENDING:
            _refuse_many_pending(quote.user)
        save_edit(quote, changed, seen)


def lock_submitter(user: "User") -> None:
    """Makes transactions that submit for the same user run one after another. SQLite has only one
    writer anyway.
    """
    locked = get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk)
    locked.values_list("pk").first()


def _changes(quote: Quote, fields: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(fields)
    content = fields.get("content", quote.content)
    was_guessed = quote.language == guess_language(quote.content)
    if not fields.get("language", "" if was_guessed else quote.language):
        fields["language"] = guess_language(content)
    return {name: value for name, value in fields.items() if getattr(quote, name) != value}


def _refuse_duplicate(quote: Quote) -> None:
    existing = duplicate_of(quote)
    if existing is None:
        return
    detail = None if existing.user_id == quote.user_id else _("This line is on the board already.")
    raise DuplicateQuote(detail, quote=existing.pk)


def _refuse_many_pending(user: "User") -> None:
    if Quote.objects.owned_by(user).in_state(State.PENDING).count() >= MAX_PENDING:
        raise TooManyPending


def save_edit(quote: Quote, changed: Mapping[str, Any], seen: State) -> None:
    """Stores the `changed` columns of `quote`, which has them already, as a new version in review.
    For a transaction that holds the submitter's lock. Raises `StaleEdit`.
    """
    now = timezone.now()
    back_to_review: dict[str, Any] = {
        "is_apply": False,
        "applied_at": None,
        "declined_at": None,
        "reason": "",
        "reviewer": None,
        "version": quote.version + 1,
        "updated_at": now,
    }
    # The tokens are computed with the gloss that was read, so it must still be the same.
    same = Quote.objects.filter(pk=quote.pk, version=quote.version, gloss=quote.gloss)
    if "content" in changed and quote.gloss_by:
        back_to_review |= NO_GLOSS  # a model said what other words mean
    for name, value in back_to_review.items():
        setattr(quote, name, value)
    if not same.in_state(seen).update(**changed, **quote.derived(), **back_to_review):
        raise StaleEdit
    _record_edit(quote, seen, now)


def _record_edit(quote: Quote, seen: State, now: datetime) -> None:
    """Keeps one row of history for all edits between two reviews, so that edits cannot add rows
    without limit, and a reviewer sees from which state the line came.
    """
    last = Review.objects.filter(quote=quote).first() if seen == State.PENDING else None
    if last and last.to_state == State.PENDING:
        Review.objects.filter(pk=last.pk).update(version=quote.version, created_at=now)
        return
    Review.objects.create(
        quote=quote, from_state=seen, to_state=State.PENDING, version=quote.version
    )
