from typing import Any

import pytest
from django.utils import timezone

from quotes.board.submissions import MAX_PENDING, StaleEdit, edit_quote
from quotes.models import Quote, Review
from quotes.review.review import apply_quote, decline_quote
from tests.factories import make_quote
from tests.quotes.api.bodies import body_of_pending

STATES: dict[str, dict[str, Any]] = {
    "pending": {},
    "applied": {"is_apply": True},
    "declined": {"declined_at": timezone.now(), "reason": "Whose?"},
}


@pytest.mark.parametrize("state", STATES)
def test_a_changed_quote_returns_to_review(as_alice, alice, bob, state):
    quote = make_quote(alice, "A lime", source="Book", reviewer=bob, **STATES[state])
    href = f"http://testserver/quote/{quote.pk}"
    response = as_alice.patch(href, {"content": "A line"})
    now = Quote.objects.get()
    assert response.status_code == 200
    assert response.json() == body_of_pending(now, source="Book", version=2)
    assert as_alice.get(href).json() == response.json()
    assert now.updated_at > quote.updated_at
    assert (now.reviewer, now.declined_at) == (None, None)
    rows = Review.objects.values_list(
        "quote", "reviewer", "from_state", "to_state", "reason", "version"
    )
    assert list(rows) == [(quote.pk, None, state, "pending", "", 2)]


def test_put_replaces_the_whole_text(as_alice, alice):
    quote = make_quote(alice, "A line", speaker="Me", source="Book", context="?", language="en")
    response = as_alice.put(f"/quote/{quote.pk}", {"content": "한 줄", "speaker": "Me"})
    texts = ("content", "speaker", "source", "context", "language")
    assert [response.json()[name] for name in texts] == ["한 줄", "Me", "", "", "ko"]


def test_put_needs_the_line(as_alice, alice):
    quote = make_quote(alice, "A line")
    response = as_alice.put(f"/quote/{quote.pk}", {"speaker": "Me"})
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "content", "code": "required", "detail": "This field is required."}
    ]


@pytest.mark.parametrize("body", [{}, {"content": " A line "}, {"is_apply": False, "version": 7}])
def test_an_edit_that_changes_nothing_changes_nothing(as_alice, alice, body):
    quote = make_quote(alice, "A line", is_apply=True)
    response = as_alice.patch(f"/quote/{quote.pk}", body)
    assert response.status_code == 200
    assert (response.json()["state"], response.json()["version"]) == ("applied", 1)
    assert Quote.objects.get().updated_at == quote.updated_at
    assert not Review.objects.exists()


def test_review_state_is_not_client_writable(as_alice, alice):
    quote = make_quote(alice, "A line")
    body = {"content": "Other", "is_apply": True, "state": "applied", "version": 9}
    response = as_alice.patch(f"/quote/{quote.pk}", body)
    assert (response.json()["state"], response.json()["version"]) == ("pending", 2)


@pytest.mark.parametrize(
    ("before", "body", "language"),
    [
        (("한글", "ko"), {"content": "Latin"}, ""),
        (("Latin", ""), {"content": "한글"}, "ko"),
        (("Latin", "en"), {"content": "English"}, "en"),
        (("한글", "en"), {"language": ""}, "ko"),
    ],
)
def test_a_guessed_language_follows_the_line(as_alice, alice, before, body, language):
    quote = make_quote(alice, before[0], language=before[1])
    assert as_alice.patch(f"/quote/{quote.pk}", body).json()["language"] == language


def test_refuses_to_become_a_duplicate(as_alice, alice):
    make_quote(alice, "A line", is_apply=True)
    quote = make_quote(alice, "A lime")
    response = as_alice.patch(f"/quote/{quote.pk}", {"content": "A line"})
    assert response.status_code == 409
    assert response.json()["code"] == "duplicate_quote"
    assert Quote.objects.get(pk=quote.pk).content == "A lime"


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize("is_apply", [True, False])
def test_others_cannot_find_it(as_bob, as_staff, alice, method, is_apply):
    quote = make_quote(alice, "A line", is_apply=is_apply)
    for client in (as_bob, as_staff):
        response = getattr(client, method)(f"/quote/{quote.pk}", {"content": "Mine now"})
        assert response.status_code == 404
    assert Quote.objects.get().content == "A line"


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"version": 2},
        {"is_apply": True, "applied_at": timezone.now()},
        {"declined_at": timezone.now()},
    ],
)
def test_an_edit_of_what_changed_meanwhile_is_refused(alice, meanwhile):
    quote = make_quote(alice, "A line")
    Quote.objects.update(**meanwhile)
    with pytest.raises(StaleEdit):
        edit_quote(quote=quote, fields={"content": "Other"})
    assert Quote.objects.get().content == "A line"
    assert not Review.objects.exists()


@pytest.mark.parametrize("state", STATES)
def test_edits_between_two_reviews_are_one_row_of_history(as_alice, alice, state):
    quote = make_quote(alice, "A lime", **STATES[state])
    for number in range(5):
        response = as_alice.patch(f"/quote/{quote.pk}", {"content": f"Line {number}"})
        assert response.status_code == 200
    rows = Review.objects.values_list("from_state", "to_state", "version")
    assert list(rows) == [(state, "pending", 6)]


def test_edits_after_another_review_are_another_row(as_alice, alice, bob):
    quote = make_quote(alice, "A line")
    for number in range(3):
        for edit in range(2):
            body = {"content": f"Line {number} {edit}"}
            assert as_alice.patch(f"/quote/{quote.pk}", body).status_code == 200
        quote.refresh_from_db()
        seen: dict[str, Any] = {
            "quote_id": quote.pk,
            "version": quote.version,
            "state": quote.state,
        }
        if number < 2:
            decline_quote(**seen, reviewer=bob, reason="Whose?")
        else:
            apply_quote(**seen, reviewer=bob)
    states = list(Review.objects.values_list("from_state", "to_state").order_by("pk"))
    assert states == [
        ("pending", "pending"),
        ("pending", "declined"),
        ("declined", "pending"),
        ("pending", "declined"),
        ("declined", "pending"),
        ("pending", "applied"),
    ]


@pytest.mark.parametrize("state", STATES)
def test_an_edit_of_a_reviewed_line_counts_as_pending(as_alice, alice, state):
    quote = make_quote(alice, "A lime", **STATES[state])
    others = MAX_PENDING - (state == "pending")
    Quote.objects.bulk_create(Quote(user=alice, content=f"Waiting {n}") for n in range(others))
    response = as_alice.patch(f"/quote/{quote.pk}", {"content": "A line"})
    if state == "pending":
        assert response.status_code == 200
        return
    assert (response.status_code, response.json()["code"]) == (409, "too_many_pending")
    assert response.json()["limit"] == {"name": "waiting_quotes", "value": MAX_PENDING}
    quote.refresh_from_db()
    assert (quote.content, quote.state) == ("A lime", state)
