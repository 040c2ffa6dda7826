"""Comparing vectors in PostgreSQL, where pgvector is installed."""

import random
import struct

import pytest
from django.core.management import call_command
from django.db import connection

from quotes.columns import EXAMPLE, SEARCHED, line_values
from quotes.models import Meaning, Quote
from quotes.search import embeddings, pgvector
from quotes.search.embeddings import provide_embedder
from tests.factories import make_quote

SIZE, LINES = 16, 3000


@pytest.fixture(autouse=True)
def _on(no_pgvector, db, settings):
    if no_pgvector:
        pytest.skip(no_pgvector)
    settings.EMBEDDING_MODEL = "model"
    settings.EMBEDDING_LEAST = 0.1
    chance = random.Random(7)  # noqa: S311 - the same in each run
    [product] = embeddings.embedders
    provide_embedder(lambda texts, **_: [some(chance) for _ in texts])
    embeddings.question_vectors.forget()
    embeddings.line_vectors.forget()
    yield
    embeddings.line_vectors.forget()
    provide_embedder(product)


def some(chance: random.Random, size: int = SIZE) -> list[float]:
    return [chance.gauss(0, 1) for _ in range(size)]


def fill_board(owner, lines: int = LINES, size: int = SIZE) -> None:
    """Creates lines whose vectors were stored before the database could compare them."""
    chance = random.Random(lines)  # noqa: S311
    first = make_quote(owner, "Line", is_apply=True)
    columns = {
        field.attname: getattr(first, field.attname)
        for field in Quote._meta.concrete_fields
        if not field.primary_key
    }
    quotes = Quote.objects.bulk_create([Quote(**columns) for _ in range(lines - 1)])
    Meaning.objects.bulk_create(
        Meaning(
            quote=quote, model="model", version=1, vector=embeddings.normalized(some(chance, size))
        )
        for quote in [first, *quotes]
    )


def in_the_process(vector: list[float], limit: int) -> list[int]:
    embeddings.line_vectors.forget()
    matrix = embeddings.line_vectors._extended(None, "model", 0.0)
    embeddings.line_vectors._matrix = matrix
    ids = [*embeddings.line_vectors.nearest(vector, limit)]
    embeddings.line_vectors.forget()
    return ids


def by_the_database(vector: list[float], limit: int) -> list[int]:
    return [line.id for line, _ in pgvector.nearest(vector, limit=limit)]


def sql(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def plan(vector: list[float]) -> str:
    statement = pgvector._NEAREST.format(dimensions=SIZE, kind="vector", ef_search=100)
    before, _, select = statement.rpartition(";")
    known = {"near": pgvector._text(vector), "model": "model", "limit": 5}
    with connection.cursor() as cursor:
        cursor.execute(f"{before}; EXPLAIN {select}", known)  # type: ignore[arg-type]
        return "\n".join(line for (line,) in cursor.fetchall())


def test_vectors_that_were_stored_before_are_copied_in_batches(bob):
    fill_board(bob, lines=5)
    assert [pgvector.fill(batch_size=2) for _ in range(4)] == [2, 2, 1, 0]
    assert pgvector.dimensions() == 0
    pgvector.build_index()
    assert pgvector.dimensions() == SIZE


def test_process_and_database_find_the_same(bob):
    fill_board(bob)
    embeddings.move_to_pgvector()
    chance = random.Random(1)  # noqa: S311
    questions = [some(chance) for _ in range(20)]
    exact = [in_the_process(question, 10) for question in questions]
    sql("SET LOCAL enable_indexscan = off")
    assert [by_the_database(question, 10) for question in questions] == exact
    sql("SET LOCAL enable_indexscan = on")
    sql("SET LOCAL enable_seqscan = off")
    both = sum(
        len(set(one) & set(by_the_database(question, 10)))
        for question, one in zip(questions, exact, strict=True)
    )
    assert both >= 0.95 * 10 * 20


def test_its_rows_have_the_public_columns(bob):
    quote = make_quote(bob, **EXAMPLE, gloss="Not to be ashamed", is_apply=True)
    while embeddings.embed_some():
        pass
    embeddings.move_to_pgvector()
    [vector] = Meaning.objects.values_list("vector", flat=True)
    [(line, cosine)] = pgvector.nearest(struct.unpack(f"<{SIZE}f", bytes(vector)), limit=1)
    assert cosine == pytest.approx(1.0)
    assert line_values(line) == (quote.pk, *(getattr(quote, name) for name in SEARCHED))


def test_the_plan_uses_the_index(bob):
    fill_board(bob)
    embeddings.move_to_pgvector()
    sql("ANALYZE quotes_meaning")
    sql("ANALYZE quotes_quote")
    shown = plan([1.0] * SIZE)
    assert "Index Scan using meaning_near_" in shown
    assert "Sort" not in shown


def test_lines_that_left_the_board_take_no_place(bob):
    fill_board(bob)
    embeddings.move_to_pgvector()
    question = [1.0] * SIZE
    first = in_the_process(question, 1000)
    Quote.objects.filter(pk__in=first[:900]).update(is_apply=False, applied_at=None)
    sql("ANALYZE quotes_quote")
    sql("SET LOCAL enable_seqscan = off")
    found = by_the_database(question, 5)
    assert len(found) == 5
    assert not set(found) & set(first[:900])


def test_chance_is_measured_as_in_the_process(bob):
    """From the vectors in the table, as no process has them."""
    fill_board(bob, lines=600)
    embeddings.line_vectors.read()
    there = embeddings.line_vectors.chance
    embeddings.line_vectors.forget()
    embeddings.move_to_pgvector()
    embeddings.line_vectors.read()
    here = embeddings.line_vectors.chance
    assert embeddings.line_vectors.indexed
    assert here.mean == pytest.approx(there.mean, abs=0.03)
    assert here.least == pytest.approx(there.least, abs=0.1)


def test_another_model_has_an_index_of_its_own(bob, settings):
    fill_board(bob, lines=5)
    embeddings.move_to_pgvector()
    [(old, _)] = pgvector._rows(pgvector._INDEXES, ["meaning_near_"])
    settings.EMBEDDING_MODEL = "other"
    assert pgvector.dimensions() == 0
    assert by_the_database([1.0] * SIZE, 5) == []
    while embeddings.embed_some():
        pass
    embeddings.move_to_pgvector()
    [(new, valid)] = pgvector._rows(pgvector._INDEXES, ["meaning_near_"])
    assert (new != old, valid, pgvector.dimensions()) == (True, True, SIZE)


def test_another_size_of_the_same_model_is_no_match(bob):
    fill_board(bob, lines=3)
    odd = make_quote(bob, "Odd", is_apply=True)
    provide_embedder(lambda texts, **_: [[1.0, 0.5]] * len(texts))
    assert embeddings.embed_some() == 1
    embeddings.move_to_pgvector()
    assert pgvector.dimensions() == SIZE
    embeddings.line_vectors.read()
    assert embeddings.find_by_meaning("question", limit=5) == []
    assert odd.pk not in by_the_database([1.0] * SIZE, 9)


@pytest.mark.parametrize(("size", "compared"), [(2001, 2001), (4001, 0)])
def test_long_vectors_are_halved_and_longer_ones_compared_in_the_process(bob, size, compared):
    fill_board(bob, lines=3, size=size)
    embeddings.move_to_pgvector()
    assert pgvector.dimensions() == compared
    question = [1.0, *[0.0] * (size - 1)]
    embeddings.line_vectors.read()
    assert bool(embeddings.line_vectors._matrix) == (not compared)
    if compared:
        sql("SET LOCAL enable_seqscan = off")
        assert by_the_database(question, 3) == in_the_process(question, 3)


def test_nan_does_not_stop_the_rest(bob):
    fill_board(bob, lines=2)
    Meaning.objects.filter(pk=Meaning.objects.first().pk).update(
        vector=struct.pack("<16f", *[float("nan")] * SIZE)
    )
    embeddings.move_to_pgvector()
    assert pgvector.fill() == 0
    assert len(by_the_database([1.0] * SIZE, 2)) <= 1


def test_without_the_extension_the_process_compares(bob, settings):
    settings.EMBEDDING_LEAST = 0.0
    fill_board(bob, lines=5)
    embeddings.move_to_pgvector()
    embeddings.line_vectors.read()
    assert embeddings.line_vectors.indexed == SIZE
    sql("DROP EXTENSION vector CASCADE")
    assert (
        embeddings.find_by_meaning("question", limit=5) == []
    )  # this time only words are searched
    assert embeddings.line_vectors.indexed == 0
    embeddings.line_vectors.read()
    assert embeddings.find_by_meaning("question", limit=5)
    assert embeddings.embed_some() == 0


def test_creates_nothing_without_a_model(settings):
    sql("DROP EXTENSION vector CASCADE")
    settings.EMBEDDING_MODEL = ""
    pgvector.ensure_column()
    assert not pgvector.has_column()
    settings.EMBEDDING_MODEL = "model"
    pgvector.ensure_column()
    assert pgvector.has_column()


@pytest.mark.usefixtures("transactional_db")
def test_the_command_creates_the_index_concurrently(bob):
    try:
        for number in range(3):
            make_quote(bob, f"Line {number}", is_apply=True)
        call_command("embed_quotes", verbosity=0)
        assert pgvector.dimensions() == SIZE
        sql(
            "UPDATE pg_index SET indisvalid = false FROM pg_class"
            " WHERE pg_class.oid = indexrelid AND relname ~ '^meaning_near_'"
        )
        assert pgvector.dimensions() == 0
        call_command("embed_quotes", verbosity=0)  # as after an interruption
        assert pgvector.dimensions() == SIZE
        embeddings.line_vectors.read()
        assert embeddings.line_vectors._matrix is None
        sql("DROP EXTENSION vector CASCADE")
        call_command("embed_quotes", verbosity=0)  # which creates it again
        assert pgvector.dimensions() == SIZE
    finally:
        for name, _ in pgvector._rows(pgvector._INDEXES, ["meaning_near_"]):
            sql(f"DROP INDEX {name}")
        pgvector.ensure_column()
