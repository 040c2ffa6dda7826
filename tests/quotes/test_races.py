"""Requests at once: threads that start together, on connections of their own."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from config.api.problems import Problem
from quotes.likes import like_quote, unlike_quote
from quotes.models import DailyLine, Quote, QuoteLike, Review
from quotes.picks import of_today
from quotes.review import apply_quote, decline_quote
from quotes.submissions import MAX_PENDING, edit_quote, submit_quote
from tests.factories import make_quote, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> Counter[str]:
    """How often each outcome came: "done", or the code of a problem."""
    outcomes: Counter[str] = Counter()
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            call()
            outcomes["done"] += 1
        except Problem as problem:
            outcomes[problem.code] += 1
        finally:
            connection.close()

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcomes.values()) == len(calls)
    return outcomes


def test_one_of_many_reviewers_wins():
    quote = make_quote(make_user("author"))
    staff = [make_user(f"staff{n}") for n in range(8)]
    seen = {"quote_id": quote.pk, "version": 1, "state": "pending"}

    def review(n: int) -> Review:
        if n % 2:
            return apply_quote(**seen, reviewer=staff[n])
        return decline_quote(**seen, reviewer=staff[n], reason="No")

    outcomes = at_once(*(lambda n=n: review(n) for n in range(8)))
    assert outcomes == {"done": 1, "stale_review": 7}
    history = Review.objects.get()
    now = Quote.objects.get()
    assert (now.state, now.reviewer) == (history.to_state, history.reviewer)


def test_an_edit_and_a_review_never_mix():
    author, staff = make_user("author"), make_user("staff")
    for _ in range(10):
        quote = make_quote(author, "Before")
        outcomes = at_once(
            lambda quote=quote: edit_quote(quote=quote, fields={"content": "After"}),
            lambda quote=quote: apply_quote(
                quote_id=quote.pk, version=1, state="pending", reviewer=staff
            ),
        )
        now = Quote.objects.get()
        assert (now.content, now.state.value) in {("Before", "applied"), ("After", "pending")}
        assert outcomes["done"] == 1
        assert outcomes["stale_edit"] + outcomes["stale_review"] == 1
        assert Review.objects.get().to_state == now.state
        now.delete()


def test_the_same_line_is_taken_once():
    author = make_user("author")
    fields = {"content": "A line"}
    outcomes = at_once(*[lambda: submit_quote(user=author, fields=fields)] * 8)
    assert outcomes == {"done": 1, "duplicate_quote": 7}
    assert Quote.objects.count() == 1


def test_the_bound_on_pending_ones_is_exact():
    author = make_user("author")
    Quote.objects.bulk_create(
        Quote(user=author, content=f"Line {n}") for n in range(MAX_PENDING - 3)
    )
    outcomes = at_once(
        *(lambda n=n: submit_quote(user=author, fields={"content": f"New {n}"}) for n in range(8))
    )
    assert outcomes == {"done": 3, "too_many_pending": 5}
    assert Quote.objects.count() == MAX_PENDING


def test_a_like_counts_once_however_often_it_comes():
    quote, person = make_quote(make_user(), is_apply=True), make_user()
    outcomes = at_once(*[lambda: like_quote(quote_id=quote.pk, user=person)] * 8)
    assert outcomes == {"done": 8}
    assert (Quote.objects.get().likes, QuoteLike.objects.count()) == (1, 1)
    outcomes = at_once(*[lambda: unlike_quote(quote_id=quote.pk, user=person)] * 8)
    assert outcomes == {"done": 8}
    assert (Quote.objects.get().likes, QuoteLike.objects.count()) == (0, 0)


def test_likes_of_many_are_all_counted():
    quote, people = make_quote(make_user(), is_apply=True), [make_user() for _ in range(8)]
    at_once(*(lambda p=p: like_quote(quote_id=quote.pk, user=p) for p in people))
    assert Quote.objects.get().likes == 8
    calls = [lambda p=p: unlike_quote(quote_id=quote.pk, user=p) for p in people[:3]]
    calls += [lambda p=p: p.delete() for p in people[3:6]]
    at_once(*calls)
    assert (Quote.objects.get().likes, QuoteLike.objects.count()) == (2, 2)


def test_of_many_who_ask_first_one_chooses_the_line_of_the_day():
    author = make_user()
    for _ in range(30):
        make_quote(author, is_apply=True)
    seen = []
    at_once(*[lambda: seen.append(of_today().get().pk)] * 8)
    assert len(seen) == 8
    assert set(seen) == {DailyLine.objects.get().quote_id}
