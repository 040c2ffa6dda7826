"""The home of the administration: what waits, and charts of use."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import DailyUsage
from config.admin_home import Bar, Chart
from config.large_lists import REACHED
from quotes.models import Quote
from tests.chat.reports import marked
from tests.factories import make_quote, make_user


def home(client, language: str = "en") -> str:
    response = client.get("/admin/", headers={"Accept-Language": language})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def table_of(page: str, title: str) -> dict[str, str]:
    """The numbers of a chart, as a screen reader reads them."""
    [figure] = [one for one in page.split("<figure") if f"<figcaption>{title} " in one]
    return dict(re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', figure))


@pytest.fixture
def as_staff_with(client, db):
    def make(*permissions: str):
        user = make_user("clerk", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(user)
        return client

    return make


def test_it_counts_the_lines_that_this_reviewer_may_review(client, staff, alice):
    make_quote(staff)  # nobody reviews their own
    make_quote(alice, is_apply=True)
    client.force_login(staff)
    link = '<a href="{}"><strong>{}</strong> {} for your review</a>'
    none = link.format("/admin/quotes/quote/", 0, "lines wait")
    assert none in home(client)
    make_quote(alice)
    one = link.format("/admin/quotes/quote/queue/", 1, "line waits")
    assert f'<li class="waits">{one}' in home(client)


def test_more_lines_than_a_list_shows_are_not_counted(client, staff, alice):
    lines = (Quote(user=alice, content=f"Line {number}") for number in range(REACHED + 2))
    Quote.objects.bulk_create(lines)
    client.force_login(staff)
    assert f"<strong>{REACHED}+</strong>" in home(client)


def test_waiting_lines_by_their_age(client, staff, alice):
    for days in (0, 0, 2, 20, 90):
        quote = make_quote(alice)
        Quote.objects.filter(pk=quote.pk).update(created_at=timezone.now() - timedelta(days=days))
    client.force_login(staff)
    assert table_of(home(client), "Waiting lines") == {
        "up to 1 day": "2",
        "up to 3 days": "1",
        "up to 7 days": "0",
        "up to 30 days": "1",
        "longer": "1",
    }


def test_verdicts_and_questions(client, staff, alice, bob):
    marked(alice)
    marked(alice, verdict="verbatim", match="folded")  # judged before `same_words` was a verdict
    today = timezone.localdate()
    for user, age, used in ((alice, 0, 3), (bob, 0, 2), (alice, 2, 4), (alice, 14, 9)):
        DailyUsage.objects.create(user=user, day=today - timedelta(days=age), used=used)
    client.force_login(staff)
    page = home(client)
    verdicts = table_of(page, "Verdicts on quotations")
    assert (verdicts["altered"], verdicts["same words, other punctuation"]) == ("1", "1")
    asked = list(table_of(page, "Questions a day").values())
    assert asked == ["0"] * 11 + ["4", "0", "5"]


def test_without_permissions_it_shows_none_of_it(as_staff_with):
    page = home(as_staff_with("view_user"))
    assert "<figure" not in page
    assert 'class="tasks"' not in page


@pytest.mark.parametrize(
    ("permission", "shown"),
    [
        ("change_quote", ["wait for your review"]),
        ("view_quote", ["Waiting lines", "Verdicts on quotations"]),
        ("view_dailyusage", ["Questions a day"]),
        ("change_markreport", ["reported marks to look at"]),
    ],
)
def test_each_needs_its_permission(as_staff_with, permission, shown):
    page = home(as_staff_with(permission))
    everything = [
        *("wait for your review", "Waiting lines", "Verdicts on quotations", "Questions a day"),
        "reported marks to look at",
    ]
    assert [text for text in everything if text in page] == shown


def test_it_is_translated(client, staff, alice):
    client.force_login(staff)
    page = home(client, "ko")
    for text in ("검토를 기다리는 대사", "신고된 표시", "하루 질문 수", "표로 보기"):
        assert text in page


def test_the_number_of_queries_is_constant(client, staff, alice):
    client.force_login(staff)
    counts = []
    for more in (1, 20):
        for _ in range(more):
            user = make_user()
            make_quote(user)
            marked(user)
            DailyUsage.objects.create(user=user, day=timezone.localdate(), used=1)
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_has_no_script_or_style_of_its_own(client, staff):
    client.force_login(staff)
    page = home(client)
    assert "style=" not in page
    assert "<style" not in page
    assert "<script>" not in page


@pytest.mark.parametrize("is_series", [True, False])
@pytest.mark.parametrize("values", [[0, 0, 0], [1, 2, 1000], [5]])
def test_all_shapes_of_a_chart_are_inside_it(values, is_series):
    bars = tuple(Bar(str(value), value) for value in values)
    chart = Chart("Title", "note", bars, is_series=is_series)
    for shape in chart.shapes:
        assert shape["x"] >= 0
        assert shape["y"] >= 0
        assert shape["x"] + shape["width"] <= chart.width
        assert shape["y"] + shape["height"] <= chart.height
