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
from django.db.models import Exists, F, Max, Min, OuterRef, QuerySet

from config import offload
from config.api.problems import ServiceUnavailable
from quotes.columns import NAMES, SEARCHED, BoardLine
from quotes.models import Meaning, Quote
from quotes.search import pgvector
from quotes.search.chance import SAMPLE_SIZE, UNMEASURED, choose_sample, measure_chance
from quotes.search.vector_model import vector_model

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
_OTHERS = [name for name in SEARCHED if name not in {"content", *NAMES}]


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


@dataclass(frozen=True, slots=True)
class Near:
    """An applied line and its `nearness` to a question: 0 is by chance, 1 the same. `is_near`: no
    line would be as near by chance.
    """

    line: BoardLine
    nearness: float
    is_near: bool


def find_by_meaning(question: str, *, limit: int) -> list[Near]:
    """Applied lines by how near their meaning is to the question's, nearest first. Empty where
    embeddings are disabled or unavailable.
    """
    if not is_on() or not (vector := question_vectors.get(question[:_LONGEST])):
        return []
    line_vectors.refresh()
    near = _nearest(vector, limit)
    chance = line_vectors.chance
    return [Near(line, chance.nearness(cosine), chance.is_near(cosine)) for line, cosine in near]


def _nearest(vector: Sequence[float], limit: int) -> list[tuple[BoardLine, float]]:
    if line_vectors.indexed:
        return _nearest_in_database(vector, limit)
    cosines = line_vectors.nearest(vector, limit * _SPARE)
    columns = ("quote_id", *(f"quote__{name}" for name in SEARCHED))
    rows = _valid().filter(quote__in=cosines).values_list(*columns)
    found = {row[0]: BoardLine(*row) for row in rows} if cosines else {}
    return [(found[pk], cosine) for pk, cosine in cosines.items() if pk in found][:limit]


def _nearest_in_database(vector: Sequence[float], limit: int) -> list[tuple[BoardLine, float]]:
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
        model=vector_model(), quote__is_apply=True, version=F("quote__version")
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
        asked = settings.EMBEDDING_QUERY_PREFIX + question
        key, now = (settings.EMBEDDING_MODEL, asked), monotonic()
        until, vector = self._known.get(key, (0.0, ()))
        if now < until:
            return vector
        try:
            [vector] = embedders[0]([asked], patiently=False)
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
    `chance` is measured whenever all vectors are read.
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
        self.chance = UNMEASURED
        self._measured = ("", float("-inf"))  # the model whose vectors were, and when
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
            now, model = monotonic(), vector_model()
            known = self._matrix
            if known and (known.model != model or now - known.loaded_at > self._reload_seconds):
                known = None
            self._refreshed_at = now
            self.indexed = pgvector.dimensions()
            matrix = None if self.indexed else self._extended(known, model, now)
            self._measure(matrix, model, now)
            self._matrix = matrix

    def _measure(self, matrix: _Matrix | None, model: str, now: float) -> None:
        """Again where all vectors were read again: the board has changed little in between."""
        if matrix:
            if self._measured != (model, matrix.loaded_at) or len(matrix.ids) < SAMPLE_SIZE:
                self.chance = measure_chance(choose_sample(matrix.rows), len(matrix.ids))
            self._measured = (model, matrix.loaded_at)
        elif self.indexed and (
            self._measured[0] != model or now - self._measured[1] > self._reload_seconds
        ):
            self.chance = measure_chance(*_sample(self.indexed))
            self._measured = (model, now)

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

    def nearest(self, vector: Sequence[float], limit: int) -> dict[int, float]:
        """The cosines of the nearest lines by their ids, nearest first."""
        import numpy as np  # noqa: PLC0415

        matrix, query = self._matrix, np.asarray(vector, dtype=np.float32)
        if matrix is None or matrix.rows.shape[1] != len(query):
            return {}
        try:
            # 40 ms with 100,000 lines of 1,536 numbers.
            unit = query / (np.linalg.norm(query) or 1.0)
            cosines = self._cores.run(np.matmul, matrix.rows, unit)
        except ServiceUnavailable:  # too much to compute at once; words still find lines
            return {}
        limit = min(limit, len(cosines))
        best = np.argpartition(-cosines, limit - 1)[:limit]
        best = best[np.argsort(-cosines[best], kind="stable")]
        near = dict[int, float]()
        for at in best[~np.isnan(cosines[best])]:  # some servers send vectors with NaN
            near.setdefault(matrix.ids[at], float(cosines[at]))
        return near


def _sample(dimensions: int) -> "tuple[np.ndarray[Any, Any], int]":
    """Vectors of this size from all over the table, and about how many there are."""
    import numpy as np  # noqa: PLC0415

    ids = _valid().aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ids["first"] or 0, ids["last"] or 0
    step = max(1, (last - first) // SAMPLE_SIZE)
    chosen = _valid().filter(pk__in=range(first, last + 1, step)).values_list("vector", flat=True)
    rows = [bytes(vector) for vector in chosen if len(vector) == 4 * dimensions]
    return np.frombuffer(b"".join(rows), dtype="<f4").reshape(-1, dimensions), last - first + 1


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
    """Applied lines without a vector of this model and prefix for their present text."""
    mine = Meaning.objects.filter(
        quote=OuterRef("pk"), model=vector_model(), version=OuterRef("version")
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
        locked = Quote.objects.select_for_update().filter(pk__in=ids)
        glosses = dict(locked.values_list("pk", "gloss"))
        # A gloss has no version: one that has come meanwhile is embedded next time.
        same = [quote for quote in quotes if glosses.get(quote.pk) == quote.gloss]
        Meaning.objects.filter(quote__in=same).delete()
        Meaning.objects.bulk_create(
            [
                Meaning(
                    quote=quote,
                    model=vector_model(),
                    version=quote.version,
                    vector=normalized(vector),
                )
                for quote, vector in zip(quotes, vectors, strict=True)
                if quote in same
            ],
            ignore_conflicts=True,
        )


def _embedded_text(quote: Quote) -> str:
    others = [getattr(quote, name) for name in _OTHERS]
    text = "\n".join(filter(None, [quote.content, ", ".join(quote.names), *others]))
    return settings.EMBEDDING_PASSAGE_PREFIX + text


def normalized(vector: Sequence[float]) -> bytes:
    """The vector scaled to length 1, as `Meaning` stores it."""
    import numpy as np  # noqa: PLC0415

    whole = np.asarray(vector, dtype="<f4")
    return bytes((whole / (np.linalg.norm(whole) or 1.0)).astype("<f4").tobytes())
