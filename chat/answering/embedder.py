"""The vectors that `quotes.search.embeddings` needs, from the upstream."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from chat.upstream import UpstreamFailed, default_upstream
from config.db.connections import release_connection
from quotes.search import embeddings


@dataclass(frozen=True, slots=True)
class UpstreamEmbedder:
    """A `quotes.search.embeddings.Embedder`. No database connection is held while it waits."""

    question_seconds: float = 1.0  # a user is waiting, and lines are found without it, too
    batch_seconds: float = 60.0

    def __call__(self, texts: Sequence[str], *, patiently: bool) -> list[list[float]]:
        release_connection()
        seconds = self.batch_seconds if patiently else self.question_seconds
        try:
            return default_upstream().embed(texts, model=settings.EMBEDDING_MODEL, seconds=seconds)
        except UpstreamFailed as failure:
            raise embeddings.EmbeddingsUnavailable(failure.code) from failure
