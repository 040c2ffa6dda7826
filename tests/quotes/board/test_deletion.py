"""Deleting a user with many rows: on SQLite the number of parameters of a statement is limited."""

import sqlite3

import pytest
from django.db import connection
from django.utils import timezone

from chat.models import Citation
from quotes.models import Quote, Review
from tests.chat.asking import make_chat
from tests.factories import make_quote

LINES = 2000


@pytest.fixture
def _few_values(db):
    """Lowers the limit below the number of lines."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1500)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)


@pytest.mark.usefixtures("_few_values")
def test_deletes_a_user_with_many_lines(alice, bob):
    Quote.objects.bulk_create(
        Quote(user=bob, content=f"Line {n}", is_apply=True, applied_at=timezone.now())
        for n in range(LINES)
    )
    kept = make_quote(alice, "The rest is silence.", is_apply=True)
    last = Quote.objects.owned_by(bob).latest("pk")
    Review.objects.create(quote=last, from_state="pending", to_state="applied", version=1)
    reply = make_chat(alice, "Line?", "“Line 1999”").chat_reply
    cited = Citation.objects.create(
        reply=reply, quote=last, text="Line 1999", start=1, end=10, verdict="verbatim"
    )
    bob.delete()
    assert list(Quote.objects.all()) == [kept]
    assert not Review.objects.exists()
    cited.refresh_from_db()
    assert cited.quote is None
