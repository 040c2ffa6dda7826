import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from quotes.models import Quote
from tests.factories import make_quote, make_user


@pytest.fixture
def board(alice, bob) -> dict[str, Quote]:
    """Two applied, and of each person one pending; alice has a declined one too."""
    return {
        "hers": make_quote(alice, "죽는 날까지 하늘을 우러러", speaker="윤동주", is_apply=True),
        "his": make_quote(bob, "To be, or not to be", source="Hamlet", is_apply=True),
        "her draft": make_quote(alice, "Her draft"),
        "his draft": make_quote(bob, "His draft"),
        "her declined": make_quote(alice, "No line", declined_at=timezone.now(), reason="Whose?"),
    }


def contents(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [quote["content"] for quote in response.json()["results"]]


def test_needs_a_sign_in(anonymous):
    response = anonymous.get("/quote")
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_body_of_an_empty_board(as_alice):
    response = as_alice.get("/quote")
    assert response.status_code == 200
    first = "http://testserver/quote?page=1&per_page=10"
    assert response.json() == {
        "count": 0,
        "page": 1,
        "per_page": 10,
        "results": [],
        "links": [
            {"rel": "first", "href": first, "method": "GET"},
            {"rel": "last", "href": first, "method": "GET"},
        ],
    }


def test_body_of_anothers_quote(as_carol, board):
    his = board["his"]
    response = as_carol.get("/quote", {"q": "hamlet"})
    assert response.json()["results"] == [
        {
            "id": his.pk,
            "submitter": "bob",
            "mine": False,
            "content": "To be, or not to be",
            "speaker": "",
            "source": "Hamlet",
            "context": "",
            "language": "",
            "state": "applied",
            "is_apply": True,
            "applied_at": timezone.localtime(his.applied_at).isoformat(),
            "reason": "",
            "version": 1,
            "created_at": timezone.localtime(his.created_at).isoformat(),
            "updated_at": timezone.localtime(his.updated_at).isoformat(),
            "links": [
                {"rel": "self", "href": f"http://testserver/quote/{his.pk}", "method": "GET"}
            ],
        }
    ]


def test_shows_the_applied_and_the_own_ones_newest_first(as_alice, board):
    assert contents(as_alice.get("/quote")) == [
        "No line",
        "Her draft",
        "To be, or not to be",
        "죽는 날까지 하늘을 우러러",
    ]


def test_shows_a_stranger_the_applied_ones_alone(as_carol, board):
    assert contents(as_carol.get("/quote")) == ["To be, or not to be", "죽는 날까지 하늘을 우러러"]


def test_shows_staff_no_more_than_a_stranger(as_staff, board):
    assert contents(as_staff.get("/quote")) == ["To be, or not to be", "죽는 날까지 하늘을 우러러"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("applied", ["To be, or not to be", "죽는 날까지 하늘을 우러러"]),
        ("pending", ["Her draft"]),
        ("declined", ["No line"]),
    ],
)
def test_state_filters_and_never_shows_others_pending(as_alice, board, state, expected):
    assert contents(as_alice.get("/quote", {"state": state})) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"mine": "true"}, ["No line", "Her draft", "죽는 날까지 하늘을 우러러"]),
        ({"mine": "true", "state": "applied"}, ["죽는 날까지 하늘을 우러러"]),
        ({"mine": "true", "q": "draft"}, ["Her draft"]),
        ({"mine": "false", "state": "applied", "q": "be"}, ["To be, or not to be"]),
    ],
)
def test_filters_go_together(as_alice, board, query, expected):
    assert contents(as_alice.get("/quote", query)) == expected


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("HAMLET be", ["To be, or not to be"]),
        ("하늘을 윤동주", ["죽는 날까지 하늘을 우러러"]),
        ("하늘", ["죽는 날까지 하늘을 우러러"]),
        ("하늘을 hamlet", ["죽는 날까지 하늘을 우러러"]),
        ("%", []),
        ("d_aft", []),
        ("  ", ["To be, or not to be", "죽는 날까지 하늘을 우러러"]),
    ],
)
def test_q_finds_what_has_most_of_it(as_carol, board, q, expected):
    assert contents(as_carol.get("/quote", {"q": q})) == expected


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (
            {"state": "approved"},
            [
                {
                    "field": "state",
                    "code": "invalid_choice",
                    "detail": '"approved" is not a valid choice.',
                }
            ],
        ),
        (
            {"mine": "maybe"},
            [{"field": "mine", "code": "invalid", "detail": "Must be a valid boolean."}],
        ),
        (
            {"q": "x" * 201},
            [
                {
                    "field": "q",
                    "code": "max_length",
                    "detail": "Ensure this field has no more than 200 characters.",
                }
            ],
        ),
        (
            {"q": "a\x07b"},
            [
                {
                    "field": "q",
                    "code": "control_characters",
                    "detail": "Control characters are not allowed.",
                }
            ],
        ),
    ],
)
def test_refuses_a_bad_filter(as_alice, query, errors):
    response = as_alice.get("/quote", query)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert response.json()["errors"] == errors


def test_refuses_a_null_character(as_alice):
    assert as_alice.get("/quote?q=a%00b").status_code == 400


def test_walking_next_returns_each_once(as_carol, bob):
    same_time = timezone.now()
    made = [make_quote(bob, is_apply=True).pk for _ in range(13)]
    Quote.objects.update(created_at=same_time)
    met, href = [], "http://testserver/quote?per_page=5&state=applied"
    while href:
        response = as_carol.get(href)
        met += [quote["id"] for quote in response.json()["results"]]
        following = re.search(r'<([^>]+)>; rel="next"', response["Link"])
        href = following and following.group(1)
    assert met == sorted(made, reverse=True)


@pytest.mark.parametrize("rows", [1, 30])
def test_query_count_is_constant(alice, rows, django_assert_num_queries):
    for _ in range(rows):
        make_quote(make_user(), is_apply=True)
    client = APIClient()
    client.force_authenticate(alice)
    with django_assert_num_queries(2):  # the count and the page
        response = client.get("/quote?per_page=100")
    assert len(response.json()["results"]) == rows


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads PostgreSQL's plan")
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "quote_newest"),
        ({"state": "applied"}, "quote_applied"),
        ({"state": "pending"}, "quote_by_owner"),
        ({"state": "declined"}, "quote_by_owner"),
        ({"mine": True}, "quote_by_owner"),
    ],
)
def test_an_index_serves_the_order(alice, bob, filters, index):
    """On a board of some size the planner takes the index by itself, and sorts nothing."""
    start = timezone.now()
    quotes = Quote.objects.bulk_create(
        Quote(
            user=alice if n % 30 == 0 else bob,
            content=f"Line {n}",
            is_apply=n % 4 == 0,
            applied_at=start if n % 4 == 0 else None,
            declined_at=start if n % 4 == 1 else None,
        )
        for n in range(3000)
    )
    for n, quote in enumerate(quotes):
        quote.created_at = start - timedelta(minutes=n)
    Quote.objects.bulk_update(quotes, ["created_at"], batch_size=1000)
    page = Quote.objects.board_of(alice, **filters).with_submitter()[:10]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE quotes_quote")
    plan = page.explain()
    assert f"using {index} on quotes_quote" in plan, plan
    assert "Sort" not in plan
