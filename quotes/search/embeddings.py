"""Finding lines by their meaning, where EMBEDDING_MODEL is set. Each applied line has a vector from
that model. A question's vector is compared with all of them exactly, or by the database where it
can do so (`quotes.search.pgvector`).

`provide_embedder` sets the function that asks the model's server. Without one, and while the server
is unavailable, lines are found by their words alone. A line that is no longer applied, or whose
text has changed since its vector was computed, is never found: the database is asked about each
result.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from config import offload
from config.api.problems import ServiceUnavailable
from quotes.columns import NAMES, TEXT, BoardLine
from quotes.models import Meaning, Quote
from quotes.search import pgvector

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)

BATCH_SIZE = 64  # lines in one request to the server
MAX_VECTORS = 100_000  # that a process keeps
_LONGEST = 1000  # characters of a question that are used
_KEPT_SECONDS, _KEPT = 60.0, 256  # how long, and how many, questions' vectors are kept
_REFRESH_SECONDS = 10.0  # how often new vectors are read
_RELOAD_SECONDS = 600.0  # how often all vectors are read again, which drops invalid ones
_SPARE = 4  # so many times `limit` are compared, as some lines have left the board since
_READ_SIZE = 2000  # vectors in one query
_OTHERS = [name for name in TEXT if name not in {"content", *NAMES}]


class EmbeddingsUnavailable(Exception):  # noqa: N818
    """The server gives no vectors at the moment."""


class Embedder(Protocol):
    def __call__(self, texts: Sequence[str], *, patiently: bool) -> Sequence[Sequence[float]]:
        """A vector for each text. `patiently` is False while a user waits for the result. Raises
        `EmbeddingsUnavailable`.
        """


embedders: list[Embedder] = []


def provide_embedder(embedder: Embedder) -> None:
    embedders[:] = [embedder]


def is_on() -> bool:
    return bool(settings.EMBEDDING_MODEL and embedders)


# --- Finding ------------------------------------------------------------------------------------


def find_by_meaning(question: str, *, limit: int) -> list[BoardLine]:
    """Applied lines whose meaning is near to the question's, nearest first. Empty where embeddings
    are disabled or unavailable.
    """
    if not is_on() or not (vector := question_vectors.get(question[:_LONGEST])):
        return []
    line_vectors.refresh()
    if line_vectors.indexed:
        return _find_in_database(vector, limit)
    ids = line_vectors.nearest(vector, limit * _SPARE)
    columns = ("quote_id", *(f"quote__{name}" for name in TEXT))
    rows = _valid().filter(quote__in=ids).values_list(*columns)
    found = {row[0]: BoardLine(*row) for row in rows} if ids else {}
    return [found[pk] for pk in ids if pk in found][:limit]


def _find_in_database(vector: Sequence[float], limit: int) -> list[BoardLine]:
    if len(vector) != line_vectors.indexed:
        return []
    try:
        return pgvector.nearest(vector, limit=limit)
    except Error as error:
        logger.warning("meanings not compared by the database: %s", type(error).__name__)
        line_vectors.forget()
        return []


def _valid() -> QuerySet[Meaning]:
    return Meaning.objects.filter(
        model=settings.EMBEDDING_MODEL, quote__is_apply=True, version=F("quote__version")
    )


class _QuestionVectors:
    """The vectors of recent questions. A failure is kept as well, so that the server is not asked
    again at once.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, Sequence[float]]] = {}

    def get(self, question: str) -> Sequence[float]:
        """Empty where the server is unavailable."""
        key, now = (settings.EMBEDDING_MODEL, question), monotonic()
        until, vector = self._known.get(key, (0.0, ()))
        if now < until:
            return vector
        try:
            [vector] = embedders[0]([question], patiently=False)
        except EmbeddingsUnavailable:
            vector = ()
        if len(self._known) >= _KEPT:
            for old in list(islice(self._known, _KEPT // 2)):
                self._known.pop(old, None)
        self._known[key] = (now + _KEPT_SECONDS, vector)
        return vector


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Vectors, one in each row, with the ids of their quotes. `last` is the newest Meaning's id."""

    model: str
    ids: list[int]
    rows: "np.ndarray[Any, Any]"
    last: int
    loaded_at: float


class LineVectors:
    """The lines' vectors in this process, read from the database in a thread. Where the database
    compares the vectors, none are kept here and `indexed` is their number of dimensions, else 0.
    """

    def __init__(
        self,
        *,
        max_vectors: int = MAX_VECTORS,
        read_size: int = _READ_SIZE,
        reload_seconds: float = _RELOAD_SECONDS,
        cores: offload.Cores = offload.cores,
    ) -> None:
        self._cores = cores
        self._max_vectors, self._read_size = max_vectors, read_size
        self._reload_seconds = reload_seconds
        self._read_lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._matrix: _Matrix | None = None
        self.indexed = 0
        self._refreshed_at = float("-inf")

    def refresh(self) -> None:
        """Starts a thread that reads new vectors, if the last one is long enough ago."""
        if monotonic() - self._refreshed_at > _REFRESH_SECONDS:
            self._refreshed_at = monotonic()
            threading.Thread(target=self._read_in_thread, daemon=True).start()

    def _read_in_thread(self) -> None:
        try:
            self.read()
        except Exception:
            logger.exception("meanings not read")
        finally:
            connection.close()

    def read(self) -> None:
        """Reads new vectors; from time to time all of them, which drops invalid ones."""
        with self._read_lock:
            now, model = monotonic(), settings.EMBEDDING_MODEL
            known = self._matrix
            if known and (known.model != model or now - known.loaded_at > self._reload_seconds):
                known = None
            self._refreshed_at = now
            self.indexed = pgvector.dimensions()
            self._matrix = None if self.indexed else self._extended(known, model, now)

    def _extended(self, known: _Matrix | None, model: str, now: float) -> _Matrix | None:
        import numpy as np  # noqa: PLC0415 - only where embeddings are enabled

        ids, last = (list(known.ids), known.last) if known else ([], 0)
        parts = [known.rows] if known else []
        while len(ids) < self._max_vectors and (stored := _stored(last, self._read_size)):
            size = parts[0].shape[1] * 4 if parts else len(stored[0][2])
            same_size = [row for row in stored if len(row[2]) == size]
            read = np.frombuffer(b"".join(row[2] for row in same_size), dtype="<f4")
            parts.append(read.reshape(len(same_size), size // 4))
            ids += [row[1] for row in same_size]
            last = stored[-1][0]
        if not ids:
            return None
        rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return _Matrix(model, ids, rows, last, known.loaded_at if known else now)

    def nearest(self, vector: Sequence[float], limit: int) -> list[int]:
        """The ids of the nearest lines with a cosine of at least EMBEDDING_LEAST, each once."""
        import numpy as np  # noqa: PLC0415

        matrix, query = self._matrix, np.asarray(vector, dtype=np.float32)
        if matrix is None or matrix.rows.shape[1] != len(query):
            return []
        try:
            # 40 ms with 100,000 lines of 1,536 numbers.
            unit = query / (np.linalg.norm(query) or 1.0)
            cosines = self._cores.run(np.matmul, matrix.rows, unit)
        except ServiceUnavailable:  # too much to compute at once; words still find lines
            return []
        limit = min(limit, len(cosines))
        best = np.argpartition(-cosines, limit - 1)[:limit]
        best = best[np.argsort(-cosines[best], kind="stable")]
        near = [matrix.ids[at] for at in best if cosines[at] >= settings.EMBEDDING_LEAST]
        return list(dict.fromkeys(near))


def _stored(after: int, most: int) -> list[tuple[int, int, bytes]]:
    rows = _valid().filter(pk__gt=after).order_by("pk")
    columns = rows.values_list("pk", "quote_id", "vector")[:most]
    return [(pk, quote, bytes(vector)) for pk, quote, vector in columns]


question_vectors, line_vectors = _QuestionVectors(), LineVectors()


# --- Embedding lines ----------------------------------------------------------------------------


def embed_waiting() -> Iterator[tuple[int, int]]:
    """Embeds the applied lines without a vector. After each request to the server, yields how many
    are done and how many are left. Can be interrupted at any point. Raises `EmbeddingsUnavailable`.
    """
    left, done = waiting().count(), 0
    while count := embed_some():
        done += count
        yield done, max(0, left - done)


def move_to_pgvector() -> None:
    """Lets PostgreSQL compare the stored vectors, where it can. Can be interrupted at any point."""
    pgvector.ensure_column()
    while pgvector.fill():
        pass
    pgvector.build_index()


def waiting() -> QuerySet[Quote]:
    """Applied lines without a vector of this model for their present text."""
    mine = Meaning.objects.filter(
        quote=OuterRef("pk"), model=settings.EMBEDDING_MODEL, version=OuterRef("version")
    )
    return Quote.objects.applied().filter(~Exists(mine))


def embed_some() -> int:
    """Embeds one batch of the oldest waiting lines in one request; returns how many there were.
    Raises `EmbeddingsUnavailable`.
    """
    if quotes := list(waiting().defer("search_text").order_by("pk")[:BATCH_SIZE]):
        _embed(quotes)
    pgvector.fill()
    return len(quotes)


def _embed(quotes: list[Quote]) -> None:
    vectors = embedders[0](list(map(_embedded_text, quotes)), patiently=True)
    with transaction.atomic(durable=True):
        ids = [quote.pk for quote in quotes]
        existing = set(
            Quote.objects.select_for_update().filter(pk__in=ids).values_list("pk", flat=True)
        )
        Meaning.objects.filter(quote__in=existing).delete()
        Meaning.objects.bulk_create(
            [
                Meaning(
                    quote=quote,
                    model=settings.EMBEDDING_MODEL,
                    version=quote.version,
                    vector=normalized(vector),
                )
                for quote, vector in zip(quotes, vectors, strict=True)
                if quote.pk in existing
            ],
            ignore_conflicts=True,
        )


def _embedded_text(quote: Quote) -> str:
    others = [getattr(quote, name) for name in _OTHERS]
    return "\n".join(filter(None, [quote.content, ", ".join(quote.names), *others]))


def normalized(vector: Sequence[float]) -> bytes:
    """The vector scaled to length 1, as `Meaning` stores it."""
    import numpy as np  # noqa: PLC0415

    whole = np.asarray(vector, dtype="<f4")
    return bytes((whole / (np.linalg.norm(whole) or 1.0)).astype("<f4").tobytes())
