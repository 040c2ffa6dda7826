"""Lines that another release has indexed, and an index that a migration has damaged."""

import pytest
from django.core.management import call_command
from django.db import connection

from quotes.models import Quote
from quotes.search.find import find
from quotes.search.index import ensure_index
from quotes.search.reindex import reindex
from quotes.text.tokenizer import VERSION
from tests.factories import make_quote


def found(question: str) -> list[str]:
    return [quote.content for quote in find(question=question)]


class TestReindex:
    def test_reindexes_outdated_lines_only(self, alice, capsys, django_assert_num_queries):
        old = make_quote(alice, "The rest is silence.", is_apply=True)
        make_quote(alice, "The rest is music.", is_apply=True)
        Quote.objects.filter(pk=old.pk).update(
            search_text="", search_version=VERSION - 1, skeleton_hash=0
        )
        assert found("silence") == []
        call_command("index_quotes")
        assert capsys.readouterr().out == (
            "1 lines indexed, 0 to go\n"
            f"The search index has version {VERSION}; 1 lines were new to it\n"
        )
        assert found("silence") == ["The rest is silence."]
        call_command("index_quotes", verbosity=0)
        assert capsys.readouterr().out == ""

    def test_continues_after_an_interruption(self, alice):
        for number in range(5):
            make_quote(alice, f"Line {number}", is_apply=True)
        Quote.objects.update(search_version=0)
        assert next(reindex(batch_size=2)) == (2, 3)
        assert list(reindex(batch_size=2)) == [(2, 1), (3, 0)]

    def test_all(self, alice):
        make_quote(alice, "The rest is silence.", is_apply=True)
        call_command("index_quotes", all=True, verbosity=0)
        assert found("silence") == ["The rest is silence."]
        assert set(Quote.objects.values_list("search_version", flat=True)) == {VERSION}


def test_triggers_that_a_migration_dropped_are_made_again(alice):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its index itself")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER quotes_index_insert")
    make_quote(alice, "The rest is silence.", is_apply=True)
    assert found("silence") == []
    ensure_index()
    assert found("silence") == ["The rest is silence."]
    make_quote(alice, "Silence again", is_apply=True)
    assert len(found("silence")) == 2
