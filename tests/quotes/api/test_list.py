from datetime import timedelta
from typing import Any

import pytest
from django.db.models import DurationField, F, Value
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from quotes.models import Quote, QuoteLike
from tests.factories import make_quote, make_user
from tests.paging import rows_of_all_pages
from tests.planner import gather_statistics

NAMES = ("speaker", "source", "language")


@pytest.fixture
def board(alice, bob) -> dict[str, Quote]:
    """Two applied quotes, and one pending quote of each user; alice also has a declined one."""
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


def test_needs_a_sign_in_where_the_board_is_closed(anonymous, settings):
    settings.PUBLIC_BOARD = False
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
            "gloss": "",
            "gloss_by_model": False,
            "is_apply": True,
            "applied_at": timezone.localtime(his.applied_at).isoformat(),
            "reason": "",
            "likes": 0,
            "liked": False,
            "version": 1,
            "created_at": timezone.localtime(his.created_at).isoformat(),
            "updated_at": timezone.localtime(his.updated_at).isoformat(),
            "links": [
                {"rel": "self", "href": f"http://testserver/quote/{his.pk}", "method": "GET"},
                {"rel": "like", "href": f"http://testserver/quote/{his.pk}/like", "method": "PUT"},
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


def test_shows_other_users_only_applied_quotes(as_carol, board):
    assert contents(as_carol.get("/quote")) == ["To be, or not to be", "죽는 날까지 하늘을 우러러"]


def test_shows_staff_no_more_than_other_users(as_staff, board):
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
def test_filters_combine(as_alice, board, query, expected):
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
def test_q_finds_lines_that_match_most_of_it(as_carol, board, q, expected):
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


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "old"}, "sort"),
        ({"sort": ""}, "sort"),
        ({"speaker": "x" * 201}, "speaker"),
        ({"source": "a\x07b"}, "source"),
        ({"language": "korean!"}, "language"),
        ({"language_first": "korean!"}, "language_first"),
    ],
)
def test_refuses_a_bad_name_or_order(as_alice, query, field):
    response = as_alice.get("/quote", query)
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.fixture
def works(alice, bob) -> None:
    make_quote(bob, "one", speaker="햄릿", source="The Little Prince", is_apply=True, likes=1)
    make_quote(bob, "two", speaker="햄 릿", source="the little prince", is_apply=True, likes=3)
    make_quote(bob, "three", source="Ｔｈｅ　Ｌｉｔｔｌｅ Prince", is_apply=True, language="en")
    make_quote(bob, "other", speaker="햄릿 2세", source="Little Prince", is_apply=True)
    make_quote(bob, "his draft", speaker="햄릿", source="The Little Prince", language="en")
    make_quote(alice, "her draft", speaker="햄릿", source="The Little Prince", likes=2)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"source": "THE LITTLE PRINCE"}, ["her draft", "three", "two", "one"]),
        ({"source": "the littleprince"}, ["her draft", "three", "two", "one"]),
        ({"speaker": "햄릿"}, ["her draft", "two", "one"]),
        ({"speaker": "햄릿", "state": "applied"}, ["two", "one"]),
        ({"speaker": "햄릿", "mine": "true"}, ["her draft"]),
        ({"speaker": "햄릿", "q": "two"}, ["two"]),
        ({"speaker": "햄"}, []),
        ({"source": "%"}, []),
        ({"language": "EN"}, ["three"]),
        ({"source": "Little Prince", "language": "ko"}, []),
        ({"source": "the little prince", "sort": "new"}, ["her draft", "three", "two", "one"]),
        (
            {"source": "the little prince", "sort": "liked", "state": "applied"},
            ["two", "one", "three"],
        ),
        ({"q": "햄릿", "sort": "liked", "state": "applied"}, ["two", "one", "other"]),
        ({"q": "햄릿", "sort": "new", "state": "applied"}, ["other", "two", "one"]),
        ({"speaker": " ", "source": "", "language": "", "q": "three"}, ["three"]),
    ],
)
@pytest.mark.usefixtures("works")
def test_filters_by_speaker_work_and_language_and_sorts(as_alice, query, expected):
    assert contents(as_alice.get("/quote", query)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["her draft", "three", "other", "two", "one"]),
        ({"state": "applied"}, ["three", "other", "two", "one"]),
        ({"state": "applied", "sort": "liked"}, ["three", "two", "one", "other"]),
        ({"q": "햄릿", "sort": "new"}, ["her draft", "other", "two", "one"]),
        ({"language": "en"}, ["her draft", "three"]),
        ({"language": "ko"}, []),
        ({"speaker": "햄릿"}, ["her draft", "two", "one"]),
        ({"mine": "true"}, ["her draft"]),
    ],
)
@pytest.mark.usefixtures("works")
def test_lines_in_the_wanted_language_come_first(as_alice, alice, query, expected):
    Quote.objects.filter(content="her draft").update(language="en")
    assert contents(as_alice.get("/quote", {**query, "language_first": "EN"})) == expected


@pytest.mark.usefixtures("works")
def test_the_order_does_not_hang_on_the_language_that_is_accepted(as_alice):
    plain = contents(as_alice.get("/quote"))
    assert contents(as_alice.get("/quote", headers={"Accept-Language": "ko"})) == plain


@pytest.mark.parametrize("in_language", [0, 3, 5, 7, 12, 13])
def test_pages_with_a_language_first_return_each_once(as_carol, bob, in_language):
    """Also where the language's lines end within a page, or with one."""
    languages = ["ko"] * in_language + ["", "en"] * 7
    made = [make_quote(bob, is_apply=True, language=one).pk for one in languages[:13]]
    met = rows_of_all_pages(as_carol, "http://testserver/quote?per_page=5&language_first=ko")
    expected = made[:in_language][::-1] + made[in_language:][::-1]
    assert [quote["id"] for quote in met] == expected


def test_a_renamed_work_is_found_by_its_new_name(as_alice, alice):
    quote = make_quote(alice, "A line", source="Old")
    as_alice.patch(f"/quote/{quote.pk}", {"source": "New"})
    assert contents(as_alice.get("/quote", {"source": "old"})) == []
    assert contents(as_alice.get("/quote", {"source": "new"})) == ["A line"]


def test_paging_by_likes_returns_each_once(as_carol, bob):
    made = [make_quote(bob, is_apply=True, likes=n % 3) for n in range(13)]
    met = []
    for page in (1, 2, 3):
        response = as_carol.get("/quote", {"sort": "liked", "per_page": 5, "page": page})
        met += [(quote["likes"], quote["id"]) for quote in response.json()["results"]]
    assert met == sorted(((quote.likes, quote.pk) for quote in made), reverse=True)


def test_refuses_a_null_character(as_alice):
    assert as_alice.get("/quote?q=a%00b").status_code == 400


def test_paging_returns_each_once(as_carol, bob):
    same_time = timezone.now()
    made = [make_quote(bob, is_apply=True).pk for _ in range(13)]
    Quote.objects.update(created_at=same_time)
    met = rows_of_all_pages(as_carol, "http://testserver/quote?per_page=5&state=applied")
    assert [quote["id"] for quote in met] == sorted(made, reverse=True)


@pytest.mark.parametrize("rows", [1, 30])
def test_query_count_is_constant(
    alice, rows, django_assert_num_queries, django_assert_max_num_queries
):
    for n in range(rows):
        quote = make_quote(make_user(), is_apply=True, language="en" if n % 2 else "")
        QuoteLike.objects.create(quote=quote, user=alice)
    client = APIClient()
    client.force_authenticate(alice)
    with django_assert_num_queries(2):  # the count and the page
        response = client.get("/quote?per_page=100")
    assert [quote["liked"] for quote in response.json()["results"]] == [True] * rows
    with django_assert_max_num_queries(4):  # two counts, and the page in two parts
        response = client.get("/quote?per_page=100&language_first=en")
    assert len(response.json()["results"]) == rows


ORDERS: list[tuple[dict[str, Any], str]] = [
    ({}, "quote_newest"),
    ({"state": "applied"}, "quote_applied"),
    ({"state": "pending"}, "quote_off_board"),
    ({"state": "declined"}, "quote_off_board"),
    ({"mine": True}, "quote_by_owner"),
    ({"sort": "liked"}, "quote_by_likes"),
    ({"state": "applied", "sort": "liked"}, "quote_by_likes"),
    ({"speaker": "somebody 5"}, "quote_by_speaker"),
    ({"source": "WORK 4"}, "quote_by_source"),
    ({"state": "applied", "source": "Work 4"}, "quote_by_source"),
    ({"language": "fr"}, "quote_by_language"),
]


@pytest.mark.postgres
def test_an_index_serves_each_order(alice, bob):
    """On a larger board the planner chooses the index and does not sort."""
    fill_board(alice, bob, count=12_000)
    gather_statistics(Quote, QuoteLike, User)
    for wanted, index in ORDERS:
        filters = dict(wanted)
        names = {key: filters.pop(key) for key in NAMES if key in filters}
        sort = filters.pop("sort", "new")
        quotes = Quote.objects.board_of(alice, **filters).about(**names).sorted_by(sort)
        plan = quotes.shown_to(alice)[:10].explain()
        assert f"using {index} on quotes_quote" in plan, f"{wanted}\n{plan}"
        assert "Sort" not in plan, f"{wanted}\n{plan}"


def fill_board(alice: User, bob: User, *, count: int) -> None:
    """Each name has enough lines that sorting them costs more than an index that has them in order,
    and few enough that looking for them among all costs more, too. The times are in another order
    than the rows.
    """
    start = timezone.now()
    Quote.objects.bulk_create(
        Quote(
            user=alice if n % 30 == 0 else bob,
            content=f"Line {n}",
            is_apply=n % 4 == 0,
            applied_at=start if n % 4 == 0 else None,
            declined_at=start if n % 4 == 1 else None,
            likes=n % 50,
            speaker=f"Somebody {n % 60}",
            source=f"Work {n % 60}",
            language="fr" if n % 60 == 0 else "ko",
        )
        for n in range(count)
    )
    minute = Value(timedelta(minutes=1), output_field=DurationField())
    Quote.objects.update(created_at=Value(start) - F("pk") * 1009 % (count + 1) * minute)
