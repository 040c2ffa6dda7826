"""RSS and Atom of the lines that were last put on the board."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone

from quotes.models import Quote
from quotes.public.feeds import LINES
from tests.factories import make_quote
from tests.planner import gather_statistics, plans_of

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
PATHS = ["/feeds/rss", "/feeds/atom", "/feeds/en/rss", "/feeds/en/atom"]


def parsed(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return ET.fromstring(response.content)  # noqa: S314 - our own


def titles(client, path):
    found = parsed(client, path)
    return [entry.findtext("title") for entry in found.iter("item")] or [
        entry.findtext(f"{ATOM}title") for entry in found.iter(f"{ATOM}entry")
    ]


@pytest.mark.parametrize("path", PATHS)
def test_the_last_approved_come_first(client, alice, path):
    now = timezone.now()
    for days, content in ((1, "Late"), (3, "Early"), (2, "Middle")):
        at = now - timedelta(days=days)
        make_quote(alice, content, is_apply=True, applied_at=at, language="en")
    make_quote(alice, "In review", language="en")
    assert titles(client, path) == ["“Late”", "“Middle”", "“Early”"]


def test_a_feed_of_one_language(client, alice):
    make_quote(alice, "Be", is_apply=True, language="en")
    make_quote(alice, "있다", is_apply=True, language="ko")
    assert titles(client, "/feeds/KO/rss") == ["“있다”"]
    assert titles(client, "/feeds/fr/rss") == []
    feed = parsed(client, "/feeds/ko/atom")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "ko"
    assert feed.findtext(f"{ATOM}title") == "Daesa: 새 대사 (ko)"
    assert feed.findtext(f"{ATOM}id") == "http://testserver/quotes?language=ko"


def test_an_entry(client, alice):
    line = make_quote(
        alice, "To be", speaker="Hamlet", context="On death", is_apply=True, language="en"
    )
    alice.nickname = "The-nickname"
    alice.save()
    [entry] = parsed(client, "/feeds/atom").iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"http://testserver/quotes/{line.pk}"
    assert entry.findtext(f"{ATOM}summary") == "“To be” — Hamlet. On death"
    assert entry.findtext(f"{ATOM}published") == line.applied_at.isoformat()
    assert b"The-nickname" not in client.get("/feeds/atom").content


@pytest.mark.parametrize("path", PATHS)
def test_hostile_words_stay_words_in_readers_of_html(client, alice, path):
    make_quote(alice, "<script>x</script> ]]> &amp; \x01\ufffe\u202e", is_apply=True, language="en")
    [title] = titles(client, path)
    assert title == "“&lt;script&gt;x&lt;/script&gt; ]]&gt; &amp;amp;”"


def test_it_has_an_end(client, alice):
    for _ in range(LINES + 1):
        make_quote(alice, is_apply=True)
    assert len(titles(client, "/feeds/rss")) == LINES


@pytest.mark.parametrize("path", PATHS)
def test_caches(client, alice, path, django_assert_num_queries):
    make_quote(alice, is_apply=True, language="en")
    with django_assert_num_queries(1):
        first = client.get(path)
    assert first["Cache-Control"] == "public, max-age=600"
    assert "Last-Modified" not in first
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_limit_and_methods(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "board": "1/m/ip"}
    assert client.post("/feeds/rss").status_code == 405
    assert client.get("/feeds/rss").status_code == 200
    assert client.get("/feeds/atom").status_code == 429


@pytest.mark.parametrize("path", ["/feeds/x/rss", "/feeds/en-/rss", "/feeds/en", "/feeds/../rss"])
def test_other_addresses_are_not_there(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("_closed")
@pytest.mark.parametrize("path", PATHS)
def test_a_closed_board_has_no_feeds(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.postgres
def test_a_feed_reads_an_index(client, alice):
    now = timezone.now()
    Quote.objects.bulk_create(
        Quote(
            user=alice,
            content=f"Line {n}",
            is_apply=True,
            applied_at=now - timedelta(minutes=n * 37 % 5000),
            language="fr" if n % 20 else "de",
        )
        for n in range(5000)
    )
    gather_statistics(Quote)
    for path, index in (("rss", "quote_last_applied"), ("de/atom", "quote_last_applied_in")):
        [plan] = plans_of(client.get, f"/feeds/{path}")
        assert f"Index Scan using {index} " in plan, plan
        assert "Sort" not in plan
