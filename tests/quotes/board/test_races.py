"""Concurrent requests: threads that start together, each on its own connection."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from config.api.problems import Problem
from quotes.board.featured import line_of_the_day
from quotes.board.likes import like_quote, unlike_quote
from quotes.board.submissions import MAX_PENDING, edit_quote, submit_quote
from quotes.models import LineOfDay, Quote, QuoteLike, Review, State
from quotes.review.review import apply_quote, decline_quote
from tests.concurrently import at_once
from tests.factories import make_quote, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes_of(*calls: Callable[[], object]) -> Counter[str]:
    """Counts the outcomes of calls at once: "done", or the code of a problem."""
    return Counter(at_once(*[partial(outcome_of, call) for call in calls]))


def outcome_of(call: Callable[[], object]) -> str:
    try:
        call()
    except Problem as problem:
        return problem.code
    return "done"


def test_one_of_many_reviewers_wins():
    quote = make_quote(make_user("author"))
    staff = [make_user(f"staff{n}") for n in range(8)]
    seen: dict[str, Any] = {"quote_id": quote.pk, "version": 1, "state": "pending"}

    def review(n: int) -> Review:
        if n % 2:
            return apply_quote(**seen, reviewer=staff[n])
        return decline_quote(**seen, reviewer=staff[n], reason="No")

    outcomes = outcomes_of(*(lambda n=n: review(n) for n in range(8)))
    assert outcomes == {"done": 1, "stale_review": 7}
    history = Review.objects.get()
    now = Quote.objects.get()
    assert (now.state, now.reviewer) == (history.to_state, history.reviewer)


def test_an_edit_and_a_review_exclude_each_other():
    author, staff = make_user("author"), make_user("staff")
    for _ in range(10):
        quote = make_quote(author, "Before")
        outcomes = outcomes_of(
            partial(edit_quote, quote=quote, fields={"content": "After"}),
            partial(apply_quote, quote_id=quote.pk, version=1, state=State.PENDING, reviewer=staff),
        )
        now = Quote.objects.get()
        assert (now.content, now.state.value) in {("Before", "applied"), ("After", "pending")}
        assert outcomes["done"] == 1
        assert outcomes["stale_edit"] + outcomes["stale_review"] == 1
        assert Review.objects.get().to_state == now.state
        now.delete()


def test_the_same_line_is_accepted_once():
    author = make_user("author")
    fields = {"content": "A line"}
    outcomes = outcomes_of(*[lambda: submit_quote(user=author, fields=fields)] * 8)
    assert outcomes == {"done": 1, "duplicate_quote": 7}
    assert Quote.objects.count() == 1


def test_the_limit_of_pending_lines_is_exact():
    author = make_user("author")
    Quote.objects.bulk_create(
        Quote(user=author, content=f"Line {n}") for n in range(MAX_PENDING - 3)
    )
    outcomes = outcomes_of(
        *(lambda n=n: submit_quote(user=author, fields={"content": f"New {n}"}) for n in range(8))
    )
    assert outcomes == {"done": 3, "too_many_pending": 5}
    assert Quote.objects.count() == MAX_PENDING


def test_concurrent_likes_of_one_user_count_once():
    quote, person = make_quote(make_user(), is_apply=True), make_user()
    outcomes = outcomes_of(*[lambda: like_quote(quote_id=quote.pk, user=person)] * 8)
    assert outcomes == {"done": 8}
    assert (Quote.objects.get().likes, QuoteLike.objects.count()) == (1, 1)
    outcomes = outcomes_of(*[lambda: unlike_quote(quote_id=quote.pk, user=person)] * 8)
    assert outcomes == {"done": 8}
    assert (Quote.objects.get().likes, QuoteLike.objects.count()) == (0, 0)


def test_concurrent_likes_of_many_users_are_all_counted():
    quote, people = make_quote(make_user(), is_apply=True), [make_user() for _ in range(8)]
    outcomes_of(*(lambda p=p: like_quote(quote_id=quote.pk, user=p) for p in people))
    assert Quote.objects.get().likes == 8
    calls = [lambda p=p: unlike_quote(quote_id=quote.pk, user=p) for p in people[:3]]
    calls += [lambda p=p: p.delete() for p in people[3:6]]
    outcomes_of(*calls)
    assert (Quote.objects.get().likes, QuoteLike.objects.count()) == (2, 2)


def test_concurrent_first_requests_choose_one_line_of_the_day():
    author = make_user()
    for _ in range(30):
        make_quote(author, is_apply=True)
    seen = []
    outcomes_of(*[lambda: seen.append(line_of_the_day("en").get().pk)] * 8)
    assert len(seen) == 8
    assert set(seen) == {LineOfDay.objects.get().quote_id}
