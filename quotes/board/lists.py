"""A list of the board as a user sees it, in pages."""

from typing import TYPE_CHECKING

from config.api.pagination import page_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from quotes.models import Quote, QuoteQuerySet


class BoardList:
    """For `LinkedPagination`. Counts applied lines and the user's own others apart, in one
    statement, so that each part can be counted in an index; for the OR of both, the database would
    read the lines.
    """

    def __init__(self, lines: "QuoteQuerySet", user: "User") -> None:
        self._lines, self._user = lines, user

    def __len__(self) -> int:
        lines = self._lines.order_by()
        others = lines.owned_by(self._user).filter(is_apply=False)
        return lines.applied().values("pk").union(others.values("pk"), all=True).count()

    def __getitem__(self, wanted: slice) -> "QuerySet[Quote]":
        return page_of(self._lines.shown_to(self._user), wanted)
