"""The vectors that `quotes.search.embeddings` needs, from the upstream."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from chat.token_estimate import most_tokens
from chat.upstream import Attempts, UpstreamFailed, deployments_of, in_order
from config.db.connections import release_connection
from quotes.search import embeddings

_LEAST = 0.05  # seconds for a server


@dataclass(frozen=True, slots=True)
class UpstreamEmbedder:
    """A `quotes.search.embeddings.Embedder`. No database connection is held while it waits."""

    question_seconds: float = 1.0  # a user is waiting, and lines are found without it, too
    batch_seconds: float = 60.0

    def __call__(self, texts: Sequence[str], *, patiently: bool) -> list[list[float]]:
        release_connection()
        seconds = self.batch_seconds if patiently else self.question_seconds
        try:
            return _embed(texts, seconds=seconds)
        except UpstreamFailed as failure:
            raise embeddings.EmbeddingsUnavailable(failure.code) from failure


def _embed(texts: Sequence[str], *, seconds: float) -> list[list[float]]:
    """By one of the servers that have the model, all of them within so many seconds."""
    model, end = settings.EMBEDDING_MODEL, time.monotonic() + seconds
    attempts = Attempts(in_order(deployments_of(model, embeds=True)))
    while True:
        use = attempts.next(lambda _one: sum(map(most_tokens, texts)))
        try:
            with use:
                left = max(_LEAST, end - time.monotonic())
                return use.deployment.upstream.embed(texts, model=model, seconds=left)
        except UpstreamFailed as failure:
            goes_on = time.monotonic() < end
            attempts.failed(use.deployment, failure, goes_on=goes_on)
            if not goes_on:
                raise
