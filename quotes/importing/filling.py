"""Filling in what lines lack. A filled line is an edit of its owner's: a new version that waits for
review, and is off the board until then.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config.batches import ROWS, batch, divided
from quotes.board.submissions import StaleEdit, lock_submitter, save_edit
from quotes.importing.comparing import Compared, Filling, compare
from quotes.importing.findings import Finding
from quotes.models import Quote
from quotes.progress import Phase, Progress

if TYPE_CHECKING:
    from accounts.models import User


def fill_in(
    fillings: Sequence[Filling], lines: Mapping[int, Quote], owner: "User", progress: Progress
) -> Compared:
    """Stores the fillings in batches, each compared once more with what is there by then. Returns
    what became of them.
    """
    done = Compared()
    for place, some in enumerate(divided(fillings, ROWS)):
        progress.step(Phase.ADD, place * ROWS, len(fillings))
        with batch():
            lock_submitter(owner)
            by_now = compare({one.line: lines[one.line] for one in some}, owner, fill=True)
            stale = [one for one in by_now.fillings if not _fill(one)]
            progress.changed(0)  # counts added lines only; this ends a batch of a cancelled job
        done.known += [*by_now.known, *map(_stale, stale)]
        done.differ += by_now.differ
        done.fillings += [one for one in by_now.fillings if one not in stale]
    return done


def _fill(filling: Filling) -> bool:
    """Whether it was stored: a reviewer may have decided since the line was read."""
    quote, seen = filling.quote, filling.quote.state
    for name, value in filling.values.items():
        setattr(quote, name, value)
    try:
        save_edit(quote, filling.values, seen)
    except StaleEdit:
        return False
    return True


def _stale(filling: Filling) -> Finding:
    text = _("quote %(number)d was reviewed at the same time and not filled in; try again")
    detail = text % {"number": filling.quote.pk}
    return Finding(filling.line, detail, ", ".join(filling.values), quote=filling.quote.pk)
