"""Stored answers to similar questions, by the vectors of EMBEDDING_MODEL.

The newest ones of the same context are compared in this process: as each line that comes to the
board begins a new context, there are never many.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from chat.models import StoredAnswer
from chat.stored.keys import Wanted
from quotes.search import embeddings

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_COMPARED = 256  # 1.5 MB of vectors with 1,536 numbers


def vector_of(wanted: Wanted) -> bytes | None:
    """The question's vector as it is stored; None where none is needed, or the model is
    unavailable. It is kept for a minute, so that finding and storing ask once.
    """
    if not (wanted.takes_similar and embeddings.is_on()):
        return None
    vector: Sequence[float] = embeddings.question_vectors.get(wanted.question)
    return embeddings.normalized(vector) if vector else None


def nearest_reply(wanted: Wanted, *, since: datetime) -> int | None:
    """The reply to the question that is most similar, if it is similar enough."""
    if (vector := vector_of(wanted)) is None:
        return None
    import numpy as np  # noqa: PLC0415 - only where embeddings are enabled

    rows = StoredAnswer.objects.filter(
        context=wanted.context, answered_at__gte=since, vector__isnull=False
    ).order_by("-answered_at")
    newest = rows.values_list("reply_id", "vector")[:MOST_COMPARED]
    stored = [(reply, bytes(known or b"")) for reply, known in newest]
    stored = [(reply, known) for reply, known in stored if len(known) == len(vector)]
    if not stored:
        return None
    matrix = np.frombuffer(b"".join(known for _, known in stored), dtype="<f4")
    cosines = matrix.reshape(len(stored), -1) @ np.frombuffer(vector, dtype="<f4")
    best = int(np.argmax(cosines))
    return stored[best][0] if cosines[best] >= settings.ANSWER_CACHE_LEAST else None
