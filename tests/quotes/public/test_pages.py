"""The documents of the board and its lines, as a crawler without JavaScript reads them."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.utils import timezone

from quotes.public.pages import PER_PAGE
from tests.factories import make_quote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built")]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HOSTILE = "</script><script>alert(1)</script> \"'><img src=x> \u202egnirts\u2066 {{ x }} \\1 & <!--"


class Document(HTMLParser):
    """The elements of a document, and the text in each."""

    def __init__(self, response) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link"}:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        for tag in set(self._open):
            self.texts.setdefault(tag, []).append(data)

    def find(self, tag, **attributes):
        return [
            found
            for name, found in self.elements
            if name == tag and attributes.items() <= found.items()
        ]

    def meta(self, name):
        [found] = self.find("meta", name=name) or self.find("meta", property=name)
        return found["content"]

    def text(self, tag):
        return "".join(self.texts[tag])

    @property
    def data(self):
        [script] = [text for text in self.texts["script"] if "schema.org" in text]
        return json.loads(script)


def get(path, **headers):
    return Client().get(path, headers={"Accept": BROWSER, **headers})


@pytest.fixture
def line(alice):
    return make_quote(
        alice,
        "To be, or not to be",
        speaker="Hamlet",
        source="Hamlet, Act 3",
        context="He thinks of death.",
        language="en",
        is_apply=True,
    )


def test_a_line_has_its_words_title_and_data(line):
    response = get(f"/quotes/{line.pk}")
    page, url = Document(response), f"http://testserver/quotes/{line.pk}"
    assert response.status_code == 200
    title = "“To be, or not to be” — Hamlet, Hamlet, Act 3"
    assert page.text("title") == f"{title} · Daesa"
    assert page.meta("description") == f"{title}. He thinks of death."
    assert page.meta("og:title") == page.meta("twitter:title") == title
    assert page.meta("og:url") == page.find("link", rel="canonical")[0]["href"] == url
    assert page.meta("og:image") == "http://testserver/og.png"
    assert not page.find("meta", name="robots")
    assert page.text("blockquote") == "To be, or not to be"
    assert page.find("blockquote")[0]["lang"] == "en"
    assert page.data == {
        "@context": "https://schema.org",
        "@type": "Quotation",
        "url": url,
        "text": "To be, or not to be",
        "inLanguage": "en",
        "spokenByCharacter": {"@type": "Person", "name": "Hamlet"},
        "isPartOf": {"@type": "CreativeWork", "name": "Hamlet, Act 3"},
        "description": "He thinks of death.",
        "dateModified": line.updated_at.isoformat(),
    }
    assert "script-src 'self'" in response["Content-Security-Policy"].split("; ")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


def test_the_words_around_a_line_are_in_the_reader_s_language(line):
    for language, word in (("ko", "게시판"), ("en", "Board")):
        page = Document(get(f"/quotes/{line.pk}", **{"Accept-Language": language}))
        assert page.find("html")[0]["lang"] == language
        assert word in page.text("main")


def test_hostile_words_stay_words(alice):
    line = make_quote(
        alice,
        HOSTILE,
        speaker=HOSTILE[:150],
        source=HOSTILE[:150],
        context=HOSTILE,
        is_apply=True,
    )
    for path in (f"/quotes/{line.pk}", "/quotes"):
        response = get(path)
        page = Document(response)
        assert not page.find("img")
        assert len(page.find("script")) == 1
        assert "alert(1)</script>" not in response.content.decode()
        assert "{{ x }} \\1 &" in page.text("main")
        for text in (page.text("title"), page.meta("description"), page.meta("og:title")):
            assert not re.search("[\u202a-\u202e\u2066-\u2069\n]", text)
    assert Document(get(f"/quotes/{line.pk}")).data["text"] == HOSTILE


@pytest.mark.parametrize("fields", [{}, {"declined_at": timezone.now()}])
def test_a_line_off_the_board_is_not_found(alice, fields):
    line = make_quote(alice, "A secret line", **fields)
    for path in (f"/quotes/{line.pk}", f"/quotes/{line.pk + 1}", "/quotes?page=2"):
        response = get(path)
        page = Document(response)
        assert response.status_code == 404
        assert response["X-Robots-Tag"] == page.meta("robots") == "noindex"
        assert b"secret" not in response.content
        assert not page.find("link", rel="canonical")


def test_a_withdrawn_line_is_gone_at_once(line):
    assert get(f"/quotes/{line.pk}").status_code == 200
    line.delete()
    assert get(f"/quotes/{line.pk}").status_code == 404


def test_the_board_has_pages(alice):
    lines = [make_quote(alice, is_apply=True) for _ in range(PER_PAGE + 1)]
    first, second = Document(get("/quotes")), Document(get("/quotes?page=2&unknown=1"))
    assert [entry["url"] for entry in first.data["itemListElement"]] == [
        f"http://testserver/quotes/{line.pk}" for line in reversed(lines[1:])
    ]
    assert first.find("link", rel="next")[0]["href"] == "http://testserver/quotes?page=2"
    assert not first.find("link", rel="prev")
    assert second.find("link", rel="canonical")[0]["href"] == "http://testserver/quotes?page=2"
    assert second.find("link", rel="prev")[0]["href"] == "http://testserver/quotes"
    assert not second.find("link", rel="next")
    assert lines[0].content in second.text("main")


def test_the_head_names_the_feeds():
    links = Document(get("/quotes")).find("link", rel="alternate")
    assert {(link["type"], link["href"], link.get("hreflang")) for link in links} == {
        ("application/rss+xml", "http://testserver/feeds/rss", None),
        ("application/atom+xml", "http://testserver/feeds/atom", None),
        ("application/atom+xml", "http://testserver/feeds/ko/atom", "ko"),
        ("application/atom+xml", "http://testserver/feeds/en/atom", "en"),
    }


@pytest.mark.parametrize(
    "query", ["q=be", "page=0", "page=x", "page=99999999999999999999", "language=!", "sort=best"]
)
def test_searches_and_invalid_addresses_are_not_indexed(line, query):
    response = get(f"/quotes?{query}")
    assert response.status_code == 200
    assert Document(response).meta("robots") == "noindex"
    assert "To be" not in response.content.decode()


def test_a_speaker_has_an_address(line, alice):
    make_quote(alice, "Another line", is_apply=True)
    page = Document(get("/quotes?speaker=HAMLET&sort=new"))
    assert "To be" in page.text("main")
    assert "Another" not in page.text("main")
    canonical = page.find("link", rel="canonical")[0]["href"]
    assert canonical == "http://testserver/quotes?speaker=HAMLET"


def test_a_session_gets_the_page_as_it_is(client, alice, bob):
    own = make_quote(alice)
    client.force_login(alice)
    response = client.get(f"/quotes/{own.pk}", headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert Document(response).text("title") == "Daesa"
    assert {"Cookie", "Accept"} <= {name.strip() for name in response["Vary"].split(",")}


def test_the_document_is_revalidated(line):
    first = get(f"/quotes/{line.pk}")
    assert first["Cache-Control"] == "no-cache"
    assert "Cookie" in first["Vary"]
    assert not first.cookies
    again = get(f"/quotes/{line.pk}", **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("_closed")
def test_with_a_closed_board_nothing_shows(line):
    for path in (f"/quotes/{line.pk}", f"/quotes/{line.pk + 1}", "/quotes"):
        response = get(path)
        assert response.status_code == 200
        assert "To be" not in response.content.decode()
        assert "alternate" not in response.content.decode()
        assert Document(response).text("title").strip() == "Daesa"


def test_beyond_the_limit_it_is_429(line, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "board": "1/m/ip"}
    assert get(f"/quotes/{line.pk}").status_code == 200
    response = get(f"/quotes/{line.pk}")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "To be" not in response.content.decode()


def test_statements(line, alice, django_assert_num_queries):
    for _ in range(5):
        make_quote(alice, is_apply=True)
    for path in ("/quotes", f"/quotes/{line.pk}", "/quotes?speaker=Hamlet"):
        with django_assert_num_queries(1):
            get(path)


@pytest.mark.parametrize("accept", ["*/*", "text/*", "text/html", "application/json, */*;q=0.1"])
def test_programs_that_make_previews_find_the_page(line, accept):
    for path in ("/quotes", f"/quotes/{line.pk}"):
        response = get(path, Accept=accept)
        assert response.status_code == 200
        assert b"To be, or not to be" in response.content


def test_a_program_finds_no_page(line):
    response = get(f"/quotes/{line.pk}", Accept="application/json")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_without_the_database_there_is_the_page(line, monkeypatch):
    def fail(*_arguments, **_named):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(CursorWrapper, "execute", fail)
    response = get(f"/quotes/{line.pk}")
    assert response.status_code == 503
    assert Document(response).text("title").strip() == "Daesa"
