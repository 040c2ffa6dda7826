"""What people do with their own quotes: submit and edit. (Withdrawing is deleting the row.)

    Conflict                (409)
    ├── DuplicateQuote      the line is on the board, or among one's own, already
    ├── TooManyPending      more wait for review than one person may have
    └── StaleEdit           somebody edited or reviewed the quote meanwhile

Whether a line is a duplicate, and how many wait, is asked and acted upon under a lock on the
person, so that requests at once cannot pass together.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict
from quotes.models import Quote, Review, State
from quotes.similar import duplicate_of
from quotes.text import guess_language

if TYPE_CHECKING:
    from accounts.models import User

MAX_PENDING = 100


class DuplicateQuote(Conflict):
    """Its member `quote` is the id of the line that is there."""

    default_code = "duplicate_quote"
    default_detail = _("You have submitted this line already.")


class TooManyPending(Conflict):
    default_code = "too_many_pending"
    default_detail = _("Too many of your quotes wait for review. Wait, or withdraw some.")


class StaleEdit(Conflict):
    default_code = "stale_edit"
    default_detail = _("The quote was edited or reviewed meanwhile. Look at it again.")


def submit_quote(*, user: "User", fields: Mapping[str, Any]) -> Quote:
    """Saves a quote in review. Raises `DuplicateQuote` or `TooManyPending`."""
    quote = Quote(user=user, **fields)
    quote.language = quote.language or guess_language(quote.content)
    with transaction.atomic(durable=True):
        lock_submitter(user)
        _refuse_duplicate(quote)
        if Quote.objects.owned_by(user).in_state(State.PENDING).count() >= MAX_PENDING:
            raise TooManyPending
        quote.save(force_insert=True)
    return quote


def edit_quote(*, quote: Quote, fields: Mapping[str, Any]) -> None:
    """Changes the text of `quote` and sends it back to review; without a change, does nothing.

    Raises `DuplicateQuote`, or `StaleEdit` when the row is no longer as `quote` has it.
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
        _save_edit(quote, changed, seen)


def lock_submitter(user: "User") -> None:
    """Lets one transaction at a time submit for somebody. SQLite has one writer anyway."""
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
    there = duplicate_of(quote)
    if there is None:
        return
    mine = there.user_id == quote.user_id
    raise DuplicateQuote(None if mine else _("This line is on the board already."), quote=there.pk)


def _save_edit(quote: Quote, changed: Mapping[str, Any], seen: State) -> None:
    now = timezone.now()
    again: dict[str, Any] = {
        "is_apply": False,
        "applied_at": None,
        "declined_at": None,
        "reason": "",
        "reviewer": None,
        "version": quote.version + 1,
        "updated_at": now,
    }
    same = Quote.objects.filter(pk=quote.pk, version=quote.version).in_state(seen)
    if not same.update(**changed, **quote.derived(), **again):
        raise StaleEdit
    for name, value in again.items():
        setattr(quote, name, value)
    Review.objects.create(
        quote=quote, from_state=seen, to_state=State.PENDING, version=quote.version
    )
