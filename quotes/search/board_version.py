"""What tells that the board has changed, for answers that are given again (`chat.stored`).

A line that comes to the board, or comes back after an edit, is one of the newest. One that leaves
it or changes concerns an answer if the answer has used it, so those are compared by their ids.
"""

import hashlib
from collections.abc import Collection

from config.db.sql import fetch_all
from quotes.columns import TEXT

# More than one: a transaction that has applied a line may be committed after a later one.
_NEWEST = """
SELECT applied_at, id FROM quotes_quote WHERE is_apply ORDER BY applied_at DESC, id DESC LIMIT 20
"""
_TEXTS = f"SELECT id, {', '.join(TEXT)} FROM quotes_quote WHERE is_apply"  # noqa: S608


def newest_lines() -> list[tuple[str, int]]:
    """The lines that came to the board last, with the times at which they did."""
    return [(str(applied_at), pk) for applied_at, pk in fetch_all(_NEWEST)]


def digests_of(ids: Collection[int]) -> dict[str, str]:
    """What these lines say, of those that are on the board: a digest by each id, as in JSON."""
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    rows = fetch_all(f"{_TEXTS} AND id IN ({marks})", [*ids])
    return {str(pk): _digest(texts) for pk, *texts in rows}


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
