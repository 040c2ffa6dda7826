"""Copying, printing, a screen of little height, and what an answer costs."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_access import in_a_conversation
from tests.e2e.test_history import MANY, plant

LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"


def test_copied_text_has_no_marks(person):
    user = person(permissions=["clipboard-read", "clipboard-write"])
    in_a_conversation(user)
    page = user.page
    expect(page.get_by_role("button", name=re.compile("^Word for word"))).to_be_visible()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.prose'))")
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"“{LINE}”" in copied
    assert "Word for word" not in copied


@pytest.mark.parametrize("size", [{}, {"viewport": {"width": 390, "height": 844}}])
def test_a_print_has_the_whole_conversation_and_nothing_else(person, site, size):
    user = person(color_scheme="dark", **size)
    page = user.go(f"/c/{plant(site, user, chats=12)}")
    expect(page.get_by_role("group", name="Question 12", exact=True)).to_be_in_viewport()
    assert pages_of(page.pdf()) > 1
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in ("form textarea", "aside", "header", "button"):
        expect(page.locator(hidden).locator("visible=true")).to_have_count(0)
    box = page.get_by_role("group", name="Question 12", exact=True).bounding_box()
    height = page.evaluate("document.documentElement.scrollHeight")
    assert box["y"] + box["height"] <= height  # not within a box that scrolls
    assert page.evaluate("document.documentElement.scrollHeight > 2 * innerHeight")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(251, 250, 247)"
    )


def test_a_print_has_the_verdicts(person):
    user = person()
    in_a_conversation(user)
    mark = user.page.get_by_role("button", name=re.compile("^Word for word"))
    expect(mark).to_be_visible()
    user.page.emulate_media(media="print")
    expect(mark).to_be_visible()
    expect(user.page.get_by_role("button", name="Copy code")).to_be_hidden()


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_printing_loads_what_is_missing(person, site):
    user = person()
    page = user.go(f"/c/{plant(site, user, chats=MANY)}")
    expect(page.get_by_role("group", name=f"Question {MANY}", exact=True)).to_be_in_viewport()
    page.evaluate(
        "() => { window.print = () => {"
        " document.title = document.querySelectorAll('[data-exchange]').length } }"
    )
    page.keyboard.press("Control+p")
    expect(page).to_have_title(str(MANY))  # as many as were there when it was printed


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_at_four_times_the_size_the_transcript_has_two_fifths_of_the_height(person, site, locale):
    user = person(viewport={"width": 320, "height": 256}, locale=locale)
    page = user.go(f"/c/{plant(site, user, chats=3)}")
    transcript = page.locator("main section").first
    expect(transcript).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^(Model|모델)"))).to_be_visible()
    expect(page.locator("form button[type=submit]")).to_be_in_viewport(ratio=1)
    height = transcript.evaluate("(e) => e.parentElement.clientHeight")
    assert height >= 0.4 * 256


def test_another_answer_says_what_it_costs_and_is_off_when_nothing_is_left(person, site):
    user = person()
    page = user.go("/")
    user.ask("A question")
    again = page.get_by_role("button", name="Answer again")
    expect(again).to_have_attribute("title", re.compile(r"Takes 1 of \d+ left today"))
    again.click()
    asked = page.get_by_role("group", name="Answer again")
    expect(asked).to_contain_text(re.compile(r"Takes 1 of \d+ left today"))
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    page.get_by_role("button", name="Edit question").click()
    page.get_by_role("button", name="Go ahead").click()
    expect(page.get_by_text(re.compile(r"^Takes 1 of \d+ left today"))).to_be_visible()
    page.keyboard.press("Escape")

    limit = int(re.search(r"of (\d+) left", page.locator("main").inner_text()).group(1))
    code = f"from tests.e2e.seed import spend; spend({user.email!r}, {limit})"
    site.manage("shell", "-c", code)
    page.reload()
    reason = re.compile("Today's questions are used up. You can ask again at")
    for name in ("Answer again", "Edit question"):
        button = page.get_by_role("button", name=name)
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_attribute("title", reason)
        button.click(force=True)  # Playwright would wait until it is on
    expect(page.get_by_label("Edited question")).to_be_hidden()
    expect(page.get_by_role("article", name="Answer")).to_contain_text("A question")
