from collections import Counter
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from quotes.board.featured import EmptyBoard, random_id
from quotes.models import LineOfDay, Quote
from tests.factories import make_quote

PATHS = ["/quote/random", "/quote/today"]


@pytest.mark.parametrize("path", PATHS)
def test_needs_a_sign_in_where_the_board_is_closed(anonymous, settings, path):
    settings.PUBLIC_BOARD = False
    assert anonymous.get(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_board_is_404(as_alice, alice, path):
    make_quote(alice)
    make_quote(alice, declined_at=timezone.now())
    response = as_alice.get(path)
    assert response.status_code == 404
    assert response.json()["code"] == "board_empty"


@pytest.mark.parametrize("path", PATHS)
def test_body_is_the_quote(as_alice, bob, path):
    quote = make_quote(bob, "A line", is_apply=True)
    response = as_alice.get(path)
    assert response.status_code == 200
    body = response.json()
    embed = [link for link in body["links"] if link["rel"] == "embed"]
    assert bool(embed) is (path == "/quote/today")
    body["links"] = [link for link in body["links"] if link not in embed]
    assert body == as_alice.get(f"/quote/{quote.pk}").json()
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "queries"), [("/quote/random", 5), ("/quote/today", 3)])
@pytest.mark.parametrize("lines", [1, 300])
def test_query_count_is_constant(
    client_for, alice, bob, lines, path, queries, django_assert_num_queries
):
    for _ in range(lines):
        make_quote(bob, is_apply=True)
    client = client_for(alice)
    client.get(path)
    with django_assert_num_queries(queries):  # the sign-in is the first
        client.get(path)


# --- At random -----------------------------------------------------------------------------------


def test_every_applied_line_is_drawn_and_no_other(alice):
    applied = {make_quote(alice, is_apply=n % 3 == 0).pk for n in range(30)}
    applied = set(Quote.objects.applied().values_list("pk", flat=True))
    counts = Counter(random_id() for _ in range(600))
    assert set(counts) == applied
    # 60 each on average; the limit is ten standard deviations away.
    assert max(counts.values()) < 140


def test_a_board_with_few_applied_ids(alice):
    """If no drawn id is applied, the next applied line is taken."""
    first, *_others, last = [make_quote(alice) for _ in range(200)]
    Quote.objects.filter(pk__in=[first.pk, last.pk]).update(
        is_apply=True, applied_at=timezone.now()
    )
    assert {random_id(drawn_ids=1) for _ in range(20)} <= {first.pk, last.pk}


def test_an_empty_board_raises(db):
    with pytest.raises(EmptyBoard):
        random_id()


# --- Of the day ----------------------------------------------------------------------------------


@pytest.fixture
def board(bob) -> list[Quote]:
    return [make_quote(bob, is_apply=True) for _ in range(40)]


@pytest.mark.usefixtures("board")
def test_is_the_same_for_all_users_all_day(as_alice, as_carol, bob):
    line = as_alice.get("/quote/today").json()["id"]
    for _ in range(20):
        make_quote(bob, is_apply=True)
    assert {c.get("/quote/today").json()["id"] for c in (as_alice, as_carol) * 5} == {line}


@pytest.mark.usefixtures("board")
def test_changes_at_midnight_in_the_time_zone(alice, client_for):
    """23:59 and 00:01 in Seoul are one day in UTC."""
    before, after = (
        datetime(2026, 3, 1, 14, 59, tzinfo=UTC),
        datetime(2026, 3, 1, 15, 1, tzinfo=UTC),
    )
    for moment in (before, after, after):
        with time_machine.travel(moment, tick=False):
            client_for(alice).get("/quote/today")
    assert [str(day) for day in LineOfDay.objects.values_list("day", flat=True)] == [
        "2026-03-01",
        "2026-03-02",
    ]


@pytest.mark.parametrize("leave", ["withdrawn", "taken down"])
@pytest.mark.usefixtures("board")
def test_is_replaced_when_it_leaves_the_board(as_alice, leave):
    line = Quote.objects.filter(pk=as_alice.get("/quote/today").json()["id"])
    pk = line.get().pk
    if leave == "withdrawn":
        line.delete()
    else:
        line.update(is_apply=False, applied_at=None, declined_at=timezone.now())
    now = as_alice.get("/quote/today").json()
    assert now["id"] != pk
    assert now["is_apply"]
    assert as_alice.get("/quote/today").json()["id"] == now["id"]


@pytest.fixture
def languages(bob) -> dict[str, list[int]]:
    """The ids of lines in Korean, in English, and without a language."""
    return {
        language: [make_quote(bob, is_apply=True, language=language).pk for _ in range(10)]
        for language in ("ko", "en", "")
    }


@pytest.mark.parametrize(("wanted", "language"), [("ko", "ko"), ("en-GB, ko;q=0.5", "en")])
def test_is_in_the_language_of_the_reader(as_alice, languages, wanted, language):
    line = as_alice.get("/quote/today", headers={"Accept-Language": wanted}).json()
    assert line["id"] in languages[language]


def test_is_another_line_where_the_board_has_none_in_that_language(as_alice, bob):
    english = make_quote(bob, is_apply=True, language="en")
    line = as_alice.get("/quote/today", headers={"Accept-Language": "ko"}).json()
    assert line["id"] == english.pk
