"""Accessibility: axe on each page, narrow screens, the keyboard alone, both languages."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import live
from tests.e2e.screenshots import PAGES
from tests.e2e.seed import seeded

AXE = live.ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GUEST = [
    "/login",
    "/login/code",
    "/login/callback?error=expired",
    "/join",
    "/reset",
    "/reset#some-key",
    "/verify-email#some-key",
    "/no/such/page",
]
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
    "/settings/tokens",
    "/settings/sessions",
    "/settings/data",
    "/c/999999",
]
# Of `screenshots.PAGES`, what no other test here brings about.
STATES = [
    *("put-aside", "cited", "failed", "stopped", "writing", "drawer", "submit-duplicate", "mine"),
    *("settings-token-form", "settings-token-made", "settings-connect"),
    *("authorize", "authorize-invalid", "offline", "spent"),
]
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


def violations(page: Page) -> list[str]:
    """In the light theme by all rules; the dark one only differs in its colours."""
    page.evaluate(AXE.read_text())
    light = problems(page, {"type": "tag", "values": TAGS})
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = problems(page, {"type": "rule", "values": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    return [*light, *(f"dark: {problem}" for problem in dark)]


def problems(page: Page, rules: dict[str, object]) -> list[str]:
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [
        f"{rule['id']}: {node['html'][:200]} {node['any'] and node['any'][0]['message']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def settle(page: Page) -> None:
    page.get_by_role("heading", level=1).first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")


def in_a_conversation(user) -> None:
    user.go("/")
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    line = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
    user.ask(f"부끄럼 서시 [[say: # Title\n\n> “{line}”\n\n```js\nlet a = 1\n```\n\n{table}]]")
    user.page.wait_for_url("**/c/*")
    expect(user.page.get_by_role("button", name="Answer again")).to_be_visible()


SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def line_of(user) -> str:
    """Submits a line; returns the path of its page."""
    [token] = [c["value"] for c in user.context.cookies() if c["name"] == "csrftoken"]
    answer = user.context.request.post(
        f"{user.url}/quote",
        data={"content": f"A line of {user.email}"},
        headers={"X-CSRFToken": token, "Origin": user.url},
    )
    assert answer.ok, answer.text()
    return f"/quotes/{answer.json()['id']}"


@SIZES
def test_axe_finds_nothing_before_the_sign_in(visitor, size):
    user = visitor(**size)
    for path in GUEST:
        settle(user.go(path))
        assert (path, violations(user.page)) == (path, [])
    page = user.go("/reset#some-key")
    expect(page.get_by_role("alert")).to_be_visible()  # the link is dead
    assert violations(page) == []


@SIZES
def test_axe_finds_nothing_behind_the_sign_in(person, size):
    user = person(**size)
    own = line_of(user)
    for path in [*OWN, own, f"{own}/edit", "/quotes?page=2", "/quotes?state=applied"]:
        settle(user.go(path))
        assert (path, violations(user.page)) == (path, [])


@SIZES
def test_axe_finds_nothing_in_a_conversation(person, site, size):
    user = person(**size)
    in_a_conversation(user)
    page = user.page
    assert violations(page) == []
    page.get_by_role("button", name=re.compile("^Word for word")).click()
    expect(page.get_by_role("dialog")).to_contain_text("서시")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Edit").last.click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    user.ask("Not for long [[chunks: 300]] [[slow: 0.05]]")
    expect(page.get_by_role("article", name="Answer").last).to_contain_text("1 2 3")
    with site.upstream_paused():
        assert violations(page) == []
        page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The answer was stopped here")).to_be_visible()
    user.ask("[[fault: 500]]")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert violations(page) == []


@SIZES
def test_axe_finds_nothing_in_a_dialog(person, size):
    user = person(**size)
    page = user.go(line_of(user))
    page.get_by_role("button", name="Withdraw").click()
    assert dialog_violations(page) == []
    user.go("/settings/data")
    page.get_by_role("button", name="Leave for good").click()
    assert dialog_violations(page) == []
    user.go("/")
    expect(user.question).to_be_visible()
    page.keyboard.press("Control+k")
    assert dialog_violations(page) == []
    page.keyboard.press("Escape")
    user.context.clear_cookies()
    user.ask("Whose session has ended")
    expect(page.get_by_role("dialog")).to_contain_text("Your session has ended")
    assert dialog_violations(page) == []


@SIZES
def test_axe_finds_nothing_in_the_states_that_are_photographed(person, site, size):
    user = person(**size)
    paths = seeded(site, user.email, "en")
    for name in STATES:
        if name == "spent":
            site.manage("shell", "-c", f"from tests.e2e.seed import spend; spend({user.email!r})")
        if PAGES[name](user, paths):
            assert (name, violations(user.page)) == (name, [])
    page = user.page
    page.get_by_role("button", name=re.compile("^Model")).click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    if size:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name=re.compile("^Options for")).first.click()
    expect(page.get_by_role("menuitem", name="Unpin")).to_be_visible()
    assert violations(page) == []


def dialog_violations(page: Page) -> list[str]:
    expect(page.get_by_role("dialog")).to_be_visible()
    return violations(page)


def test_nothing_is_wider_than_320_pixels(person):
    user = person(**PHONE, locale="ko-KR")
    for path in [*GUEST[2:], *OWN]:
        settle(user.go(path))
        assert (path, overflow(user.page)) == (path, [])
    user.go("/")
    user.ask("[[say: " + "W" * 200 + "\n\n```\n" + "x" * 300 + "\n```\n]]")
    user.page.wait_for_url("**/c/*")
    assert overflow(user.page) == []


def overflow(page: Page) -> list[str]:
    """Elements that scroll sideways, except code and tables."""
    return page.evaluate(
        """() => [...document.querySelectorAll("*")]
            .filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
            .filter((e) => e === document.documentElement
                || ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
            .filter((e) => !e.closest("pre, .scroller, .sr-only"))
            .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""
    )


def test_the_drawer_of_a_phone_gives_the_focus_back(person):
    user = person(**PHONE)
    page = user.go("/")
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
    user = person(**PHONE)
    in_a_conversation(user)
    user.page.get_by_role("button", name=re.compile("^Word for word")).click()
    expect(user.page.get_by_role("dialog")).to_contain_text("윤동주, 서시")
    assert violations(user.page) == []


def test_the_keyboard_alone_is_enough(person, site):
    user = person()
    page = user.go("/quotes")
    expect(page.get_by_role("heading", name="The board")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    user.go("/")
    expect(user.question).to_be_focused()
    # When they have loaded, they are further stops for the Tab key.
    expect(page.get_by_label("Add files")).to_be_attached()
    expect(page.get_by_role("button", name=re.compile("^Model"))).to_be_visible()
    page.keyboard.type("Typed by hand [[chunks: 100]] [[slow: 0.1]]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("1")
    with site.upstream_paused():
        expect(page.get_by_role("status").filter(has_text="Writing the answer")).to_be_attached()
        page.keyboard.press("Tab")  # to the files
        page.keyboard.press("Tab")  # to the choice of a model
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Stop")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_text("The answer was stopped here")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="The answer is complete")).to_be_attached()
    expect(user.question).to_be_focused()
    expect(page.get_by_role("button", name="Answer again")).to_have_attribute("tabindex", "-1")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("group", name="Typed by hand")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Answer").get_by_role("button").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Answer again")).to_be_focused()


def test_an_exchange_is_one_tab_stop(person):
    user = person()
    in_a_conversation(user)
    page = user.page
    # The controls of an answer leave the order of the Tab key a moment after they are there.
    expect(page.get_by_role("region", name="Table")).to_have_attribute("tabindex", "-1")
    page.keyboard.press("Shift+Tab")
    exchange = page.get_by_role("group", name="부끄럼 서시")
    expect(exchange).to_be_focused()
    expect(page.get_by_text("Enter: marks and buttons of the answer")).to_be_visible()
    page.keyboard.press("Tab")
    expect(user.question).to_be_focused()

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    mark = page.get_by_role("button", name=re.compile("^Word for word"))
    expect(mark).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("서시")
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy code")).to_be_focused()
    page.keyboard.press("Escape")
    expect(exchange).to_be_focused()
    page.keyboard.press("Tab")
    expect(user.question).to_be_focused()


def test_wide_tables_and_code_can_be_scrolled_by_keys(person):
    user = person(**PHONE)
    page = user.go("/")
    wide = "x" * 200
    user.ask(f"[[say: ```\n{wide}\n```\n\n| {wide} |\n|---|\n| `b` |\n]]")
    expect(page.get_by_role("region", name="Table")).to_be_visible()
    expect(page.get_by_role("button", name="Answer again")).to_have_attribute("tabindex", "-1")
    assert violations(page) == []
    expect(page.locator(".prose pre")).to_have_attribute("tabindex", "0")


def test_landmarks_and_a_link_that_skips_to_the_question(person):
    user = person()
    in_a_conversation(user)
    page = user.page
    for role, name in [
        ("navigation", "Navigation"),
        ("navigation", "Conversations"),
        ("main", None),
        ("region", "Conversation"),
        ("form", "Ask a question"),
    ]:
        expect(page.get_by_role(role, name=name, exact=True)).to_be_visible()
    page.get_by_role("link", name="Skip to content").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to your question")).to_be_focused()
    page.keyboard.press("Enter")
    expect(user.question).to_be_focused()


def test_one_can_type_at_once(person):
    user = person()
    in_a_conversation(user)
    page = user.page
    expect(user.question).to_be_focused()
    page.get_by_role("link", name="New chat").click()
    expect(page).to_have_url(re.compile("/$"))
    expect(user.question).to_be_focused()
    page.get_by_role("link", name="New chat").click()
    expect(user.question).to_be_focused()
    page.get_by_role("button", name="Search").first.click()
    search = page.get_by_role("dialog").get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("서시")
    page.get_by_role("dialog").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/c/"))
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(user.question).to_be_focused()
    page.reload()
    expect(user.question).to_be_focused()


def test_a_phone_does_not_bring_up_its_keyboard(person):
    user = person(**PHONE)
    page = user.go("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement === document.body")


def test_the_page_speaks_korean_and_english(visitor):
    user = visitor(locale="ko-KR")
    page = user.go("/login")
    expect(page.get_by_role("heading", name="대사에 로그인")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.get_by_role("button", name="언어").click()
    page.get_by_role("menuitemradio", name="English").click()
    expect(page.get_by_role("heading", name="Sign in to Daesa")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to Daesa")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_is_there_before_the_first_paint(visitor):
    user = visitor(color_scheme="dark")
    page = user.go("/login")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(20, 20, 15)"
    )
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemradio", name="Light").click()
    page.reload(wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
