"""What a question looks up: few queries, bounded reads, and the index."""

from django.db import connection
from django.utils import timezone

from quotes.models import Quote
from quotes.search.candidates import fetch_candidates
from quotes.search.find import find
from quotes.search.query_plan import ReadLimits, plan_query
from tests.factories import make_quote
from tests.planner import gather_statistics


def test_two_queries_for_any_question(alice, django_assert_num_queries):
    """PostgreSQL: one for the counts of the terms (until there are statistics) and one for the
    lines. SQLite: one for the counts and two for the lines.
    """
    for number in range(20):
        make_quote(alice, f"Silence {number} of the night", is_apply=True)
    find(question="silence")
    with django_assert_num_queries(3 if connection.vendor == "sqlite" else 2):
        assert len(find(question="the silence of the long night, or of 20 nights")) == 5


def test_frequent_words_cost_no_more_than_the_limits(alice):
    """Terms that are too frequent alone are looked up in pairs."""
    lines = [f"{word} {number}" for number in range(30) for word in ("night", "star", "silent")]
    for content in [*lines, "a silent night of stars"]:
        make_quote(alice, content, is_apply=True)
    plan = plan_query("silent night stars", ReadLimits(read=30, scanned=1000))
    assert [clause.terms for clause in plan.clauses] == [
        ("silent", "night"),
        ("silent", "star"),
        ("night", "star"),
    ]
    candidates = fetch_candidates(plan, limit=5)
    assert [line.content for line in candidates] == ["a silent night of stars"]


def test_a_frequent_word_alone_reads_no_more_than_the_limit(alice):
    for number in range(30):
        make_quote(alice, f"night {number}", is_apply=True)
    plan = plan_query("night", ReadLimits(read=10, scanned=0))
    assert [(clause.terms, clause.limit) for clause in plan.clauses] == [(("night",), 10)]
    assert len(fetch_candidates(plan, limit=20)) == 10


def plan_of(question: str) -> str:
    """The query plans of the statements of a question."""
    seen = []

    def note(execute, sql, params, many, context):
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        find(question=question)
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        rows = []
        for sql, params in seen:
            cursor.execute(explain + sql, params)
            rows += [str(row[-1]) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_the_plan_uses_the_index(alice):
    """On a larger board, where the planner chooses freely."""
    words = ["river", "lantern", "winter", "letter", "window", "garden", "thunder"]
    Quote.objects.bulk_create(
        Quote(
            user=alice,
            content=f"{words[n % 7]} {n} {words[n % 5]}",
            reason="as long as a line is " * 20,
            is_apply=True,
            applied_at=timezone.now(),
        )
        for n in range(3000)
    )
    if connection.vendor == "sqlite":
        plan = plan_of("2001 rivers and 17 lanterns")
        assert "SCAN quotes_index VIRTUAL TABLE INDEX 0:M" in plan  # by MATCH
        assert "SEARCH quotes_quote USING INTEGER PRIMARY KEY" in plan
        # Only an index is gone through, to count the board.
        counted = plan.count("SCAN quotes_quote USING INDEX quote_applied_id")
        assert plan.count("SCAN quotes_quote") == counted
        return
    gather_statistics(Quote)
    plan = plan_of("2001 rivers and 17 lanterns")
    assert "Bitmap Index Scan on quote_search" in plan
    assert "Index Cond: (id = candidate.id)" in plan
    assert "Seq Scan on quotes_quote" not in plan
