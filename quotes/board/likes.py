"""Likes: at most one per user and line, with an exact count on the line.

The row and the count change in one transaction under a lock on the line, so that concurrent
requests cannot count twice. A line that leaves the board keeps its likes, but they are not shown.
"""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from config.api.problems import Conflict
from config.batches import batch
from quotes.models import Quote, QuoteLike, QuoteQuerySet

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User


class NotOnBoard(Conflict):
    default_code = "not_on_board"
    default_detail = _("Only lines that are on the board can be liked.")


def like_quote(*, quote_id: int, user: "User") -> None:
    """Likes a line of the board; does nothing if the user likes it already. Raises `NotOnBoard`."""
    line = Quote.objects.filter(pk=quote_id)
    with transaction.atomic(durable=True):
        if not _lock(line.applied()):
            raise NotOnBoard
        _, is_new = QuoteLike.objects.get_or_create(quote_id=quote_id, user=user)
        if is_new:
            line.update(likes=F("likes") + 1)


def unlike_quote(*, quote_id: int, user: "User") -> None:
    """Removes the user's like, if there is one."""
    line = Quote.objects.filter(pk=quote_id)
    with transaction.atomic(durable=True):
        _lock(line)
        taken, _by_model = QuoteLike.objects.filter(quote=quote_id, user=user).delete()
        if taken:
            line.update(likes=F("likes") - 1)


def remove_likes(instance: "User", **_signal: Any) -> None:
    """The `pre_delete` handler of users: removes their likes in the same transaction."""
    likes = QuoteLike.objects.filter(user=instance)
    with transaction.atomic():
        # Locks the user as well, so that a concurrent like waits and then finds no user.
        type(instance).objects.select_for_update().filter(pk=instance.pk).values_list("pk").first()
        _remove(likes)


def remove_some_likes(user: "User", limit: int) -> int:
    """Removes at most `limit` likes of the user in a short transaction; returns how many."""
    own = QuoteLike.objects.filter(user=user).order_by("pk").values_list("pk", flat=True)
    keys = list(own[:limit])
    if keys:
        with batch():
            _remove(QuoteLike.objects.filter(pk__in=keys, user=user))
    return len(keys)


def _remove(likes: "QuerySet[QuoteLike]") -> None:
    """Removes likes of one user. Locks their lines first and then reads the likes again, so that
    one that is removed concurrently is not counted twice.
    """
    liked = Quote.objects.filter(pk__in=likes.values("quote"))
    _lock(liked)
    liked.update(likes=F("likes") - 1)
    likes.delete()


def _lock(lines: QuoteQuerySet) -> list[int]:
    """Always in the order of the ids, so that two transactions cannot deadlock."""
    locked = lines.order_by("pk").select_for_update(no_key=True)
    return list(locked.values_list("pk", flat=True))
