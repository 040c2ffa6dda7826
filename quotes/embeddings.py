"""Finding lines by their meaning, where EMBEDDING_MODEL is set: each applied line has a vector from
that model, and a question's is compared with all of them, exactly; or by the database, where it can
(`quotes.nearest`).

Whoever can ask the model's server says so by `provide_embedder`; without, and while the server is
away, lines are found by their words alone. What is no longer applied, or has another text than its
vector, is never found: the database is asked about each line that is near.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from quotes import nearest
from quotes.models import Meaning, Quote
from quotes.nearest import Row

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)

AT_ONCE = 64  # lines in one request to the server
MOST = 100_000  # lines whose vectors a process holds
_LONGEST = 1000  # characters of a question
_KEPT_SECONDS, _KEPT = 60.0, 256  # of questions' vectors
_LOOK_SECONDS = 10.0  # how old a process's vectors may be
_ANEW_SECONDS = 600.0  # after which they are read anew, without those that are no longer valid
_SPARE = 4  # times as many lines are looked at as are wanted, for some have left the board
_READ = 2000  # vectors that are read at once


class Away(Exception):  # noqa: N818
    """No vectors can be had just now."""


class Embedder(Protocol):
    def __call__(self, texts: Sequence[str], *, patiently: bool) -> Sequence[Sequence[float]]:
        """A vector for each text. Not patiently: somebody is waiting. Raises `Away`."""


_embedders: list[Embedder] = []


def provide_embedder(embedder: Embedder) -> None:
    _embedders[:] = [embedder]


def is_on() -> bool:
    return bool(settings.EMBEDDING_MODEL and _embedders)


# --- Finding ------------------------------------------------------------------------------------


def alike(question: str, *, limit: int) -> list[Row]:
    """Applied lines whose meaning is near to the question's, nearest first, with their columns: pk,
    content, speaker, source, context. None where it is off or the server is away.
    """
    if not is_on() or not (vector := questions.vector(question[:_LONGEST])):
        return []
    vectors.look()
    if vectors.indexed:
        return _alike_by_database(vector, limit)
    ids = vectors.nearest(vector, limit * _SPARE)
    rows = (
        _valid()
        .filter(quote__in=ids)
        .values_list(
            *("quote_id", "quote__content", "quote__speaker", "quote__source", "quote__context")
        )
    )
    found = {row[0]: row for row in rows} if ids else {}
    return [found[pk] for pk in ids if pk in found][:limit]


def _alike_by_database(vector: Sequence[float], limit: int) -> list[Row]:
    if len(vector) != vectors.indexed:
        return []
    try:
        return nearest.nearest(vector, limit=limit)
    except DatabaseError as error:
        logger.warning("meanings not compared by the database: %s", type(error).__name__)
        vectors.forget()
        return []


def _valid() -> QuerySet[Meaning]:
    return Meaning.objects.filter(
        model=settings.EMBEDDING_MODEL, quote__is_apply=True, version=F("quote__version")
    )


class _Questions:
    """The vectors of questions that were asked a moment ago: each is asked for once, and not again
    for a while when it could not be had.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, Sequence[float]]] = {}

    def vector(self, question: str) -> Sequence[float]:
        """Empty: it cannot be had."""
        key, now = (settings.EMBEDDING_MODEL, question), monotonic()
        until, vector = self._known.get(key, (0.0, ()))
        if now < until:
            return vector
        try:
            [vector] = _embedders[0]([question], patiently=False)
        except Away:
            vector = ()
        if len(self._known) >= _KEPT:
            for old in list(islice(self._known, _KEPT // 2)):
                self._known.pop(old, None)
        self._known[key] = (now + _KEPT_SECONDS, vector)
        return vector


@dataclass(frozen=True, slots=True)
class _Held:
    """Vectors, one a row, and whose they are. `last` is the key of the newest."""

    model: str
    ids: list[int]
    rows: "np.ndarray[Any, Any]"
    last: int
    begun: float


class _Vectors:
    """The lines' vectors in this process, read from the database beside the turns; none where the
    database compares them, which `indexed` tells: how long they are there, or 0.
    """

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._held: _Held | None = None
        self.indexed = 0
        self._looked = float("-inf")

    def look(self) -> None:
        """Have what is new be read, if it is time; nobody waits for it."""
        if monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = monotonic()
            threading.Thread(target=self._read_beside, daemon=True).start()

    def _read_beside(self) -> None:
        try:
            self.read()
        except Exception:
            logger.exception("meanings not read")
        finally:
            connection.close()

    def read(self) -> None:
        """Take in what is new; now and then all, without those that are no longer valid."""
        with self._reading:
            now, model = monotonic(), settings.EMBEDDING_MODEL
            held = self._held
            if held and (held.model != model or now - held.begun > _ANEW_SECONDS):
                held = None
            self._looked = now
            self.indexed = nearest.dimensions()
            self._held = None if self.indexed else self._with_news(held, model, now)

    def _with_news(self, held: _Held | None, model: str, now: float) -> _Held | None:
        import numpy as np  # noqa: PLC0415 - only where it is on

        ids, last = (list(held.ids), held.last) if held else ([], 0)
        parts = [held.rows] if held else []
        while len(ids) < MOST and (some := _stored(after=last)):
            size = parts[0].shape[1] * 4 if parts else len(some[0][2])
            some_of_it = [row for row in some if len(row[2]) == size]
            read = np.frombuffer(b"".join(row[2] for row in some_of_it), dtype="<f4")
            parts.append(read.reshape(len(some_of_it), size // 4))
            ids += [row[1] for row in some_of_it]
            last = some[-1][0]
        if not ids:
            return None
        rows = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return _Held(model, ids, rows, last, held.begun if held else now)

    def nearest(self, vector: Sequence[float], limit: int) -> list[int]:
        """The ids of the nearest lines, as far as EMBEDDING_LEAST reaches; a line once."""
        import numpy as np  # noqa: PLC0415

        held, wanted = self._held, np.asarray(vector, dtype=np.float32)
        if held is None or held.rows.shape[1] != len(wanted):
            return []
        likeness = held.rows @ (wanted / (np.linalg.norm(wanted) or 1.0))
        limit = min(limit, len(likeness))
        best = np.argpartition(-likeness, limit - 1)[:limit]
        best = best[np.argsort(-likeness[best], kind="stable")]
        near = [held.ids[at] for at in best if likeness[at] >= settings.EMBEDDING_LEAST]
        return list(dict.fromkeys(near))


def _stored(*, after: int) -> list[tuple[int, int, bytes]]:
    rows = _valid().filter(pk__gt=after).order_by("pk")
    columns = rows.values_list("pk", "quote_id", "vector")[:_READ]
    return [(pk, quote, bytes(vector)) for pk, quote, vector in columns]


questions, vectors = _Questions(), _Vectors()


# --- Giving lines their vectors -----------------------------------------------------------------


def embed_waiting() -> Iterator[tuple[int, int]]:
    """Gives applied lines that have none their vector; after each request to the server says how
    many are done, and how many are left. May be broken off anywhere. Raises `Away`.
    """
    left, done = waiting().count(), 0
    while count := embed_some():
        done += count
        yield done, max(0, left - done)


def let_the_database_compare() -> None:
    """Has PostgreSQL take over what is stored, where it can. May be broken off anywhere."""
    nearest.ensure()
    while nearest.fill():
        pass
    nearest.build_index()


def waiting() -> QuerySet[Quote]:
    """Applied lines without a vector of this model for their present text."""
    mine = Meaning.objects.filter(
        quote=OuterRef("pk"), model=settings.EMBEDDING_MODEL, version=OuterRef("version")
    )
    return Quote.objects.applied().filter(~Exists(mine))


def embed_some() -> int:
    """One request to the server for the oldest waiting lines; returns how many there were."""
    if lot := list(waiting().defer("search_text").order_by("pk")[:AT_ONCE]):
        _embed(lot)
    nearest.fill()
    return len(lot)


def _embed(lot: list[Quote]) -> None:
    found = _embedders[0](list(map(_text, lot)), patiently=True)
    with transaction.atomic(durable=True):
        ids = [quote.pk for quote in lot]
        there = set(
            Quote.objects.select_for_update().filter(pk__in=ids).values_list("pk", flat=True)
        )
        Meaning.objects.filter(quote__in=there).delete()
        Meaning.objects.bulk_create(
            [
                Meaning(
                    quote=quote,
                    model=settings.EMBEDDING_MODEL,
                    version=quote.version,
                    vector=_packed(vector),
                )
                for quote, vector in zip(lot, found, strict=True)
                if quote.pk in there
            ],
            ignore_conflicts=True,
        )


def _text(quote: Quote) -> str:
    by = ", ".join(filter(None, [quote.speaker, quote.source]))
    return "\n".join(filter(None, [quote.content, by, quote.context]))


def _packed(vector: Sequence[float]) -> bytes:
    import numpy as np  # noqa: PLC0415

    whole = np.asarray(vector, dtype="<f4")
    return bytes((whole / (np.linalg.norm(whole) or 1.0)).astype("<f4").tobytes())
