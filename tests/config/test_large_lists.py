"""Lists of the administration over large tables: what they count, which pages they have, and how
many statements they take. `test_large_tables.py` reads the plans.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import ngettext

from chat.models import Conversation, DailyUsage
from config.large_lists import REACHED, EstimatedCount, LargePaginator, RoughCount
from quotes.models import Review
from tests.chat.asking import make_chat
from tests.factories import make_quote, make_user
from tests.planner import gather_statistics

CONVERSATIONS = "/admin/chat/conversation/"
IS_POSTGRESQL = connection.vendor == "postgresql"
MORE = "≈ 2900" if IS_POSTGRESQL else "2000+"  # how the count of 2900 rows is shown


@pytest.fixture
def admin(client, staff):
    client.force_login(staff)
    return client


def make_conversations(user, count: int) -> None:
    Conversation.objects.bulk_create(Conversation(user=user) for _ in range(count))
    if IS_POSTGRESQL:
        gather_statistics(Conversation)


@pytest.mark.parametrize(
    ("rows", "total", "pages"),
    [
        (0, "0", [range(0)]),
        (1, "1", [range(1)]),
        (REACHED, "2000", [range(1500), range(1500, REACHED)]),
        (2900, MORE, [range(1500), range(1500, REACHED)]),
    ],
)
def test_pages_end_where_the_count_ends(alice, rows, total, pages):
    make_conversations(alice, rows)
    newest = list(Conversation.objects.values_list("pk", flat=True))
    paginator = LargePaginator(Conversation.objects.all(), 1500)
    assert str(paginator.total) == total
    assert paginator.is_cut is (rows > REACHED)
    shown = [paginator.keys_of(number) for number in paginator.page_range]
    assert shown == [[newest[place] for place in page] for page in pages]


@pytest.mark.parametrize(
    ("count", "shown"), [(RoughCount(9000), "9000+"), (EstimatedCount(7), "≈ 7")]
)
def test_a_rough_count_is_shown_as_one_everywhere(count, shown):
    assert str(count) == shown
    assert ngettext("%(n)s line", "%(n)s lines", count) % {"n": count} == f"{shown} lines"
    assert count > 0


def test_a_cut_list_says_so(admin, alice):
    make_conversations(alice, 2900)
    text = admin.get(CONVERSATIONS).content.decode()
    assert f"{MORE} conversations" in text
    assert "The pages show the first 2000. Search, filter or sort to see others." in text


def test_a_whole_list_does_not(admin, alice):
    make_conversations(alice, 5)
    text = admin.get(CONVERSATIONS).content.decode()
    assert "5 conversations" in text
    assert "The pages show" not in text


def test_pages_beyond_the_end_lead_back(admin, alice):
    make_conversations(alice, 60)
    second = admin.get(CONVERSATIONS, {"p": 2})
    assert len(second.context["cl"].result_list) == 10
    beyond = admin.get(CONVERSATIONS, {"p": 3})
    assert beyond["Location"] == f"{CONVERSATIONS}?e=1"


def test_all_are_shown_on_request(admin, alice):
    make_conversations(alice, 60)
    shown = admin.get(CONVERSATIONS, {"all": ""}).context["cl"].result_list
    assert len(shown) == 60


@pytest.mark.parametrize(
    ("path", "column"),
    [
        (CONVERSATIONS, "user__created_at"),
        ("/admin/quotes/quote/", "content"),
        ("/admin/quotes/review/", "to_state"),
        ("/admin/chat/dailyusage/", "used"),
    ],
)
def test_columns_without_an_index_are_not_sorted_by(admin, path, column):
    for number in range(9):
        changelist = admin.get(path, {"o": number}).context["cl"]
        assert column not in changelist.queryset.query.order_by


def test_the_use_of_some_days_is_sorted_by_units(admin, alice):
    day = "2026-03-01"
    for used in (1, 3, 2):
        DailyUsage.objects.create(user=make_user(), day=day, used=used)
    query = {"day": day, "o": "-2"}
    rows = admin.get("/admin/chat/dailyusage/", query).context["cl"].result_list
    assert [row.used for row in rows] == [3, 2, 1]


@pytest.mark.parametrize(
    ("path", "q", "found"),
    [
        (CONVERSATIONS, "ALI", 1),
        (CONVERSATIONS, "ice", 0),
        ("/admin/chat/dailyusage/", " alice@", 1),
        ("/admin/chat/dailyusage/", "2026-03-01", 1),
        ("/admin/chat/dailyusage/", "2026-03-02", 0),
        ("/admin/chat/dailyusage/", "2026-02-30", 0),
    ],
)
def test_search_by_the_beginning_of_an_address_or_a_day(admin, alice, path, q, found):
    Conversation.objects.create(user=alice)
    DailyUsage.objects.create(user=alice, day="2026-03-01")
    assert admin.get(path, {"q": q}).context["cl"].result_count == found


# Session, user, keys and rows, and besides: the languages of lines, three kinds of search and its
# result, and today's use of users. The site's usage has one row a day and is Django's own list.
STATEMENTS = {
    CONVERSATIONS: 4,
    "/admin/chat/dailyusage/": 4,
    "/admin/chat/siteusage/": 6,
    "/admin/quotes/quote/": 5,
    "/admin/quotes/quote/?q=line": 8,
    "/admin/quotes/review/": 4,
    "/admin/quotes/staffjob/": 4,
    "/admin/accounts/user/": 5,
}


def test_statements_do_not_grow_with_the_page(admin, staff):
    for size in (1, 20):
        for _ in range(size):
            user = make_user()
            make_chat(user)
            DailyUsage.objects.create(user=user, day="2026-03-01")
            quote = make_quote(user, "A line", language="en")
            Review.objects.create(
                quote=quote, reviewer=staff, from_state="pending", to_state="pending", version=1
            )
        counted = {}
        for path in STATEMENTS:
            with CaptureQueriesContext(connection) as queries:
                assert admin.get(path).status_code == 200
            counted[path] = len(queries)
        assert counted == STATEMENTS
