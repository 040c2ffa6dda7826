"""What tells that the board has changed, for answers that are given again (`chat.stored`).

A line that comes to the board, or comes back after an edit, is one of the newest. One that leaves
it concerns an answer if the answer has used it, so those are asked for by their ids.
"""

from collections.abc import Collection

from config.db.sql import fetch_all
from quotes.models import Quote

# More than one: a transaction that has applied a line may be committed after a later one.
_NEWEST = """
SELECT applied_at, id FROM quotes_quote WHERE is_apply ORDER BY applied_at DESC, id DESC LIMIT 20
"""


def newest_lines() -> list[tuple[str, int]]:
    """The lines that came to the board last, with the times at which they did."""
    return [(str(applied_at), pk) for applied_at, pk in fetch_all(_NEWEST)]


def are_all_applied(ids: Collection[int]) -> bool:
    """Whether all of these different lines are on the board."""
    return not ids or Quote.objects.applied().filter(pk__in=ids).count() == len(ids)
