"""What `quotes.embeddings` needs of the upstream: the vectors, and somebody who asks for those of
new lines by the clock.
"""

from collections.abc import Sequence

from chat.upstream import UpstreamFailed
from config.connections import release_connection
from quotes import embeddings

QUESTION_SECONDS = 1.0  # somebody is waiting, and lines are found without it
LOT_SECONDS = 60.0


def embedder(texts: Sequence[str], *, patiently: bool) -> list[list[float]]:
    """As `quotes.embeddings.Embedder`. No database connection is held while it waits."""
    from chat.upstream.embeddings import embed  # noqa: PLC0415 - loaded where it is used

    release_connection()
    try:
        return embed(texts, seconds=LOT_SECONDS if patiently else QUESTION_SECONDS)
    except UpstreamFailed as failure:
        raise embeddings.Away(failure.code) from failure
