"""A line that is not applied, or has just left the board, is visible to its submitter only: it is
in no answer, prompt, search or judgement.
"""

import json
from collections.abc import Callable

import pytest
from django.utils import timezone

from quotes.board.submissions import edit_quote
from quotes.models import Quote, State
from quotes.review.review import apply_quote, decline_quote
from quotes.search.find import find
from quotes.verification.verify import verify
from tests.chat.asking import ask
from tests.factories import make_quote

LINE = "The rest is silence."


@pytest.fixture
def quote(bob) -> Quote:
    return make_quote(bob, LINE, speaker="Hamlet", is_apply=True)


def reaches(client, upstream) -> set[str]:
    """The places that show the line to another user."""
    places = set()
    if any(line.content == LINE for line in find(question=LINE)):
        places.add("found")
    if any(row["content"] == LINE for row in client.get("/quote", {"q": LINE}).json()["results"]):
        places.add("searched")
    if any(row["content"] == LINE for row in client.get("/quote").json()["results"]):
        places.add("listed")
    if any(judged.verdict != "unknown" for judged in verify(f"“{LINE}”", [])):
        places.add("judged")
    ask(client, "What was that about the rest?")
    if json.dumps(LINE) in upstream.requests()[-1]["messages"][0]["content"]:
        places.add("prompted")
    if LINE in ask(client, "The rest is ...", model="board").json()["chat_reply"]["content"]:
        places.add("shown")
    return places


EVERYWHERE = {"found", "searched", "listed", "judged", "prompted", "shown"}


@pytest.fixture
def has_left(as_alice, upstream) -> Callable[[], bool]:
    assert reaches(as_alice, upstream) == EVERYWHERE
    return lambda: not reaches(as_alice, upstream)


def test_pending(as_alice, bob, upstream):
    make_quote(bob, LINE)
    assert reaches(as_alice, upstream) == set()


def test_declined(as_alice, bob, upstream):
    make_quote(bob, LINE, declined_at=timezone.now(), reason="Whose?")
    assert reaches(as_alice, upstream) == set()


def test_applied_by_review(as_alice, bob, staff, upstream):
    quote = make_quote(bob, LINE)
    apply_quote(quote_id=quote.pk, version=1, state=State.PENDING, reviewer=staff)
    assert reaches(as_alice, upstream) == EVERYWHERE


@pytest.mark.django_db(transaction=True)
def test_taken_down(quote, has_left, staff):
    decline_quote(
        quote_id=quote.pk, version=1, state=State.APPLIED, reviewer=staff, reason="Whose?"
    )
    assert has_left()


def test_withdrawn(quote, has_left, as_bob):
    assert as_bob.delete(f"/quote/{quote.pk}").status_code == 204
    assert has_left()


@pytest.mark.parametrize("field", ["content", "speaker", "source", "context"])
def test_edited_after_review(quote, has_left, field):
    edit_quote(quote=quote, fields={field: "Something else"})
    assert has_left()


def test_declined_after_an_edit(quote, has_left, staff):
    edit_quote(quote=quote, fields={"context": "Something else"})
    decline_quote(
        quote_id=quote.pk, version=2, state=State.PENDING, reviewer=staff, reason="Whose?"
    )
    assert has_left()


def test_author_deleted(quote, has_left, bob):
    bob.delete()
    assert has_left()


def test_taken_down_by_an_update(quote, has_left):
    Quote.objects.filter(pk=quote.pk).update(is_apply=False, applied_at=None)
    assert has_left()


def test_deleted_in_bulk(quote, has_left):
    Quote.objects.all().delete()
    assert has_left()
