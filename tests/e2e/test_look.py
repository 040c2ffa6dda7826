"""How the page looks: marks at the ends of lines, a board that begins in sight, and what moves or
covers nothing.
"""

import re

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.e2e.seed import seeded
from tests.e2e.test_access import violations
from tests.e2e.test_history import plant

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"

# Of each mark, whether it is on the line of the character before it.
BESIDE_ITS_WORD = """() => [...document.querySelectorAll(".prose [aria-haspopup]")].map((mark) => {
    const texts = document.createTreeWalker(mark.closest("p, li, td"), NodeFilter.SHOW_TEXT);
    let word = null;
    while (texts.nextNode() && !mark.contains(texts.currentNode))
        if (texts.currentNode.data.trim()) word = texts.currentNode;
    const range = document.createRange();
    const end = word.data.trimEnd().length;
    range.setStart(word, end - 1);
    range.setEnd(word, end);
    const before = range.getBoundingClientRect();
    const { top, bottom } = mark.getBoundingClientRect();
    return top < before.bottom && bottom > before.top;
})"""


def boxes(*locators: Locator) -> list[FloatRect]:
    return [box for locator in locators if (box := locator.bounding_box())]


def are_apart(a: FloatRect, b: FloatRect) -> bool:
    return (
        a["y"] + a["height"] <= b["y"]
        or b["y"] + b["height"] <= a["y"]
        or a["x"] + a["width"] <= b["x"]
        or b["x"] + b["width"] <= a["x"]
    )


def test_a_mark_stays_on_the_line_of_its_word(person):
    user = person()
    page = user.go("/")
    fillers = "".join(f"{'가나 ' * number}“{LINE}”라고 썼다. " for number in range(1, 14))
    user.ask(f"부끄럼 [[say: {fillers}\n\n- “{LINE}”라고]]")
    marks = page.locator(".prose button[aria-haspopup]")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    expect(marks).to_have_count(14)
    for width in range(320, 1000, 40):
        page.set_viewport_size({"width": width, "height": 800})
        assert (width, set(page.evaluate(BESIDE_ITS_WORD))) == (width, {True})
        assert page.evaluate(
            "document.querySelector('.prose').scrollWidth"
            " <= document.querySelector('.prose').clientWidth"
        )


@pytest.mark.parametrize("locale", ["ko-KR", "en-GB"])
def test_the_first_line_of_the_board_is_in_sight_on_a_phone(person, locale):
    page = person(**PHONE, locale=locale).go("/quotes")
    expect(page.get_by_role("article").first).to_be_in_viewport(ratio=0.9)
    [search, tabs] = boxes(page.get_by_role("searchbox"), page.locator("main nav").first)
    assert search["y"] < tabs["y"]
    filters = boxes(*page.locator("main select").all())
    assert len({box["y"] for box in filters}) == 1


def test_states_are_filters_of_ones_own_lines(person):
    page = person().go("/quotes")
    expect(page.get_by_role("article")).to_have_count(10)
    expect(page.get_by_role("link", name="Declined")).to_have_count(0)
    page.get_by_role("link", name="My lines").click()
    page.get_by_role("link", name="Declined").click()
    expect(page).to_have_url(re.compile(r"/quotes/mine\?state=declined$"))
    page.get_by_role("link", name="Clear search").click()
    expect(page).to_have_url(re.compile(r"/quotes/mine$"))


@SIZES
def test_a_notice_covers_no_field(person, size):
    user = person(**size)
    page = user.go("/")
    user.ask("To be deleted")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    if size:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Options for “To be deleted").click()
    page.get_by_role("menuitem", name="Delete").click()
    if size:
        page.keyboard.press("Escape")
    notice = page.get_by_text("The conversation is deleted.").locator("xpath=ancestor::li")
    expect(notice).to_be_visible()
    [shown, composer] = boxes(notice, page.get_by_role("form", name="Ask a question"))
    assert are_apart(shown, composer)
    page.get_by_role("button", name="Undo").click()


def test_a_title_has_the_whole_width_until_it_is_hovered(person):
    user = person()
    page = user.go("/")
    user.ask("A title that is longer than the sidebar is wide, and goes on")
    title = page.get_by_role("navigation", name="Conversations").get_by_role("link").first
    page.mouse.move(900, 300)
    expect(title).to_have_css("padding-right", "12px")
    title.hover()
    expect(title).to_have_css("padding-right", "40px")


@SIZES
def test_being_offline_moves_nothing(person, size):
    user = person(**size)
    page = user.go("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Model"))).to_be_visible()
    places = [page.locator("main"), page.locator("form textarea"), page.locator("h1")]
    before = boxes(*places)
    user.context.set_offline(True)
    said = page.get_by_text("You are offline.")
    expect(said).to_be_visible()
    assert boxes(*places) == before
    for button in page.locator("button:visible").all():
        assert are_apart(boxes(said)[0], boxes(button)[0])


def rings(page: Page) -> list[str]:
    return page.evaluate(
        """() => [...document.querySelectorAll("*")]
            .filter((e) => !["none", "0px"].some((no) =>
                [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth].includes(no)))
            .map((e) => e.tagName)"""
    )


def test_there_is_one_focus_ring(person):
    user = person()
    page = user.go("/")
    expect(user.question).to_be_focused()
    assert rings(page) == ["FORM"]
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert rings(page) == ["INPUT"]


def test_a_model_is_chosen_by_its_name(person):
    user = person()
    page = user.go("/")
    page.get_by_role("button", name="Model: Fake").click()
    page.get_by_role("menuitemradio", name="Board").click()
    chosen = page.get_by_role("button", name="Model: Board")
    expect(chosen).to_be_focused()
    user.ask("부끄럼")
    expect(page.get_by_text("Answered by Board")).to_be_visible()


def test_old_answers_are_laid_out_when_they_are_in_sight(person, site):
    user = person()
    page = user.go(f"/c/{plant(site, user, chats=30)}")
    exchanges = page.locator("[data-exchange]")
    expect(exchanges).to_have_count(30)
    # The newest are laid out in any case; of a long answer, only its blocks in sight.
    assert (
        exchanges.evaluate_all("all => all.map((e) => getComputedStyle(e).contentVisibility)")
        == ["auto"] * 27 + ["visible"] * 3
    )
    expect(page.get_by_role("group", name="Question 30", exact=True)).to_be_in_viewport()
    first = page.get_by_role("group", name="Question 1", exact=True)
    is_laid_out = "e => e.querySelector('p').checkVisibility({contentVisibilityAuto: true})"
    assert not first.evaluate(is_laid_out)
    first.scroll_into_view_if_needed()
    page.wait_for_function(is_laid_out, arg=first.element_handle())  # from the next frame on


def test_keys_open_their_list_a_new_chat_and_copy_the_last_answer(person):
    user = person(permissions=["clipboard-read", "clipboard-write"])
    page = user.go("/")
    user.ask("[[say: What was answered.]]")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    user.question.fill("")
    page.keyboard.press("?")
    expect(user.question).to_have_value("?")  # it is typed into a field
    page.keyboard.press("Control+Shift+Y")
    expect(page.get_by_text("The last answer is copied.").first).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "What was answered."
    page.keyboard.press("Control+Shift+O")
    expect(page).to_have_url(f"{user.url}/")
    expect(user.question).to_be_focused()
    page.keyboard.press("Control+/")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("Copy the last answerCtrlShiftY")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(user.question).to_be_focused()
    user.go("/quotes")
    expect(page.get_by_role("article")).to_have_count(10)
    page.keyboard.press("Shift+?")
    expect(keys).to_be_visible()


def test_what_a_mark_opens_leaves_the_composer_free(person, site):
    user = person()
    page = user.go(seeded(site, user.email, "ko")["cited"])
    marks = page.locator(".prose button[aria-haspopup]")
    expect(marks.first).to_be_visible()
    composer = page.locator("form:has(textarea)").bounding_box()
    for mark in marks.all():
        mark.click()
        opened = page.get_by_role("dialog")
        page.wait_for_load_state("networkidle")
        box = opened.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= composer["y"]
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)


def test_a_menu_that_is_not_loaded_says_so_when_offline(person):
    user = person()
    page = user.go("/")
    button = page.get_by_role("button", name=re.compile("^Model"))
    expect(button).to_be_visible()
    page.wait_for_load_state("networkidle")
    user.context.set_offline(True)
    button.click()
    notice = "This part is not loaded yet. Open it again when you are online."
    expect(page.get_by_text(notice, exact=True)).to_be_visible()
    user.context.set_offline(False)
    button.click()
    expect(page.get_by_role("menu")).to_be_visible()
