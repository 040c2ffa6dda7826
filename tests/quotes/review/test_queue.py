"""Reviewing lines one by one, with information for the reviewer."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.models import Quote, Review
from quotes.review.decline_form import COMMON_REASONS
from quotes.review.queue import MAX_COUNTED, count_by_state, next_in_queue
from tests.factories import make_quote, make_user

LIST = "/admin/quotes/quote/"
QUEUE = f"{LIST}queue/"


def page_of(quote: Quote) -> str:
    return f"{LIST}{quote.pk}/change/"


@pytest.fixture
def waiting(alice, reviewer) -> list[Quote]:
    """Three waiting lines, oldest first. One of the reviewer's own and reviewed lines are older."""
    make_quote(alice, "On the board", is_apply=True)
    make_quote(alice, "Declined", declined_at=timezone.now())
    quotes = [make_quote(reviewer), *(make_quote(alice, f"Number {n}") for n in range(3))]
    for n, quote in enumerate(quotes):
        quote.created_at = timezone.now() - timedelta(days=9 - n)
        quote.save(update_fields=["created_at"])
    return quotes[1:]


def decide(client: Client, quote: Quote, action: str, **form: str):
    """Submits the form of a quote's own page."""
    data = {
        "action": action,
        "_selected_action": quote.pk,
        "queue": quote.pk,
        "seen": f"{quote.pk}:{quote.version}:{quote.state.value}",
        "often": "",
        "reason": "",
    }
    return client.post(LIST, data | form)


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_is_for_reviewers(client, alice):
    clerk = make_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_quote"))
    client.force_login(clerk)
    assert client.get(QUEUE).status_code == 403


def test_starts_with_the_longest_waiting_and_wraps_around(as_reviewer, waiting):
    first, second, third = waiting
    assert as_reviewer.get(QUEUE)["Location"] == page_of(first)
    for after, then in ((first, second), (second, third), (third, first)):
        assert as_reviewer.get(QUEUE, {"after": after.pk})["Location"] == page_of(then)


@pytest.mark.parametrize("after", ["", "x", "-1", "999999", "9" * 30, "²"])
def test_after_an_unknown_id(as_reviewer, waiting, after):
    assert as_reviewer.get(QUEUE, {"after": after})["Location"] == page_of(waiting[0])


def test_says_when_nothing_waits(as_reviewer, reviewer):
    make_quote(reviewer)
    response = as_reviewer.get(QUEUE, follow=True)
    assert response.request["PATH_INFO"] == LIST
    assert messages_of(response) == ["Nothing else waits for your review."]


def test_lines_of_the_same_time_each_come_once(alice, reviewer):
    quotes = [make_quote(alice) for _ in range(3)]
    Quote.objects.update(created_at=timezone.now())
    met, after = [], None
    for _ in range(3):
        after = next_in_queue(reviewer=reviewer, after=after)
        met.append(after)
    assert met == [quote.pk for quote in quotes]


def test_continues_after_a_decision(as_reviewer, waiting):
    first, second, third = waiting
    response = decide(as_reviewer, first, "apply")
    assert response["Location"] == f"{QUEUE}?after={first.pk}"
    response = as_reviewer.get(response["Location"], follow=True)
    assert response.request["PATH_INFO"] == page_of(second)
    assert messages_of(response) == ["1 line is on the board now."]
    response = decide(as_reviewer, second, "decline", reason="No")
    assert as_reviewer.get(response["Location"])["Location"] == page_of(third)
    assert [q.state.value for q in Quote.objects.filter(content__startswith="Number")] == [
        "pending",
        "declined",
        "applied",
    ]


def test_stays_after_a_refused_decision(as_reviewer, waiting):
    first = waiting[0]
    Quote.objects.filter(pk=first.pk).update(version=2)
    response = decide(as_reviewer, first, "apply")
    assert response["Location"] == page_of(first)
    response = as_reviewer.get(page_of(first))
    assert "The line has changed since you saw it" in messages_of(response)[0]


@pytest.mark.parametrize("reason", COMMON_REASONS, ids=str)
def test_a_common_reason_is_enough(as_reviewer, waiting, reason):
    decide(as_reviewer, waiting[0], "decline", often=str(reason))
    waiting[0].refresh_from_db()
    assert (waiting[0].state.value, waiting[0].reason) == ("declined", str(reason))


def test_own_words_take_precedence(as_reviewer, waiting):
    decide(as_reviewer, waiting[0], "decline", often=str(COMMON_REASONS[0]), reason="Because")
    assert Review.objects.get().reason == "Because"


@pytest.mark.parametrize("form", [{}, {"often": "No reason of ours"}])
def test_asks_for_a_missing_reason(as_reviewer, waiting, form):
    response = decide(as_reviewer, waiting[0], "decline", **form)
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="errorlist"' in page
    assert f'<input type="hidden" name="queue" value="{waiting[0].pk}">' in page
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("language", "first"), [("ko", "한국어"), ("en-gb", "English"), ("", None)]
)
def test_reasons_are_in_both_languages_that_of_the_line_first(as_reviewer, alice, language, first):
    page = as_reviewer.get(page_of(make_quote(alice, language=language))).content.decode()
    groups = [part.split('"')[0] for part in page.split('<optgroup label="')[1:]]
    assert sorted(groups) == ["English", "한국어"]
    assert groups[0] == (first or groups[0])
    assert "Please name the speaker and the work." in page
    assert "화자와 작품을 적어 주십시오." in page


def test_shows_lines_like_it_and_who_submitted_it(as_reviewer, alice, bob):
    quote = make_quote(alice, "The rest is silence")
    make_quote(alice, is_apply=True)
    make_quote(alice, is_apply=True)
    same = make_quote(bob, "“The rest is silence!”", speaker="Hamlet", is_apply=True)
    near = make_quote(bob, "The rest is but silence")
    response = as_reviewer.get(page_of(quote))
    assert [(f.quote.pk, f.is_same) for f, _ in response.context["similar"]] == [
        (same.pk, True),
        (near.pk, False),
    ]
    page = response.content.decode()
    for shown in (
        "<strong>the same</strong>",
        f'<a href="{page_of(near)}">The rest is but silence</a>',
        "in review 1, applied 2, declined 0",
        'data-key="a"',
        'src="/static/quotes/review.js"',
    ):
        assert shown in page


def test_the_list_marks_duplicates(as_reviewer, alice, bob):
    make_quote(alice, "The rest is silence")
    make_quote(bob, "the rest is silence!", is_apply=True)
    make_quote(bob, "Another")
    response = as_reviewer.get(LIST)
    marked = {q.content: q.has_duplicate for q in response.context["cl"].result_list}
    assert marked == {"The rest is silence": True, "the rest is silence!": True, "Another": False}


def test_counts_a_record_to_a_limit(alice):
    lines = range(MAX_COUNTED + 2)
    Quote.objects.bulk_create(Quote(user=alice, content=f"Line {n}") for n in lines)
    assert count_by_state(alice) == {"pending": MAX_COUNTED, "applied": 0, "declined": 0}


def test_query_counts_are_constant(as_reviewer, alice):
    quote = make_quote(alice, "All the world is a stage")
    as_reviewer.get(page_of(quote))  # the process now knows the size of the board
    counts = []
    for more in (1, 30):
        for n in range(more):
            for applied in (True, False):
                make_quote(make_user(), f"All the world is a stage {n}", is_apply=applied)
        with CaptureQueriesContext(connection) as queries:
            as_reviewer.get(page_of(quote))
        counts.append(len(queries))
    assert counts[0] == counts[1]
