"""The lines' vectors compared by PostgreSQL, where its extension `vector` (pgvector, 0.8 or newer)
is there or can be had: no copy of them in each process, and no bound on their number.

They stand beside what Django knows, in a column `nearness` of quotes_meaning, and each model has an
HNSW index of its own. `embed_quotes` makes both; where the index is not there, or lost again with
its extension, `quotes.embeddings` compares in the process.
"""

import hashlib
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

logger = logging.getLogger(__name__)

_LOT = 500  # vectors in one UPDATE
_VECTOR, _HALF = 2000, 4000  # dimensions up to which an index takes 32-bit and 16-bit floats
_SCANNED = 100  # the index's list of candidates: the longer, the more is found and the slower
_PREFIX = "meaning_near_"

_THERE = """SELECT 1 FROM pg_attribute
    WHERE attrelid = 'quotes_meaning'::regclass AND attname = 'nearness' AND NOT attisdropped"""
_ENOUGH = """SELECT 1 FROM pg_extension
    WHERE extname = 'vector' AND string_to_array(extversion, '.')::int[] >= '{0,8}'"""
_INDEXES = """SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = 'quotes_meaning'::regclass AND starts_with(relname, %s)"""
_COLUMN = (
    "ALTER TABLE quotes_meaning ADD COLUMN nearness vector",
    "CREATE INDEX meaning_unfilled ON quotes_meaning (model, id) WHERE nearness IS NULL",
)
_UNFILLED = """SELECT id, vector FROM quotes_meaning WHERE model = %s AND nearness IS NULL
    AND octet_length(vector) BETWEEN 4 AND 64000 ORDER BY id LIMIT %s"""
_FILL = """UPDATE quotes_meaning SET nearness = news.nearness::vector
    FROM unnest(%s::bigint[], %s::text[]) AS news (id, nearness)
    WHERE quotes_meaning.id = news.id"""
_USUAL = """SELECT vector_dims(nearness) FROM quotes_meaning
    WHERE model = %s AND nearness IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"""
# The index hands on line after line until so many are still on the board, with the same text.
_NEAR = """SET LOCAL hnsw.iterative_scan = strict_order; SET LOCAL hnsw.ef_search = {scanned};
    SELECT quote.id, quote.content, quote.speaker, quote.source, quote.context,
        1 - (nearness <=> %(near)s::vector)
    FROM quotes_meaning AS meaning
    JOIN quotes_quote AS quote ON quote.id = meaning.quote_id
    WHERE model = %(model)s AND vector_dims(nearness) = {dimensions}
        AND quote.is_apply AND quote.version = meaning.version
    ORDER BY nearness::{kind}({dimensions}) <=> %(near)s::{kind}({dimensions}) LIMIT %(limit)s"""

Row = tuple[int, str, str, str, str]


# --- Making it ----------------------------------------------------------------------------------


def ensure(**_signal: Any) -> None:
    """Makes the column where EMBEDDING_MODEL is set and the database can; else nothing happens."""
    if connection.vendor != "postgresql" or not settings.EMBEDDING_MODEL or is_there():
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute(_ENOUGH)
            for statement in _COLUMN if cursor.fetchone() else ():
                cursor.execute(statement)
    except DatabaseError as error:
        logger.info("no pgvector, meanings are compared in the process: %s", type(error).__name__)


def is_there() -> bool:
    """Whether the vectors are kept for the database to compare."""
    return connection.vendor == "postgresql" and bool(_rows(_THERE))


def fill() -> int:
    """Puts vectors that were stored into the column, a lot at once; returns how many."""
    if not is_there() or not (lot := _rows(_UNFILLED, [settings.EMBEDDING_MODEL, _LOT])):
        return 0
    ids = [pk for pk, _ in lot]
    _run(_FILL, [ids, [_text(_floats(vector)) for _, vector in lot]])
    return len(lot)


def build_index() -> None:
    """The index of the model, for the size that most of its vectors have; without those of other
    models. Nobody who reads or writes waits for it.
    """
    usual = is_there() and _rows(_USUAL, [settings.EMBEDDING_MODEL])
    if not usual or (dimensions := usual[0][0]) > _HALF:
        return
    name, kind = f"{_prefix()}{dimensions}", _kind(dimensions)
    indexes = dict(_rows(_INDEXES, [_PREFIX]))
    beside = "CONCURRENTLY"
    if connection.in_atomic_block:  # there an index is made at once, and after deferred checks
        connection.check_constraints()
        beside = ""
    if indexes.get(name) is False:  # its making was broken off
        _run(f"DROP INDEX {beside} {name}")
    if not indexes.pop(name, False):
        _run(
            f"CREATE INDEX {beside} {name} ON quotes_meaning"
            f" USING hnsw ((nearness::{kind}({dimensions})) {kind}_cosine_ops)"
            f" WHERE model = %s AND vector_dims(nearness) = {dimensions}",
            [settings.EMBEDDING_MODEL],
        )
    for other in indexes:
        _run(f"DROP INDEX {beside} {other}")


# --- Finding ------------------------------------------------------------------------------------


def dimensions() -> int:
    """How long the model's vectors are that the database can compare. 0: it cannot."""
    if not is_there() or not _rows(_ENOUGH):
        return 0
    sizes = [name.rpartition("_")[2] for name, valid in _rows(_INDEXES, [_prefix()]) if valid]
    return int(sizes[0]) if sizes else 0


def nearest(vector: Sequence[float], *, limit: int) -> list[Row]:
    """Applied lines whose vectors, of the same size, are nearest, as far as EMBEDDING_LEAST
    reaches, in one statement. Raises DatabaseError when the extension is gone.
    """
    size = len(vector)
    statement = _NEAR.format(dimensions=size, kind=_kind(size), scanned=_SCANNED)
    known = {"near": _text(vector), "model": settings.EMBEDDING_MODEL, "limit": limit}
    # What fails must not take a caller's transaction with it; alone it is one of its own.
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        found = _rows(statement, known)
    near = [row for row in found if row[5] >= settings.EMBEDDING_LEAST]
    return [row[:5] for row in sorted(near, key=lambda row: -row[5])]


def _prefix() -> str:
    model = hashlib.sha256(settings.EMBEDDING_MODEL.encode()).hexdigest()
    return f"{_PREFIX}{model[:12]}_"


def _kind(dimensions: int) -> str:
    return "vector" if dimensions <= _VECTOR else "halfvec"


def _floats(vector: bytes) -> list[float]:
    import numpy as np  # noqa: PLC0415 - only where it is on

    floats = np.frombuffer(bytes(vector), dtype="<f4")
    found: list[float] = np.nan_to_num(floats, nan=0.0, posinf=0.0, neginf=0.0).tolist()
    return found


def _text(vector: Sequence[float]) -> str:
    return f"[{','.join(format(number, '.9g') for number in vector)}]"


def _run(statement: str, known: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, known)


def _rows(statement: str, known: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, known)
        return list(cursor.fetchall())
