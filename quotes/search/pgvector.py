"""Comparing the lines' vectors in PostgreSQL, where the extension `vector` (pgvector, 0.8 or newer)
is installed or can be: no process needs a copy of them, and their number is not limited.

They are in a column `nearness` of quotes_meaning that Django does not know of, with one HNSW index
for each model. `embed_quotes` creates both. Without the index, or after the extension is dropped,
`quotes.search.embeddings` compares the vectors in the process.
"""

import hashlib
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from math import isnan
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from quotes.columns import SEARCHED, BoardLine
from quotes.search.vector_model import vector_model

logger = logging.getLogger(__name__)

BATCH_SIZE = 500  # vectors in one UPDATE
_VECTOR, _HALF = 2000, 4000  # most dimensions of an index of 32-bit, and of 16-bit floats
_EF_SEARCH = 100  # the index's list of candidates: a longer one finds more and is slower
_PREFIX = "meaning_near_"

_HAS_COLUMN = """SELECT 1 FROM pg_attribute
    WHERE attrelid = 'quotes_meaning'::regclass AND attname = 'nearness' AND NOT attisdropped"""
_IS_NEW_ENOUGH = """SELECT 1 FROM pg_extension
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
_MOST_COMMON_DIMENSIONS = """SELECT vector_dims(nearness) FROM quotes_meaning
    WHERE model = %s AND nearness IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"""
_COLUMNS = ", ".join(f"quote.{name}" for name in SEARCHED)
# An iterative scan goes on until `limit` lines are still on the board with the same text.
_NEAREST = f"""SET LOCAL hnsw.iterative_scan = strict_order;
    SET LOCAL hnsw.ef_search = {{ef_search}};
    SELECT quote.id, {_COLUMNS},
        1 - (nearness <=> %(near)s::vector)
    FROM quotes_meaning AS meaning
    JOIN quotes_quote AS quote ON quote.id = meaning.quote_id
    WHERE model = %(model)s AND vector_dims(nearness) = {{dimensions}}
        AND quote.is_apply AND quote.version = meaning.version
    ORDER BY nearness::{{kind}}({{dimensions}}) <=> %(near)s::{{kind}}({{dimensions}})
    LIMIT %(limit)s"""  # noqa: S608 - names of columns


# --- Creating the column and the index ----------------------------------------------------------


def ensure_column(**_signal: Any) -> None:
    """Creates the column where EMBEDDING_MODEL is set and pgvector is available; otherwise does
    nothing.
    """
    if connection.vendor != "postgresql" or not settings.EMBEDDING_MODEL or has_column():
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute(_IS_NEW_ENOUGH)
            for statement in _COLUMN if cursor.fetchone() else ():
                cursor.execute(statement)
    except DatabaseError as error:
        logger.info("no pgvector, meanings are compared in the process: %s", type(error).__name__)


def has_column() -> bool:
    """Whether the database keeps the vectors in a form that it can compare."""
    return connection.vendor == "postgresql" and bool(_rows(_HAS_COLUMN))


def fill(batch_size: int = BATCH_SIZE) -> int:
    """Copies one batch of stored vectors into the column; returns how many."""
    if not has_column():
        return 0
    rows = _rows(_UNFILLED, [vector_model(), batch_size])
    if rows:
        ids = [pk for pk, _ in rows]
        _run(_FILL, [ids, [_text(_floats(vector)) for _, vector in rows]])
    return len(rows)


def build_index() -> None:
    """Creates the index of the model, for the size that most of its vectors have, and drops those
    of other models. Does not block reads or writes.
    """
    usual = has_column() and _rows(_MOST_COMMON_DIMENSIONS, [vector_model()])
    if not usual or (dimensions := usual[0][0]) > _HALF:
        return
    name, kind = f"{_prefix()}{dimensions}", _kind(dimensions)
    indexes = dict(_rows(_INDEXES, [_PREFIX]))
    concurrently = "CONCURRENTLY"
    if connection.in_atomic_block:  # CONCURRENTLY is not allowed there, nor are pending triggers
        connection.check_constraints()
        concurrently = ""
    if indexes.get(name) is False:  # its creation was interrupted
        _run(f"DROP INDEX {concurrently} {name}")
    if not indexes.pop(name, False):
        _run(
            f"CREATE INDEX {concurrently} {name} ON quotes_meaning"
            f" USING hnsw ((nearness::{kind}({dimensions})) {kind}_cosine_ops)"
            f" WHERE model = %s AND vector_dims(nearness) = {dimensions}",
            [vector_model()],
        )
    for other in indexes:
        _run(f"DROP INDEX {concurrently} {other}")


# --- Finding ------------------------------------------------------------------------------------


def dimensions() -> int:
    """The size of the model's vectors that the database can compare, or 0 where it cannot."""
    if not has_column() or not _rows(_IS_NEW_ENOUGH):
        return 0
    sizes = [name.rpartition("_")[2] for name, valid in _rows(_INDEXES, [_prefix()]) if valid]
    return int(sizes[0]) if sizes else 0


def nearest(vector: Sequence[float], *, limit: int) -> list[tuple[BoardLine, float]]:
    """The applied lines with the nearest vectors of the same size and their cosines, nearest first;
    one statement. Raises DatabaseError without the extension.
    """
    size = len(vector)
    statement = _NEAREST.format(dimensions=size, kind=_kind(size), ef_search=_EF_SEARCH)
    known = {"near": _text(vector), "model": vector_model(), "limit": limit}
    # A savepoint, so that a failure does not abort the caller's transaction.
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        found = _rows(statement, known)
    near = [row for row in found if not isnan(row[-1])]  # a vector of zeros has no cosine
    return [(BoardLine(*row[:-1]), row[-1]) for row in sorted(near, key=lambda row: -row[-1])]


def _prefix() -> str:
    model = hashlib.sha256(vector_model().encode()).hexdigest()
    return f"{_PREFIX}{model[:12]}_"


def _kind(dimensions: int) -> str:
    return "vector" if dimensions <= _VECTOR else "halfvec"


def _floats(vector: bytes) -> list[float]:
    import numpy as np  # noqa: PLC0415 - only where embeddings are enabled

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
