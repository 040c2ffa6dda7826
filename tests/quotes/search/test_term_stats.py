"""How many lines have a term."""

import pytest
from django.db import connection
from django.utils import timezone

from quotes.models import Quote
from quotes.search.candidates import fetch_candidates
from quotes.search.query_plan import plan_query
from quotes.search.term_stats import Frequencies
from tests.factories import make_quote


class TestLargeBoard:
    """Counts that are kept in the process: SQLite's of a large board, PostgreSQL's statistics."""

    @pytest.fixture
    def first_id(self) -> int:
        return 50_000

    @pytest.fixture(autouse=True)
    def _board(self, alice, first_id):
        Quote.objects.bulk_create(
            Quote(
                pk=first_id + number,
                user=alice,
                content=f"night {number}{' of stars' * (number % 10 == 0)}",
                is_apply=True,
                applied_at=timezone.now(),
            )
            for number in range(200)
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE quotes_quote")

    @pytest.mark.parametrize("first_id", [1, 100_000])
    @pytest.mark.parametrize(("huge", "counted"), [(10, 50), (10, 1000), (1000, 50)])
    def test_they_are_about_right(self, alice, first_id, huge, counted):
        Quote.objects.bulk_create(
            Quote(pk=first_id + 1000 + n, user=alice, content=f"waiting {n}") for n in range(300)
        )
        kept = Frequencies(large=10, huge=huge, counted=counted)
        lines, counts = kept.of(["night", "star", "xylophon"])
        assert lines == 200
        assert (counts["star"], counts["xylophon"]) == (20, 0)
        assert 190 <= counts["night"] <= 200

    @pytest.mark.parametrize("first_id", [1, 100_000])
    @pytest.mark.parametrize("text", ["night 17", "stars of the night", "night"])
    def test_ids_change_no_weight(self, text):
        kept, counted = (
            plan_query(text, stats=Frequencies(large=large)) for large in (100, 1_000_000)
        )
        assert kept == counted

    def test_they_are_kept_for_the_next_query(self, django_assert_num_queries):
        stats = Frequencies(large=100)
        plan = plan_query("stars of the night", stats=stats)
        with django_assert_num_queries(0):
            assert plan_query("stars of the night", stats=stats) == plan

    def test_a_new_word_is_found_at_once(self, alice):
        stats = Frequencies(large=100)
        plan_query("stars of the xylophone", stats=stats)
        make_quote(alice, "xylophone", is_apply=True)
        plan = plan_query("stars of the xylophone", stats=stats)
        assert [line.content for line in fetch_candidates(plan, limit=1)] == ["xylophone"]
