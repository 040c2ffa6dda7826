"""A list of the board as a user sees it, in pages."""

from typing import TYPE_CHECKING

from config.api.pagination import page_of

if TYPE_CHECKING:
    from accounts.models import User
    from quotes.models import Quote, QuoteQuerySet


class BoardList:
    """For `LinkedPagination`. The lines in the language `first`, if one is given, come before all
    others; they are counted and read apart, so that an index has each part in its order.
    """

    def __init__(self, lines: "QuoteQuerySet", user: "User | None", *, first: str = "") -> None:
        self._lines, self._user, self._first = lines, user, first

    def __len__(self) -> int:
        return self._count(self._lines)

    def __getitem__(self, wanted: slice) -> "list[Quote]":
        shown = self._lines.shown_to(self._user)
        if not self._first:
            return list(page_of(shown, wanted))
        before = self._count(self._lines.about(language=self._first))
        page: list[Quote] = []
        if wanted.start < before:
            in_language = shown.about(language=self._first)
            page += page_of(in_language, slice(wanted.start, min(wanted.stop, before)))
        if wanted.stop > before:
            others = shown.exclude(language=self._first)
            start = max(wanted.start - before, 0)
            page += page_of(others, slice(start, wanted.stop - before))
        return page

    def _count(self, lines: "QuoteQuerySet") -> int:
        """Counts applied lines and the user's own others apart, in one statement, so that each part
        can be counted in an index; for the OR of both, the database would read the lines.
        Without an account there are no others.
        """
        lines = lines.order_by()
        if self._user is None:
            return lines.count()
        others = lines.owned_by(self._user).filter(is_apply=False)
        return lines.applied().values("pk").union(others.values("pk"), all=True).count()
