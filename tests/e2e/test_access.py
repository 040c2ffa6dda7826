"""For every eye, hand and language: axe on each page, narrow screens, the keyboard alone."""

import itertools
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
    "/quotes?source=서시&sort=liked",
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


SIZES = {"desktop": {}, "phone": PHONE}
LOOKS = pytest.mark.parametrize(
    "look",
    [
        {"color_scheme": theme, **SIZES[size]}
        for theme, size in itertools.product(["light", "dark"], SIZES)
    ],
    ids=lambda look: f"{look['color_scheme']}-{'phone' if 'viewport' in look else 'desktop'}",
)


def line_of(someone) -> str:
    """Submits a line; returns the path of its page."""
    [token] = [c["value"] for c in someone.context.cookies() if c["name"] == "csrftoken"]
    answer = someone.context.request.post(
        f"{someone.url}/quote",
        data={"content": f"A line of {someone.email}"},
        headers={"X-CSRFToken": token, "Origin": someone.url},
    )
    assert answer.ok, answer.text()
    return f"/quotes/{answer.json()['id']}"


@LOOKS
def test_axe_finds_nothing_on_a_strangers_pages(visitor, look):
    someone = visitor(**look)
    for path in GUEST:
        settle(someone.go(path))
        assert (path, violations(someone.page)) == (path, [])
    page = someone.go("/reset/some-key")
    page.get_by_label("New password", exact=True).fill("staple of paper")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []


@LOOKS
def test_axe_finds_nothing_behind_the_sign_in(person, look):
    someone = person(**look)
    own = line_of(someone)
    for path in [*OWN, own, f"{own}/edit", "/quotes?page=2", "/quotes?state=applied"]:
        settle(someone.go(path))
        assert (path, violations(someone.page)) == (path, [])


@LOOKS
def test_axe_finds_nothing_in_a_conversation(person, look):
    someone = person(**look)
    in_a_conversation(someone)
    page = someone.page
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("^Word for word")).click()
    expect(page.get_by_role("dialog")).to_contain_text("서시")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Edit").last.click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    someone.ask("Not for long [[chunks: 300]] [[slow: 0.05]]")
    expect(page.get_by_role("article", name="Answer").last).to_contain_text("1 2 3")
    assert violations(page) == []
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped here")).to_be_visible()
    someone.ask("[[fault: 500]]")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert violations(page) == []


@LOOKS
def test_axe_finds_nothing_in_a_dialog(person, look):
    someone = person(**look)
    page = someone.go(line_of(someone))
    page.get_by_role("button", name="Withdraw").click()
    assert dialog_violations(page) == []
    someone.go("/settings/data")
    page.get_by_role("button", name="Leave for good").click()
    assert dialog_violations(page) == []
    someone.go("/")
    expect(someone.question).to_be_visible()
    page.keyboard.press("Control+k")
    assert dialog_violations(page) == []
    page.keyboard.press("Escape")
    someone.context.clear_cookies()
    someone.ask("Whose session has ended")
    expect(page.get_by_role("dialog")).to_contain_text("Your session has ended")
    assert dialog_violations(page) == []


def dialog_violations(page: Page) -> list[str]:
    expect(page.get_by_role("dialog")).to_be_visible()
    return violations(page)


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
