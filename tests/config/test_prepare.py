"""`manage.py prepare`: what a start needs, done once and then again without a change."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from quotes.models import Quote


def prepare() -> str:
    output = io.StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_second_start_changes_nothing():
    first = prepare()
    count = Quote.objects.applied().count()
    assert count > 100
    assert first == f"The board's first stock: added {count}, known 0, bad 0\n"
    assert prepare() == f"The board's first stock: added 0, known {count}, bad 0\n"
    assert Quote.objects.count() == count


def test_a_database_that_is_away_is_one_line(monkeypatch):
    def refuse():
        raise OperationalError("connection refused\n\tIs the server running?")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    with pytest.raises(CommandError) as stopped:
        prepare()
    assert str(stopped.value) == "The database does not answer: connection refused"
