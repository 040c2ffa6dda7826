"""The board without an account: reading, crawlers' documents, and the card in a foreign page."""

import http.server
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import PASSWORD, open_context, serving, sign_up
from tests.e2e.test_access import AXE, PHONE, TAGS, overflow, problems, settle, violations

SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
PATHS = ["/quotes", "/quotes?q=nothing-like-this", "/quotes?source=서시", "/quotes/1", "/quotes/99"]


@SIZES
def test_a_guest_reads_and_axe_finds_nothing(visitor, size):
    guest = visitor(**size)
    for path in [*PATHS, "/quotes/999999"]:
        settle(guest.go(path))
        expect(guest.page).to_have_url(re.compile("/quotes"))
        assert (path, violations(guest.page)) == (path, [])


def test_nothing_is_wider_than_320_pixels_for_a_guest(visitor):
    for locale in ("ko-KR", "en-GB"):
        guest = visitor(**PHONE, locale=locale)
        for path in PATHS:
            settle(guest.go(path))
            assert (path, overflow(guest.page)) == (path, [])


def test_a_guest_searches_and_opens_a_line(visitor):
    page = visitor().go("/quotes")
    expect(page.get_by_role("article")).to_have_count(10)
    expect(page.get_by_role("link", name="Submit a line")).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("^Like"))).to_have_count(0)
    page.get_by_role("searchbox").fill("Hamlet")
    page.get_by_role("button", name="Search", exact=True).last.click()
    expect(page).to_have_url(re.compile(r"\?q=Hamlet$"))
    expect(page.get_by_role("article").first).to_contain_text("Hamlet")
    page.get_by_role("article").first.get_by_role("heading").get_by_role("link").click()
    expect(page.locator("blockquote")).to_be_visible()
    expect(page).to_have_title(re.compile("Hamlet"))
    page.get_by_role("link", name="Board", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(10)
    page.get_by_role("button", name="Surprise me").click()
    expect(page).to_have_url(re.compile(r"/quotes/\d+$"))


def test_what_is_personal_asks_for_a_sign_in_and_comes_back(visitor, person):
    member = person()
    guest = visitor()
    page = guest.go("/quotes/mine")
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fquotes%2Fmine"))
    page = guest.go("/quotes/1")
    page.get_by_role("link", name="Ask about this line").click()
    expect(page).to_have_url(re.compile("/login"))
    page = guest.go("/quotes?q=Hamlet")
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_label("Email").fill(member.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    # At once as a member, whatever the browser has kept of the board.
    expect(page).to_have_url(re.compile(r"/quotes\?q=Hamlet"))
    expect(page.get_by_role("article").first.get_by_role("button")).to_be_visible()


def test_a_like_is_seen_after_the_sign_in(visitor, site):
    guest = visitor()
    page = guest.go("/quotes/2")
    expect(page.locator("blockquote")).to_be_visible()
    sign_up(site.url, guest)
    page = guest.go("/quotes/2")
    heart = page.get_by_role("button", name=re.compile("^Like,"))
    with page.expect_response("**/like"):
        heart.click()
    guest.context.clear_cookies(name="sessionid")
    page = guest.go("/quotes/2")
    expect(page.locator("blockquote")).to_be_visible()
    expect(heart).to_have_count(0)


@pytest.mark.parametrize("language", ["ko-KR", "en-GB"])
def test_without_javascript_the_words_are_there(visitor, language):
    guest = visitor(java_script_enabled=False, locale=language)
    page = guest.go("/quotes")
    expect(page.get_by_role("listitem")).to_have_count(10)
    page.get_by_role("listitem").first.get_by_role("link").first.click()
    expect(page.locator("blockquote")).to_be_visible()
    assert page.goto(guest.url + "/quotes/999999").status == 404


def test_the_server_s_words_stay_until_the_page_is_ready(visitor):
    """No blank page in between: the line is in sight from the first paint on."""
    guest = visitor()
    guest.page.add_init_script(
        """window.seen = [];
        new MutationObserver(() => {
            const root = document.getElementById('root');
            if (root) window.seen.push(root.querySelectorAll('blockquote').length);
        }).observe(document, {childList: true, subtree: true});"""
    )
    page = guest.go("/quotes/1")
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    seen = page.evaluate("window.seen")
    assert 0 not in seen[seen.index(1) :]


class Foreign(http.server.BaseHTTPRequestHandler):
    """A page of another site: the HTML that was copied."""

    code = ""

    def do_GET(self) -> None:
        body = f"<!doctype html><meta charset=utf-8><title>Mine</title>{self.code}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def foreign() -> Iterator[tuple[type[Foreign], str]]:
    handler = type("Handler", (Foreign,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("locale", "open_", "copy"), [("en-GB", "Embed", "Copy"), ("ko-KR", "퍼 가기", "복사")]
)
def test_the_copied_card_shows_in_a_foreign_page(visitor, foreign, locale, open_, copy):
    guest = visitor(locale=locale, permissions=["clipboard-read", "clipboard-write"])
    page = guest.go("/quotes")
    line = page.locator("blockquote").first.inner_text()
    page.get_by_role("button", name=open_, exact=True).click()
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name=copy, exact=True).click()
    handler, address = foreign
    handler.code = page.get_by_role("dialog").get_by_role("textbox").input_value()
    guest.others = (address,)
    page.goto(address)
    frame = page.frame_locator("iframe")
    expect(frame.locator("blockquote")).to_have_text(line)
    expect(frame.locator("html")).to_have_attribute("lang", locale[:2])
    href = frame.get_by_role("link").get_attribute("href")
    assert href.startswith(f"{guest.url}/quotes/")
    page.goto(f"{guest.url}/quote/today?lang=en&theme=dark")
    assert violations_of_card(page) == []


def violations_of_card(page: Any) -> list[str]:
    """The card forbids all scripts, also axe; so its HTML is judged in an empty page."""
    html = page.content()
    page.goto("about:blank")
    page.set_content(html)
    page.evaluate(AXE.read_text())
    return problems(page, {"type": "tag", "values": TAGS})


def test_no_other_page_shows_in_a_foreign_page(visitor, foreign):
    guest = visitor()
    handler, address = foreign
    handler.code = f'<iframe src="{guest.url}/quotes"></iframe>'
    guest.others = (address,)
    guest.page.goto(address)
    guest.page.wait_for_load_state("networkidle")
    expect(guest.page.frame_locator("iframe").locator("article")).to_have_count(0)
    guest.faults.clear()  # the browser says that it refuses the frame


def test_a_closed_board_leads_to_the_sign_in(browser: Browser, tmp_path):
    with serving(tmp_path, PUBLIC_BOARD="false") as site:
        guest = open_context(site.url, browser)
        for path in ("/quotes", "/quotes/1"):
            page = guest.go(path)
            expect(page).to_have_url(re.compile(r"/login\?next="))
        sign_up(site.url, guest)
        page = guest.go("/quotes")
        expect(page.get_by_role("article")).to_have_count(10)
        expect(page.get_by_role("button", name="Embed")).to_have_count(0)
        guest.context.close()
        assert guest.faults == []
