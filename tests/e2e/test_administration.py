"""The administration in the look of the page: its theme and type, and what axe finds."""

from itertools import product

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import open_administration
from tests.e2e.test_access import AXE, TAGS

PATHS = (
    "/admin/",
    "/admin/quotes/quote/",
    "/admin/quotes/quote/1/change/",
    "/admin/quotes/review/",
    "/admin/chat/markreport/",
    "/admin/password_change/",
)
SHADE = "getComputedStyle(document.body).backgroundColor"
ICON = "e => getComputedStyle(e).filter"
LIGHT, DARK = "rgb(251, 250, 247)", "rgb(20, 20, 15)"


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    light = problems(page, {"type": "tag", "values": TAGS})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert page.evaluate(SHADE) == DARK
    return [*light, *problems(page, {"type": "rule", "values": ["color-contrast"]})]


def problems(page: Page, rules: dict[str, object]) -> list[str]:
    """Without loading style sheets itself: of one that imports another, axe makes an element, which
    the policy forbids.
    """
    run = "rules => axe.run(document, {runOnly: rules, preload: false})"
    found = page.evaluate(run, rules)["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def test_axe_finds_nothing_where_reviewers_work(visitor):
    staff = visitor()
    open_administration(staff)
    for path in PATHS:
        assert (path, violations(staff.go(path))) == (path, [])


def test_it_has_the_theme_and_the_type_of_the_page(visitor):
    staff = visitor(color_scheme="light")
    page = open_administration(staff)
    assert page.evaluate(SHADE) == LIGHT
    page.get_by_role("button", name="Toggle theme (current theme: auto)").click()
    assert page.evaluate(SHADE) == DARK
    # Only a face that is known is loaded; without /fonts.css there would be none.
    faces = page.evaluate(
        "document.fonts.load('16px \"Pretendard Variable\"', '가').then(f => f.length)"
    )
    assert faces == 1
    staff.go("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_no_page_is_wider_than_the_screen(visitor):
    staff = visitor(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    open_administration(staff)
    for path in PATHS:
        page = staff.go(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


LISTS = (
    *("accounts/user", "accounts/securityevent", "accounts/invitation", "accounts/joinrequest"),
    *("accounts/personaltoken", "auth/group", "chat/conversation", "chat/dailyusage"),
    *("chat/siteusage", "chat/markreport", "quotes/quote", "quotes/review", "quotes/staffjob"),
)
WIDER = """() => [...document.querySelectorAll(".results")]
    .map((box) => box.scrollWidth - box.clientWidth).filter((more) => more > 0)"""


@pytest.fixture(scope="module")
def rows(site):
    site.manage("shell", "-c", "from tests.e2e.seed import plant_rows; plant_rows()")


@pytest.mark.usefixtures("rows")
def test_all_columns_of_each_list_fit_on_a_screen_of_1280(visitor, site):
    staff = visitor()
    page = open_administration(staff)
    for language in ("en", "ko"):
        page.set_extra_http_headers({"Accept-Language": language})
        for path in LISTS:
            page.goto(f"{site.url}/admin/{path}/")
            expect(page.locator("#changelist")).to_be_visible()
            assert page.evaluate(WIDER) == [], (language, path)


# Words of the list that go over two lines. Addresses may: they have no places to wrap at.
BROKEN = """() => [...document.querySelectorAll("#result_list :is(th, td)")].flatMap((cell) => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), broken = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (const {0: word, index} of node.data.matchAll(/[^\\s-]+/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            const tops = new Set([...range.getClientRects()].map(({top}) => Math.round(top)));
            if (tops.size > 1 && !word.includes("@")) broken.push(word);
        }
    }
    return broken;
})"""


@pytest.mark.usefixtures("rows")
def test_the_list_of_lines_breaks_no_word(visitor, site):
    page = open_administration(visitor())
    for width, language in product((1280, 1024), ("en", "ko")):
        page.set_viewport_size({"width": width, "height": 800})
        page.set_extra_http_headers({"Accept-Language": language})
        page.goto(f"{site.url}/admin/quotes/quote/")
        expect(page.locator("#changelist")).to_be_visible()
        assert page.evaluate(BROKEN) == [], (width, language)
        assert page.evaluate(WIDER) == [], (width, language)


def test_dark_icons_are_light_on_a_dark_ground(visitor):
    staff = visitor(color_scheme="light")
    page = open_administration(staff, "/admin/quotes/quote/")
    icon = page.locator("#changelist-search img")
    assert icon.evaluate(ICON) == "none"
    page.emulate_media(color_scheme="dark")
    assert icon.evaluate(ICON) == "invert(1) hue-rotate(180deg)"
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Toggle theme (current theme: auto)").click()
    assert page.evaluate(SHADE) == DARK
    assert icon.evaluate(ICON) == "invert(1) hue-rotate(180deg)"
