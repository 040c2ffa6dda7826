"""No page of a list reads a whole table of those that grow with use: PostgreSQL's plans of what the
requests read, on tables that are large beside a page.
"""

import pytest
from django.db import connection
from rest_framework.test import APIClient

from chat.models import Chat, Conversation, DailyUsage
from quotes.models import Quote, Review
from tests.planner import gather_statistics, plans_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

CONVERSATIONS, USE = "/admin/chat/conversation/", "/admin/chat/dailyusage/"
SINCE = "created_at__gte=2026-03-10%2000:00:00%2B00:00"
LINES, REVIEWS = "/admin/quotes/quote/", "/admin/quotes/review/"
REPORTS = "/admin/chat/markreport/"
IN_THE_ADMINISTRATION = [
    "/admin/",
    REPORTS,
    f"{REPORTS}?state__exact=open",
    CONVERSATIONS,
    f"{CONVERSATIONS}?p=2",
    f"{CONVERSATIONS}?o=-0",
    f"{CONVERSATIONS}?o=1",
    f"{CONVERSATIONS}?q=person77@",
    f"{CONVERSATIONS}?q=nobody",
    f"{CONVERSATIONS}?{SINCE}",
    USE,
    f"{USE}?q=person77@",
    f"{USE}?q=2026-03-05",
    f"{USE}?day__gte=2026-03-20&day__lt=2026-03-21",
    f"{USE}?day=2026-03-20&o=-2",
    LINES,
    f"{LINES}?p=2",
    f"{LINES}?o=-8",
    f"{LINES}?o=9",
    f"{LINES}?state=pending",
    f"{LINES}?state=applied",
    f"{LINES}?meaning=unseen",
    f"{LINES}?language=fr",
    f"{LINES}?language=none",
    f"{LINES}?{SINCE}",
    f"{LINES}?q=term7",
    f"{LINES}?q=nothing",
    f"{LINES}?q=common",
    f"{LINES}?state=pending&q=term7",
    REVIEWS,
    f"{REVIEWS}?{SINCE}",
]
OF_THE_API = [
    "/quote",
    "/quote?page=300",
    "/quote?sort=liked",
    "/quote?sort=liked&page=300",
    "/quote?state=applied&page=300",
    "/quote?state=pending",
    "/quote?mine=true",
    "/quote?language=fr",
    "/quote?language=ko&sort=liked",
    "/quote?speaker=somebody",
    "/quote?state=applied&language_first=ko",
    "/quote?state=applied&language_first=ko&page=300",
    "/quote?state=applied&language_first=fr&page=300",
    "/quote?state=applied&language_first=en",
    "/quote?q=term7",
    "/chat",
    "/chat?q=word",
    "/conversations",
    "/conversations?page=2",
    "/conversations?q=word",
]
# Without an account.
OF_THE_PUBLIC_BOARD = [
    "/quote",
    "/quote?page=300",
    "/quote?sort=liked&page=300",
    "/quote?language=fr",
    "/quote?language=ko&sort=liked",
    "/quote?speaker=somebody",
    "/quote?q=term7",
    "/feeds/rss",
    "/feeds/fr/atom",
    "/sitemap.xml",
    "/sitemap-lines.xml?p=2",
]
LARGE = [Conversation, Chat, DailyUsage, Quote, Review]
ROWS = 40_000
FILL = """
INSERT INTO accounts_user (password, is_superuser, email, nickname, is_active, is_staff, created_at)
SELECT '', false, 'person' || n || '@example.com', '', true, false, now()
FROM generate_series(1, 200) n;
INSERT INTO chat_conversation (user_id, title, system_prompt, pinned, created_at, updated_at)
SELECT {user}, '', '', n % 4000 < 200, {time}, now() FROM {rows};
INSERT INTO chat_chat (user_id, conversation_id, content, created_at, updated_at)
SELECT user_id, id, 'Some words', created_at, now() FROM chat_conversation;
INSERT INTO chat_dailyusage (user_id, day, used)
SELECT user_id, date '2026-03-01' + (row_number() OVER (PARTITION BY user_id))::int, 1
FROM chat_conversation;
INSERT INTO quotes_quote (user_id, content, speaker, source, context, language, is_apply,
    applied_at, reason, version, likes, created_at, updated_at, search_text, skeleton_hash)
SELECT {user}, 'Line ' || n, '', '', '', CASE n % 20 WHEN 0 THEN 'fr' ELSE 'ko' END, n % 25 > 0,
    CASE WHEN n % 25 > 0 THEN now() END, '', 1, n % 50, {time}, now(),
    'term' || n % 500 || ' common ' || md5(n::text), n
FROM {rows};
INSERT INTO quotes_review (quote_id, from_state, to_state, reason, version, created_at)
SELECT id, 'pending', 'applied', '', 1, created_at FROM quotes_quote;
"""


@pytest.fixture
def large(alice):
    person = "(SELECT min(id) FROM accounts_user WHERE email = 'person1@example.com')"
    with connection.cursor() as cursor:
        cursor.execute(
            FILL.format(
                user=f"{person} + n % 200",
                time="timestamptz '2026-03-20' - n * interval '10 minutes'",
                rows=f"generate_series(1, {ROWS}) n",
            )
        )
        # These tables are in memory. With the default, their pages would seem dear to an index.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
    gather_statistics(*LARGE)


def test_no_page_reads_a_whole_table(client, staff, alice, large):
    client.force_login(staff)
    api = APIClient()
    api.force_authenticate(alice)
    tables = [model._meta.db_table for model in LARGE]
    whole = {}
    asked = [(client.get, IN_THE_ADMINISTRATION), (api.get, OF_THE_API)]
    for ask, paths in [*asked, (APIClient().get, OF_THE_PUBLIC_BOARD)]:
        for path in paths:
            plans = plans_of(ask, path)
            assert plans
            pages = [plan for plan in plans if not plan.startswith("Aggregate")]
            read = [p for p in pages if any(f"Seq Scan on {table} " in p for table in tables)]
            if read:
                whole[path] = read
    assert not whole, "\n\n".join(f"{path}\n{plan}" for path, [plan, *_] in whole.items())


def test_the_board_is_counted_in_indexes_alone(alice, large):
    api = APIClient()
    api.force_authenticate(alice)
    with connection.cursor() as cursor:
        # No page of a table that was just written is known to be visible to all.
        cursor.execute("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off")
    for path in ("/quote", "/quote?sort=liked", "/quote?language=fr&sort=liked"):
        [count, _page] = plans_of(api.get, path)
        assert "Index Only Scan using quote_applied" in count, count
    counts = plans_of(api.get, "/quote?language_first=fr")[:2]
    assert all("Index Only Scan using quote_applied" in count for count in counts), counts
