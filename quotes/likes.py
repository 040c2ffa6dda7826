"""Likes: each person one for a line, and the count of a line kept exact.

Row and count change in one transaction under a lock on the line, so that requests at once cannot
count twice. A line that leaves the board keeps its likes, unseen; one that is deleted loses them.
"""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict
from quotes.models import Quote, QuoteLike, QuoteQuerySet

if TYPE_CHECKING:
    from accounts.models import User


class NotOnBoard(Conflict):
    default_code = "not_on_board"
    default_detail = _("Only lines that are on the board can be liked.")


def like_quote(*, quote_id: int, user: "User") -> None:
    """Likes a line of the board; a second time does nothing. Raises `NotOnBoard`."""
    line = Quote.objects.filter(pk=quote_id)
    with transaction.atomic(durable=True):
        if not _lock(line.applied()):
            raise NotOnBoard
        _, is_new = QuoteLike.objects.get_or_create(quote_id=quote_id, user=user)
        if is_new:
            line.update(likes=F("likes") + 1)


def unlike_quote(*, quote_id: int, user: "User") -> None:
    """Takes a like back, if there is one."""
    line = Quote.objects.filter(pk=quote_id)
    with transaction.atomic(durable=True):
        _lock(line)
        taken, _by_model = QuoteLike.objects.filter(quote=quote_id, user=user).delete()
        if taken:
            line.update(likes=F("likes") - 1)


def take_back_likes(instance: "User", **_signal: Any) -> None:
    """Before somebody is deleted, in the same transaction. A `pre_delete` of people."""
    likes = QuoteLike.objects.filter(user=instance)
    liked = Quote.objects.filter(pk__in=likes.values("quote"))
    with transaction.atomic():
        # The person, too: a like that is given meanwhile waits, and then finds nobody.
        type(instance).objects.select_for_update().filter(pk=instance.pk).values_list("pk").first()
        _lock(liked)
        liked.update(likes=F("likes") - 1)
        likes.delete()


def _lock(lines: QuoteQuerySet) -> list[int]:
    """Always in one order, so that two who lock several lines don't wait for each other."""
    locked = lines.order_by("pk").select_for_update(no_key=True)
    return list(locked.values_list("pk", flat=True))
