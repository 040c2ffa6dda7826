import pytest
from django.utils import timezone

from quotes.board.submissions import MAX_PENDING
from quotes.models import Quote, Review
from tests.factories import make_quote
from tests.quotes.api.bodies import body_of_pending


def test_needs_a_sign_in(anonymous):
    assert anonymous.post("/quote", {"content": "A line"}).status_code == 401


def test_saves_the_line_in_review(as_alice, alice):
    response = as_alice.post(
        "/quote",
        {
            "content": "  가는 말이 고와야\r\n오는 말이 곱다  ",
            "speaker": "어른",
            "source": "속담",
            "context": "말과 예의",
        },
    )
    quote = Quote.objects.get()
    href = f"http://testserver/quote/{quote.pk}"
    assert response.status_code == 201
    assert response["Location"] == href
    assert response.json() == body_of_pending(
        quote,
        content="가는 말이 고와야\n오는 말이 곱다",
        speaker="어른",
        source="속담",
        context="말과 예의",
        language="ko",
    )
    assert quote.user == alice
    assert not Review.objects.exists()


def test_review_state_is_not_client_writable(as_alice, alice, bob):
    response = as_alice.post(
        "/quote",
        {
            "content": "A line",
            "is_apply": True,
            "state": "applied",
            "applied_at": "2026-01-01T00:00:00Z",
            "declined_at": "2026-01-01T00:00:00Z",
            "reviewer": bob.pk,
            "reason": "good",
            "likes": 0,
            "liked": False,
            "version": 9,
            "user": bob.pk,
            "mine": False,
        },
    )
    assert response.status_code == 201
    quote = Quote.objects.get()
    assert (quote.user, quote.state, quote.version) == (alice, "pending", 1)
    assert (quote.applied_at, quote.declined_at, quote.reviewer) == (None, None, None)
    assert quote.reason == ""


def test_stores_nfc(as_alice):
    response = as_alice.post("/quote", {"content": "\u1112\u1161\u11ab e\u0301"})
    assert response.json()["content"] == "한 é"


@pytest.mark.parametrize(
    ("content", "given", "expected"),
    [
        ("한글", "", "ko"),
        ("To be", "", ""),
        ("To be", "EN-gb", "en-gb"),
        ("한글", "en", "en"),
    ],
)
def test_language_is_given_or_guessed(as_alice, content, given, expected):
    response = as_alice.post("/quote", {"content": content, "language": given})
    assert response.json()["language"] == expected


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "content", "required"),
        ({"content": ""}, "content", "blank"),
        ({"content": " \n\t "}, "content", "blank"),
        ({"content": "\u200b\u3164\ufeff"}, "content", "blank"),
        ({"content": None}, "content", "null"),
        ({"content": 5}, "content", "invalid"),
        ({"content": ["A line"]}, "content", "invalid"),
        ({"content": "x" * 1001}, "content", "max_length"),
        ({"content": "a\x00b"}, "content", "control_characters"),
        ({"content": "a\x1bb"}, "content", "control_characters"),
        ({"content": "a\u202eb"}, "content", "control_characters"),
        ({"content": "a", "speaker": "x" * 201}, "speaker", "max_length"),
        ({"content": "a", "speaker": "two\nlines"}, "speaker", "control_characters"),
        ({"content": "a", "source": None}, "source", "null"),
        ({"content": "a", "context": "x" * 1001}, "context", "max_length"),
        ({"content": "a", "language": "korean!"}, "language", "invalid"),
        ({"content": "a", "language": "en-GB-oxendict"}, "language", "max_length"),
    ],
)
def test_refuses_bad_input(as_alice, body, field, code):
    response = as_alice.post("/quote", body)
    assert response.status_code == 400
    assert (field, code) in {(e["field"], e["code"]) for e in response.json()["errors"]}
    assert not Quote.objects.exists()


def test_takes_a_thousand_characters_after_trimming(as_alice):
    response = as_alice.post("/quote", {"content": " " + "가" * 1000 + "\n"})
    assert response.status_code == 201
    assert response.json()["content"] == "가" * 1000


def test_refuses_a_body_that_is_no_object(as_alice):
    response = as_alice.post("/quote", ["A line"])
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == ""


@pytest.mark.parametrize("is_apply", [True, False])
def test_refuses_the_same_line_twice(as_alice, alice, is_apply):
    quote = make_quote(alice, "A line", source="A work", is_apply=is_apply)
    response = as_alice.post("/quote", {"content": " A line", "source": "A work"})
    assert response.status_code == 409
    body = response.json()
    assert body.pop("request_id")
    assert body == {
        "type": "urn:daesa:problem:duplicate_quote",
        "title": "Conflict",
        "status": 409,
        "detail": "You have submitted this line already.",
        "instance": "/quote",
        "code": "duplicate_quote",
        "quote": quote.pk,
        "links": [
            {"rel": "duplicate", "href": f"http://testserver/quote/{quote.pk}", "method": "GET"}
        ],
    }


@pytest.mark.parametrize(
    "body",
    [
        {"content": "A line"},
        {"content": "“a LINE!”"},
        {"content": "A line", "speaker": "somebody"},
        {"content": "A line", "speaker": "Somebody", "source": "A  Work"},
    ],
)
def test_refuses_a_line_of_the_board(as_alice, alice, bob, body):
    quote = make_quote(bob, "A line", speaker="Somebody", source="A work", is_apply=True)
    response = as_alice.post("/quote", body)
    assert response.status_code == 409
    assert response.json()["code"] == "duplicate_quote"
    assert response.json()["detail"] == "This line is on the board already."
    assert response.json()["quote"] == quote.pk
    assert not Quote.objects.owned_by(alice).exists()


@pytest.mark.parametrize(
    "body",
    [
        {"content": "A line", "speaker": "Somebody else"},
        {"content": "A line", "source": "Another work"},
        {"content": "A line of more words"},
    ],
)
def test_accepts_a_line_with_new_information(as_alice, bob, body):
    make_quote(bob, "A line", speaker="Somebody", source="A work", is_apply=True)
    assert as_alice.post("/quote", body).status_code == 201


def test_lines_of_punctuation_are_compared_by_it(as_alice, bob):
    make_quote(bob, "!!!", is_apply=True)
    assert as_alice.post("/quote", {"content": "???"}).status_code == 201
    assert as_alice.post("/quote", {"content": "!!!"}).status_code == 409


def test_accepts_it_from_another_work_or_user_or_after_a_decline(as_alice, alice, bob):
    make_quote(bob, "A line")
    make_quote(alice, "A line", source="A work")
    make_quote(alice, "A line", declined_at=timezone.now())
    make_quote(bob, "A line", declined_at=timezone.now())
    assert as_alice.post("/quote", {"content": "A line", "source": "Other"}).status_code == 201


def test_limits_the_lines_in_review(as_alice, as_bob, alice):
    Quote.objects.bulk_create(Quote(user=alice, content=f"Line {n}") for n in range(MAX_PENDING))
    response = as_alice.post("/quote", {"content": "One more"})
    assert response.status_code == 409
    assert response.json()["code"] == "too_many_pending"
    assert response.json()["limit"] == {"name": "waiting_quotes", "value": MAX_PENDING}
    assert Quote.objects.count() == MAX_PENDING
    assert as_bob.post("/quote", {"content": "One more"}).status_code == 201
