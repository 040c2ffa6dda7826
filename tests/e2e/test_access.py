"""For every eye, hand and language: axe on each page, narrow screens, the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import live

AXE = live.ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GUEST = ["/login", "/join", "/reset", "/reset/some-key", "/verify-email/some-key", "/no/such/page"]
OWN = [
    "/",
    "/quotes",
    "/quotes?q=nothing-like-this",
    "/quotes/1",
    "/quotes/999999",
    "/quotes/new",
    "/quotes/mine",
    "/settings",
    "/settings/profile",
    "/settings/security",
    "/settings/data",
    "/c/999999",
]
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    return [
        f"{rule['id']}: {node['html'][:200]} {node['any'] and node['any'][0]['message']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def settle(page: Page) -> None:
    page.get_by_role("heading", level=1).first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")


def in_a_conversation(someone) -> None:
    someone.go("/")
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    line = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
    someone.ask(f"부끄럼 서시 [[say: # Title\n\n> “{line}”\n\n```js\nlet a = 1\n```\n\n{table}]]")
    someone.page.wait_for_url("**/c/*")
    expect(someone.page.get_by_role("button", name="Answer again")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", GUEST)
def test_axe_finds_nothing_on_a_strangers_page(visitor, path, theme):
    someone = visitor(color_scheme=theme)
    settle(someone.go(path))
    assert violations(someone.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_behind_the_sign_in(person, theme):
    someone = person(color_scheme=theme)
    for path in OWN:
        settle(someone.go(path))
        assert (path, violations(someone.page)) == (path, [])
    in_a_conversation(someone)
    assert violations(someone.page) == []
    someone.page.get_by_role("button", name=re.compile("^Word for word")).click()
    expect(someone.page.get_by_role("dialog")).to_contain_text("서시")
    assert violations(someone.page) == []
    someone.page.keyboard.press("Escape")
    someone.page.keyboard.press("Control+k")
    assert violations(someone.page) == []


def test_nothing_is_wider_than_320_pixels(person):
    someone = person(**PHONE, locale="ko-KR")
    for path in [*GUEST[2:], *OWN]:
        settle(someone.go(path))
        assert (path, overflow(someone.page)) == (path, [])
    someone.go("/")
    someone.ask("[[say: " + "W" * 200 + "\n\n```\n" + "x" * 300 + "\n```\n]]")
    someone.page.wait_for_url("**/c/*")
    assert overflow(someone.page) == []


def overflow(page: Page) -> list[str]:
    """What is scrolled sideways that is neither code nor a table."""
    return page.evaluate(
        """() => [...document.querySelectorAll("*")]
            .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
            .filter((e) => e === document.documentElement
                || ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
            .filter((e) => !e.closest("pre, .scroller, .sr-only"))
            .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""
    )


def test_the_drawer_of_a_phone_gives_the_focus_back(person):
    someone = person(**PHONE)
    page = someone.go("/")
    menu = page.get_by_role("button", name="Menu")
    menu.press("Enter")
    expect(page.get_by_role("dialog", name="Menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    menu.press("Enter")
    page.get_by_role("dialog").get_by_role("link", name="Board").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("heading", name="The board")).to_be_visible()


def test_a_citation_is_a_sheet_on_a_phone(person):
    someone = person(**PHONE)
    in_a_conversation(someone)
    someone.page.get_by_role("button", name=re.compile("^Word for word")).click()
    expect(someone.page.get_by_role("dialog")).to_contain_text("윤동주, 서시")
    assert violations(someone.page) == []


def test_the_keyboard_alone_is_enough(visitor, person):
    someone = person()
    page = someone.go("/")
    expect(someone.question).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(8):
        page.keyboard.press("Tab")
        if someone.question.evaluate("field => field === document.activeElement"):
            break
    page.keyboard.type("Typed by hand [[chunks: 60]] [[slow: 0.1]]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Writing the answer")).to_be_attached()
    page.keyboard.press("Tab")  # to the choice of a model
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stopped here")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="The answer is complete")).to_be_attached()
    expect(someone.question).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Answer again")).to_be_focused()


def test_the_page_speaks_korean_and_english(visitor):
    someone = visitor(locale="ko-KR")
    page = someone.go("/login")
    expect(page.get_by_role("heading", name="대사에 로그인")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.get_by_role("button", name="언어").click()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.get_by_role("heading", name="Sign in to Daesa")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to Daesa")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_is_there_before_the_first_paint(visitor):
    someone = visitor(color_scheme="dark")
    page = someone.go("/login")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(20, 20, 15)"
    )
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemradio", name="Light").click()
    page.reload(wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
