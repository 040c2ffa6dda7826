"""The names of the board's speakers, for comparisons that no index can make."""

from django.db import connection

MOST = 5_000  # names; a larger board is read up to here
_BLOCKS = 2 * MOST  # hashes, some of which have no applied line

# A step of the index of the hashes for each name, so that the lines are not read: 40 ms for 5,000.
_DISTINCT = """
    WITH RECURSIVE found(hash) AS (
        SELECT min(speaker_hash) FROM quotes_quote
        UNION ALL
        SELECT (SELECT min(speaker_hash) FROM quotes_quote WHERE speaker_hash > found.hash)
        FROM found WHERE hash IS NOT NULL
    )
    SELECT speaker FROM (
        SELECT (
            SELECT speaker FROM quotes_quote WHERE speaker_hash = step.hash AND is_apply LIMIT 1
        ) AS speaker
        FROM (SELECT hash FROM found LIMIT %s) step
        WHERE step.hash <> 0
    ) named
    WHERE speaker IS NOT NULL LIMIT %s
"""


def distinct_speakers() -> list[str]:
    """Of applied lines, one spelling of each; at most `MOST`, in no order."""
    with connection.cursor() as cursor:
        cursor.execute(_DISTINCT, [_BLOCKS, MOST])
        return [speaker for (speaker,) in cursor.fetchall()]
