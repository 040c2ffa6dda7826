"""Vectors that PostgreSQL compares, where its extension pgvector is there."""

import random
import struct

import pytest
from django.core.management import call_command
from django.db import connection

from quotes import embeddings, nearest
from quotes.models import Meaning, Quote
from tests.factories import make_quote

SIZE, LINES = 16, 3000
TEXTS = ("quote_id", "quote__content", "quote__speaker", "quote__source", "quote__context")


@pytest.fixture(autouse=True)
def _on(no_pgvector, db, settings, monkeypatch):
    if no_pgvector:
        pytest.skip(no_pgvector)
    settings.EMBEDDING_MODEL = "model"
    settings.EMBEDDING_LEAST = 0.1
    chance = random.Random(7)  # noqa: S311 - the same in each run
    monkeypatch.setattr(
        embeddings, "_embedders", [lambda texts, **_: [some(chance) for _ in texts]]
    )
    embeddings.questions.forget()
    embeddings.vectors.forget()
    yield
    embeddings.vectors.forget()


def some(chance: random.Random, size: int = SIZE) -> list[float]:
    return [chance.gauss(0, 1) for _ in range(size)]


def fill_board(owner, lines: int = LINES, size: int = SIZE) -> None:
    """Lines with vectors that were stored before the database could compare them."""
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
            quote=quote, model="model", version=1, vector=embeddings._packed(some(chance, size))
        )
        for quote in [first, *quotes]
    )


def in_the_process(vector: list[float], limit: int) -> list[int]:
    embeddings.vectors.forget()
    held = embeddings.vectors._with_news(None, "model", 0.0)
    embeddings.vectors._held = held
    ids = embeddings.vectors.nearest(vector, limit)
    embeddings.vectors.forget()
    return ids


def by_the_database(vector: list[float], limit: int) -> list[int]:
    return [row[0] for row in nearest.nearest(vector, limit=limit)]


def sql(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def plan(vector: list[float]) -> str:
    statement = nearest._NEAR.format(dimensions=SIZE, kind="vector", scanned=100)
    before, _, select = statement.rpartition(";")
    known = {"near": nearest._text(vector), "model": "model", "limit": 5}
    with connection.cursor() as cursor:
        cursor.execute(f"{before}; EXPLAIN {select}", known)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_what_was_stored_before_is_taken_over_in_lots(bob, monkeypatch):
    fill_board(bob, lines=5)
    monkeypatch.setattr(nearest, "_LOT", 2)
    assert [nearest.fill() for _ in range(4)] == [2, 2, 1, 0]
    assert nearest.dimensions() == 0
    nearest.build_index()
    assert nearest.dimensions() == SIZE


def test_both_ways_find_the_same(bob):
    fill_board(bob)
    embeddings.let_the_database_compare()
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


def test_the_plan_goes_by_the_index(bob):
    fill_board(bob)
    embeddings.let_the_database_compare()
    sql("ANALYZE quotes_meaning")
    sql("ANALYZE quotes_quote")
    shown = plan([1.0] * SIZE)
    assert "Index Scan using meaning_near_" in shown
    assert "Sort" not in shown


def test_what_left_the_board_takes_nobodys_place(bob):
    fill_board(bob)
    embeddings.let_the_database_compare()
    question = [1.0] * SIZE
    first = in_the_process(question, 1000)
    Quote.objects.filter(pk__in=first[:900]).update(is_apply=False, applied_at=None)
    sql("ANALYZE quotes_quote")
    sql("SET LOCAL enable_seqscan = off")
    found = by_the_database(question, 5)
    assert len(found) == 5
    assert not set(found) & set(first[:900])


def test_only_what_is_near_enough(bob, settings):
    fill_board(bob, lines=50)
    embeddings.let_the_database_compare()
    settings.EMBEDDING_LEAST = 0.3
    assert by_the_database([1.0] * SIZE, 50) == in_the_process([1.0] * SIZE, 50)
    settings.EMBEDDING_LEAST = 1.0
    assert by_the_database([1.0] * SIZE, 50) == []


def test_another_model_has_an_index_of_its_own(bob, settings):
    fill_board(bob, lines=5)
    embeddings.let_the_database_compare()
    [(old, _)] = nearest._rows(nearest._INDEXES, ["meaning_near_"])
    settings.EMBEDDING_MODEL = "other"
    assert nearest.dimensions() == 0
    assert by_the_database([1.0] * SIZE, 5) == []
    while embeddings.embed_some():
        pass
    embeddings.let_the_database_compare()
    [(new, valid)] = nearest._rows(nearest._INDEXES, ["meaning_near_"])
    assert (new != old, valid, nearest.dimensions()) == (True, True, SIZE)


def test_another_size_of_the_same_model_is_no_match(bob, monkeypatch):
    fill_board(bob, lines=3)
    odd = make_quote(bob, "Odd", is_apply=True)
    monkeypatch.setattr(embeddings, "_embedders", [lambda texts, **_: [[1.0, 0.5]] * len(texts)])
    assert embeddings.embed_some() == 1
    embeddings.let_the_database_compare()
    assert nearest.dimensions() == SIZE
    embeddings.vectors.read()
    assert embeddings.alike("question", limit=5) == []
    assert odd.pk not in by_the_database([1.0] * SIZE, 9)


@pytest.mark.parametrize(("size", "compared"), [(2001, 2001), (4001, 0)])
def test_long_vectors_are_halved_and_longer_ones_compared_in_the_process(bob, size, compared):
    fill_board(bob, lines=3, size=size)
    embeddings.let_the_database_compare()
    assert nearest.dimensions() == compared
    question = [1.0, *[0.0] * (size - 1)]
    embeddings.vectors.read()
    assert bool(embeddings.vectors._held) == (not compared)
    if compared:
        sql("SET LOCAL enable_seqscan = off")
        assert by_the_database(question, 3) == in_the_process(question, 3)


def test_what_is_no_number_holds_nothing_up(bob):
    fill_board(bob, lines=2)
    Meaning.objects.filter(pk=Meaning.objects.first().pk).update(
        vector=struct.pack("<16f", *[float("nan")] * SIZE)
    )
    embeddings.let_the_database_compare()
    assert nearest.fill() == 0
    assert len(by_the_database([1.0] * SIZE, 2)) <= 1


def test_without_the_extension_it_goes_on_in_the_process(bob, settings):
    settings.EMBEDDING_LEAST = 0.0
    fill_board(bob, lines=5)
    embeddings.let_the_database_compare()
    embeddings.vectors.read()
    assert embeddings.vectors.indexed == SIZE
    sql("DROP EXTENSION vector CASCADE")
    assert embeddings.alike("question", limit=5) == []  # by its words alone, this once
    assert embeddings.vectors.indexed == 0
    embeddings.vectors.read()
    assert embeddings.alike("question", limit=5)
    assert embeddings.embed_some() == 0


def test_it_is_not_asked_for_without_a_model(settings):
    sql("DROP EXTENSION vector CASCADE")
    settings.EMBEDDING_MODEL = ""
    nearest.ensure()
    assert not nearest.is_there()
    settings.EMBEDDING_MODEL = "model"
    nearest.ensure()
    assert nearest.is_there()


@pytest.mark.usefixtures("transactional_db")
def test_the_command_makes_the_index_beside_the_work_of_others(bob):
    try:
        for number in range(3):
            make_quote(bob, f"Line {number}", is_apply=True)
        call_command("embed_quotes", verbosity=0)
        assert nearest.dimensions() == SIZE
        sql(
            "UPDATE pg_index SET indisvalid = false FROM pg_class"
            " WHERE pg_class.oid = indexrelid AND relname ~ '^meaning_near_'"
        )
        assert nearest.dimensions() == 0
        call_command("embed_quotes", verbosity=0)  # as if it had been broken off
        assert nearest.dimensions() == SIZE
        embeddings.vectors.read()
        assert embeddings.vectors._held is None
        sql("DROP EXTENSION vector CASCADE")
        call_command("embed_quotes", verbosity=0)  # which makes it again
        assert nearest.dimensions() == SIZE
    finally:
        for name, _ in nearest._rows(nearest._INDEXES, ["meaning_near_"]):
            sql(f"DROP INDEX {name}")
        nearest.ensure()
