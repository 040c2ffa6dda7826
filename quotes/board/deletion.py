"""Deleting a user's likes and lines in batches, before the account is deleted."""

from typing import TYPE_CHECKING

from config.batches import ROWS, delete_in_batches
from quotes.board.likes import remove_some_likes
from quotes.models import Quote

if TYPE_CHECKING:
    from accounts.models import User


def delete_submissions(user: "User") -> None:
    """Removes the user's likes and deletes their lines. If interrupted, some are left."""
    while remove_some_likes(user, ROWS):
        pass
    delete_in_batches(Quote.objects.owned_by(user).order_by("-created_at", "-pk"))
