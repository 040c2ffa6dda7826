from typing import Any

import pytest
from django.utils import timezone

from quotes.models import Quote, Review, State
from quotes.review.review import (
    AlreadyReviewed,
    OwnSubmission,
    StaleReview,
    apply_quote,
    decline_quote,
)
from tests.factories import make_quote


def history() -> list[tuple]:
    rows = Review.objects.order_by("id")
    return list(rows.values_list("reviewer", "from_state", "to_state", "reason", "version"))


def test_apply_puts_it_on_the_board(alice, bob):
    quote = make_quote(alice)
    review = apply_quote(quote_id=quote.pk, version=1, state=State.PENDING, reviewer=bob)
    now = Quote.objects.get()
    assert (now.state, now.reviewer, now.version) == ("applied", bob, 1)
    assert quote.created_at < now.applied_at <= now.updated_at
    assert history() == [(bob.pk, "pending", "applied", "", 1)]
    assert review == Review.objects.get()


def test_decline_keeps_the_reason(alice, bob):
    quote = make_quote(alice)
    decline_quote(quote_id=quote.pk, version=1, state=State.PENDING, reviewer=bob, reason="Whose?")
    now = Quote.objects.get()
    assert (now.state, now.reviewer, now.reason) == ("declined", bob, "Whose?")
    assert now.applied_at is None
    assert history() == [(bob.pk, "pending", "declined", "Whose?", 1)]


def test_each_decision_adds_a_row_of_history(alice, bob):
    quote = make_quote(alice)
    seen: dict[str, Any] = {"quote_id": quote.pk, "version": 1, "reviewer": bob}
    apply_quote(**seen, state=State.PENDING)
    decline_quote(**seen, state=State.APPLIED, reason="Taken down")
    apply_quote(**seen, state=State.DECLINED)
    now = Quote.objects.get()
    assert (now.state, now.reason, now.declined_at) == ("applied", "", None)
    assert history() == [
        (bob.pk, "pending", "applied", "", 1),
        (bob.pk, "applied", "declined", "Taken down", 1),
        (bob.pk, "declined", "applied", "", 1),
    ]


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"version": 2},
        {"is_apply": True, "applied_at": timezone.now()},
        {"declined_at": timezone.now()},
    ],
)
def test_a_stale_review_is_refused(alice, bob, meanwhile):
    quote = make_quote(alice)
    Quote.objects.update(**meanwhile)
    before = Quote.objects.values().get()
    seen: dict[str, Any] = {"quote_id": quote.pk, "version": 1, "state": "pending", "reviewer": bob}
    with pytest.raises(StaleReview):
        apply_quote(**seen)
    with pytest.raises(StaleReview):
        decline_quote(**seen, reason="No")
    assert Quote.objects.values().get() == before
    assert history() == []


def test_a_withdrawn_quote_is_stale(bob):
    with pytest.raises(StaleReview):
        apply_quote(quote_id=1, version=1, state=State.PENDING, reviewer=bob)


@pytest.mark.parametrize("state", ["applied", "declined"])
def test_a_decision_without_a_change_is_refused(alice, bob, state):
    quote = make_quote(alice)
    seen: dict[str, Any] = {"quote_id": quote.pk, "version": 1, "state": state, "reviewer": bob}
    with pytest.raises(AlreadyReviewed):
        apply_quote(**seen) if state == "applied" else decline_quote(**seen, reason="No")
    assert history() == []


def test_nobody_reviews_their_own(staff):
    quote = make_quote(staff)
    seen: dict[str, Any] = {
        "quote_id": quote.pk,
        "version": 1,
        "state": "pending",
        "reviewer": staff,
    }
    with pytest.raises(OwnSubmission):
        apply_quote(**seen)
    with pytest.raises(OwnSubmission):
        decline_quote(**seen, reason="No")
    assert Quote.objects.get().state == "pending"
    assert history() == []


def test_history_outlives_its_reviewer(alice, bob):
    quote = make_quote(alice)
    apply_quote(quote_id=quote.pk, version=1, state=State.PENDING, reviewer=bob)
    bob.delete()
    assert Quote.objects.get().state == "applied"
    assert history() == [(None, "pending", "applied", "", 1)]
    assert str(Review.objects.get()) == "pending → applied"
