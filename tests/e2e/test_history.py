"""Finding one's way in long conversations, and in many."""

import re

import pytest
from playwright.sync_api import Page, expect

MANY = 120  # more than two pages of chats


def plant(site, user, *, chats: int, words: str = "") -> int:
    """A conversation with so many chats, the first of which has the words; returns its id."""
    code = (
        "from accounts.models import User; from tests.e2e.seed import plant_long;"
        f"print('id', plant_long({user.email!r}, {chats}, {words!r}))"
    )
    return int(re.findall(r"id (\d+)", site.tell("shell", "-c", code))[-1])


def top_of(page: Page, name: str) -> float:
    box = page.get_by_role("group", name=name, exact=True).bounding_box()
    assert box
    return box["y"]


def test_the_last_active_conversation_is_first(person):
    user = person()
    page = user.go("/")
    for question in ("An older one", "A newer one"):
        page.get_by_role("link", name="New chat").click()
        user.ask(question)
        expect(page.get_by_role("article", name="Answer")).to_contain_text(question)
    list_ = page.get_by_role("navigation", name="Conversations").get_by_role("link")
    expect(list_).to_have_text(["A newer one", "An older one"])
    list_.last.click()
    user.ask("It goes on")
    expect(list_).to_have_text(["An older one", "A newer one"])


def search(page: Page, words: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("dialog").get_by_role("link", name=words).click()


MARK_IS_IN_SIGHT = """() => {
    const [mark] = CSS.highlights.get("found") ?? [];
    const place = mark?.getBoundingClientRect();
    const box = mark?.startContainer.parentElement.getBoundingClientRect();
    return !!place && place.top >= box.top && place.bottom <= box.bottom + 1
        && place.top >= 0 && place.bottom <= innerHeight;
}"""


def test_a_hit_in_a_folded_question_unfolds_it(person, site):
    user = person()
    lines = [f"Line {n}, which says little." for n in range(60)]
    plant(site, user, chats=3, words="\n".join([*lines, "Where is the lighthouse?", *lines]))
    page = user.go("/")
    expect(user.question).to_be_visible()
    search(page, "lighthouse")
    fold = page.get_by_role("button", name="Show less")
    expect(fold).to_have_attribute("aria-expanded", "true")
    page.wait_for_function(MARK_IS_IN_SIGHT)
    assert highlighted(page) == ["lighthouse"]
    fold.click()
    expect(page.get_by_role("button", name="Show all")).to_have_attribute("aria-expanded", "false")


def test_a_question_stays_folded_whose_hit_is_in_sight(person, site):
    user = person()
    lines = [f"Line {n}, which says little." for n in range(60)]
    plant(site, user, chats=3, words="\n".join(["Where is the lighthouse?", *lines]))
    page = user.go("/")
    expect(user.question).to_be_visible()
    search(page, "lighthouse")
    page.wait_for_function(MARK_IS_IN_SIGHT)
    expect(page.get_by_role("button", name="Show all")).to_have_attribute("aria-expanded", "false")


def test_a_hit_is_loaded_shown_and_marked(person, site):
    user = person()
    plant(site, user, chats=MANY, words="Where is the lighthouse?")
    page = user.go("/")
    expect(user.question).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox").fill("lighthouse")
    page.get_by_role("dialog").get_by_role("link", name="lighthouse").click()
    hit = page.get_by_role("group", name="Where is the lighthouse?", exact=True)
    expect(hit).to_be_in_viewport()
    expect(hit).to_have_attribute("aria-current", "true")
    assert highlighted(page) == ["lighthouse"]
    assert "lighthouse" not in page.url  # which servers log
    page.reload()
    expect(hit).to_be_in_viewport()
    assert highlighted(page) == ["lighthouse"]
    user.ask("And who keeps it?")
    expect(page.get_by_role("group", name="And who keeps it?")).to_be_in_viewport()
    expect(hit).not_to_have_attribute("aria-current", "true")
    assert highlighted(page) == []


def highlighted(page: Page) -> list[str]:
    return page.evaluate("[...(CSS.highlights.get('found') ?? [])].map(String)")


def test_a_hit_far_down_in_an_answer_is_in_sight(person):
    user = person()
    page = user.go("/")
    user.ask("[[chunks: 2000]]")  # answers "1 2 3 … 2000"
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    page.get_by_role("link", name="New chat").click()
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox").fill("1987")
    page.get_by_role("dialog").get_by_role("link").first.click()
    expect(page.get_by_role("article", name="Answer")).to_contain_text("1987")
    mark = page.evaluate_handle("[...CSS.highlights.get('found')][0]")
    for _ in range(50):
        if 0 < mark.evaluate("range => range.getBoundingClientRect().top") < 700:
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail("the found word is out of sight")


def test_earlier_messages_leave_the_reader_in_place(person, site):
    user = person()
    page = user.go(f"/c/{plant(site, user, chats=MANY)}")
    expect(page.get_by_role("group", name=f"Question {MANY}", exact=True)).to_be_in_viewport()
    first = f"Question {MANY - 49}"
    page.get_by_role("group", name=first, exact=True).scroll_into_view_if_needed()
    page.mouse.move(700, 300)
    page.mouse.wheel(0, -100_000)
    earlier = page.get_by_role("button", name="Load earlier messages")
    expect(earlier).to_be_in_viewport()
    before = top_of(page, first)
    earlier.click()
    expect(page.get_by_role("group", name=f"Question {MANY - 99}", exact=True)).to_be_attached()
    page.wait_for_timeout(500)
    assert abs(top_of(page, first) - before) < 60  # the button above it may be gone


def test_the_end_is_followed_until_the_user_scrolls_up(person):
    user = person(viewport={"width": 900, "height": 500})
    page = user.go("/")
    user.ask("[[say: One more line.\n\n]] [[times: 200]] [[chunks: 200]] [[slow: 0.05]]")
    button = page.get_by_role("button", name="To the end")
    button.click()
    at_the_end = page.locator("main [data-exchange] article p >> nth=-1")
    for _ in range(3):
        page.wait_for_timeout(400)
        expect(button).to_be_hidden()
        expect(at_the_end).to_be_in_viewport()
    page.mouse.move(600, 200)
    page.mouse.wheel(0, -600)
    expect(button).to_be_visible()
    place = "document.querySelector('[aria-label=Conversation]').parentElement.scrollTop"
    before = page.evaluate(place)
    page.wait_for_timeout(800)  # the answer goes on
    assert page.evaluate(place) == before
    page.get_by_role("button", name="Stop").click()


def test_a_long_question_is_folded(person):
    user = person(viewport={"width": 390, "height": 700})
    page = user.go("/")
    user.ask("[[say: The answer.]] " + "A long question. " * 300)
    question = page.get_by_role("article", name="You")
    unfold = question.get_by_role("button", name="Show all")
    expect(unfold).to_be_visible()
    expect(page.get_by_text("The answer.", exact=True)).to_be_in_viewport()
    unfold.click()
    expect(question.get_by_role("button", name="Show less")).to_be_visible()
    height = question.bounding_box()["height"]
    assert height > 700
