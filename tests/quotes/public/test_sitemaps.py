"""What crawlers may read, and where they find it."""

from xml.etree import ElementTree as ET

import pytest

from quotes.models import Quote
from quotes.public.sitemaps import IDS
from tests.factories import make_quote
from tests.planner import gather_statistics, plans_of

pytestmark = pytest.mark.django_db

XML = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    tree = ET.fromstring(response.content)  # noqa: S314 - our own
    return [found.text for found in tree.iter(f"{XML}loc")]


def test_the_index_names_a_sitemap_for_each_range(client, alice):
    make_quote(alice, pk=1, is_apply=True)
    make_quote(alice, pk=2 * IDS + 1, is_apply=True)
    make_quote(alice, pk=9 * IDS)
    assert addresses(client, "/sitemap.xml") == [
        "http://testserver/sitemap-board.xml",
        "http://testserver/sitemap-lines.xml",
        "http://testserver/sitemap-lines.xml?p=2",
        "http://testserver/sitemap-lines.xml?p=3",
    ]


def test_each_line_of_the_board_is_in_one(client, alice):
    ids = [1, IDS, IDS + 1, 2 * IDS + 1]
    for pk in ids:
        make_quote(alice, pk=pk, is_apply=True)
    make_quote(alice, pk=2)
    pages = [addresses(client, f"/sitemap-lines.xml?p={number}") for number in (1, 2, 3)]
    found = [[int(url.rpartition("/")[2]) for url in page] for page in pages]
    assert found == [[1, IDS], [IDS + 1], [2 * IDS + 1]]
    assert addresses(client, "/sitemap-board.xml") == ["http://testserver/quotes"]


def test_a_line_has_the_day_of_its_last_change(client, alice):
    line = make_quote(alice, pk=1, is_apply=True)
    text = client.get("/sitemap-lines.xml").content.decode()
    day = line.updated_at.astimezone().date()
    assert "<lastmod>" in text
    assert str(day.year) in text


def test_an_empty_board(client):
    assert addresses(client, "/sitemap-lines.xml") == []
    assert len(addresses(client, "/sitemap.xml")) == 2


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "1e9", "", "9" * 5000, "%00", "٣"])
def test_a_page_that_is_not_there(client, alice, page):
    make_quote(alice, pk=1, is_apply=True)
    assert client.get(f"/sitemap-lines.xml?p={page}").status_code == 404


def test_caches_limit_and_statements(client, alice, settings, django_assert_num_queries):
    make_quote(alice, pk=1, is_apply=True)
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "board": "3/m/ip"}
    with django_assert_num_queries(2):
        first = client.get("/sitemap-lines.xml")
    assert first["Cache-Control"] == "public, max-age=3600"
    again = client.get("/sitemap-lines.xml", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    with django_assert_num_queries(1):
        client.get("/sitemap.xml")
    assert client.get("/sitemap.xml").status_code == 429


@pytest.mark.postgres
def test_a_range_reads_an_index(client, alice):
    Quote.objects.bulk_create(
        Quote(user=alice, content=f"Line {n}", is_apply=False) for n in range(2 * IDS)
    )
    Quote.objects.bulk_create(
        Quote(user=alice, content=f"Line {n}", is_apply=True, applied_at="2026-03-01T00:00Z")
        for n in range(10 * IDS)
    )
    gather_statistics(Quote)
    last = Quote.objects.order_by("-pk").values_list("pk", flat=True)[0] // IDS
    for path in (f"/sitemap-lines.xml?p={last}", "/sitemap.xml"):
        for plan in plans_of(client.get, path):
            assert "Seq Scan" not in plan, plan


# --- robots.txt --------------------------------------------------------------------------------


def test_crawlers_may_read_the_board(client):
    response = client.get("/robots.txt")
    lines = response.content.decode().splitlines()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert lines[:2] == ["User-agent: *", "Disallow: /"]
    assert {"Allow: /quotes$", "Allow: /quotes/", "Disallow: /quotes/mine"} <= set(lines)
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"


@pytest.mark.usefixtures("_closed")
def test_a_closed_board_is_for_no_crawler(client):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    for path in ("/sitemap.xml", "/sitemap-lines.xml", "/sitemap-board.xml"):
        assert client.get(path).status_code == 404
