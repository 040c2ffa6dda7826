"""The board: its address, likes, and submitting, editing and withdrawing lines."""

import re

import pytest
from playwright.sync_api import expect


def test_search_order_and_page_are_in_the_address(person):
    user = person()
    page = user.go("/quotes")
    expect(page.get_by_role("article")).to_have_count(10)
    page.get_by_role("link", name="Page 2").click()
    expect(page).to_have_url(re.compile(r"/quotes\?page=2$"))
    page.get_by_role("searchbox").fill("Hamlet")
    page.get_by_role("button", name="Search", exact=True).last.click()
    expect(page).to_have_url(re.compile(r"\?q=Hamlet$"))
    expect(page.get_by_role("article").first).to_contain_text("Hamlet")
    page.get_by_role("combobox", name="Order").select_option("liked")
    expect(page).to_have_url(re.compile(r"q=Hamlet&sort=liked$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?q=Hamlet$"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("Hamlet")
    page.get_by_role("searchbox").fill("No line has these")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Clear search").click()
    expect(page.get_by_role("article")).to_have_count(10)


def test_a_page_past_the_end_leads_back(person):
    page = person().go("/quotes?page=999")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article")).to_have_count(10)


@pytest.mark.parametrize(("locale", "language"), [("ko-KR", "ko"), ("en-GB", "en")])
def test_the_lines_in_the_page_s_language_come_first(person, locale, language):
    page = person(locale=locale).go("/quotes")
    lines = page.get_by_role("article").get_by_role("heading").get_by_role("link")
    expect(lines).to_have_count(10)
    assert {line.get_attribute("lang") for line in lines.all()} == {language}


def test_the_board_shows_what_everybody_sees(person):
    """One's own line that waits for review is under "My lines" alone."""
    page = person().go("/quotes/new")
    page.get_by_role("textbox", name="Line").fill("A line that waits")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("link", name="A line that waits")).to_be_visible()
    page.get_by_role("navigation", name="Board").get_by_role("link", name="Board").click()
    expect(page.get_by_role("article")).to_have_count(10)
    expect(page.get_by_text("A line that waits")).to_have_count(0)
    page.get_by_role("searchbox").fill("A line that waits")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/quotes\?q="))
    expect(page.get_by_text("A line that waits", exact=True)).to_have_count(0)


def test_an_own_line_is_edited_and_withdrawn(person):
    user = person()
    page = user.go("/quotes/new")
    page.get_by_role("textbox", name="Line").fill("To be, or not to be")
    expect(page.get_by_text("There are lines like it already")).to_be_visible()
    page.get_by_role("textbox", name="Line").fill("Mine alone")
    page.get_by_role("button", name="Submit for review").click()
    page.get_by_role("link", name="Mine alone").click()
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name="Line")).to_have_value("Mine alone")
    page.get_by_label("Speaker").fill("A speaker")
    page.get_by_role("button", name="Save and send to review").click()
    expect(page.get_by_text("— A speaker")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("You have not submitted a line yet.")).to_be_visible()


def test_a_like_is_shown_at_once_and_stored_and_can_be_removed(person):
    user = person()
    page = user.go("/quotes?q=Hamlet")
    heart = page.get_by_role("article").first.get_by_role("button")
    before = int(heart.inner_text())
    expect(heart).to_have_attribute("aria-pressed", "false")
    heart.focus()
    page.keyboard.press("Enter")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(heart).to_have_text(str(before + 1))
    expect(page).to_have_url(re.compile(r"\?q=Hamlet$"))
    page.reload()
    expect(heart).to_have_attribute("aria-pressed", "true")
    page.get_by_role("article").first.get_by_role("heading").get_by_role("link").click()
    expect(page.locator("blockquote")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Like,")).press("Space")
    expect(page.get_by_role("button", name=re.compile("^Like,"))).to_have_text(str(before))
    page.go_back()
    expect(heart).to_have_text(str(before))


def test_a_like_that_the_server_refuses_is_undone(person):
    user = person()
    page = user.go("/quotes?q=Hamlet")
    page.route("**/like", lambda route: route.abort())
    heart = page.get_by_role("article").first.get_by_role("button")
    before = heart.inner_text()
    heart.click()
    expect(page.get_by_text("The like was not saved. Try again.").first).to_be_visible()
    expect(heart).to_have_text(before)
    expect(heart).to_have_attribute("aria-pressed", "false")


def test_the_most_liked_come_first_by_the_address(person):
    user = person()
    page = user.go("/quotes?q=Ishmael")
    with page.expect_response("**/like"):
        page.get_by_role("article").first.get_by_role("button").click()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Search", exact=True).last.click()
    page.get_by_role("combobox", name="Order").select_option("liked")
    expect(page).to_have_url(re.compile(r"/quotes\?sort=liked$"))
    expect(page.get_by_role("article").first).to_contain_text("Call me Ishmael.")
    page.reload()
    expect(page.get_by_role("combobox", name="Order")).to_have_value("liked")
    expect(page.get_by_role("article").first).to_contain_text("Call me Ishmael.")
    with page.expect_response("**/like"):
        page.get_by_role("article").first.get_by_role("button").click()


def test_a_name_leads_to_its_lines_and_back(person):
    page = person().go("/quotes?q=하늘을 우러러")
    page.get_by_role("article").first.get_by_role("link", name="서시").click()
    expect(page.get_by_role("heading", level=1, name="서시")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/quotes\?source="))
    for article in page.get_by_role("article").all():
        expect(article).to_contain_text("서시")
    page.get_by_role("article").first.get_by_role("link", name="윤동주").click()
    expect(page.get_by_role("heading", level=1, name="윤동주")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="서시")).to_be_visible()
    page.get_by_role("link", name="All lines").click()
    expect(page).to_have_url(re.compile(r"/quotes$"))
    page.get_by_role("combobox", name="Language").select_option("en")
    expect(page).to_have_url(re.compile(r"/quotes\?language=en$"))
    expect(page.get_by_role("article").first.locator("[lang]")).to_have_attribute("lang", "en")


def test_the_line_of_the_day_and_one_at_random(person):
    page = person().go("/quotes")
    day = page.get_by_role("region", name="Line of the day")
    line = day.locator("blockquote").inner_text()
    page.reload()
    expect(day.locator("blockquote")).to_have_text(line)
    day.get_by_role("button", name="Surprise me").click()
    expect(page).to_have_url(re.compile(r"/quotes/\d+$"))
    expect(page.locator("blockquote")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Page 2").click()
    expect(page.get_by_role("article")).to_have_count(10)
    expect(day).to_be_hidden()


def test_duplicates_are_shown_while_typing_and_block_nothing(person):
    page = person().go("/quotes/new")
    field = page.get_by_role("textbox", name="Line")
    field.press_sequentially("죽는날까지 하늘을 우러러,", delay=20)
    hint = page.get_by_role("status").filter(has_text="There are lines like it already")
    expect(hint).to_contain_text("윤동주, 서시")
    field.fill("죽는날까지 하늘을 우러러 한점 부끄럼이 없기를!")
    expect(page.get_by_text("This line is there already")).to_be_visible()
    page.get_by_label("Speaker").fill("윤동주")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("alert")).to_contain_text("This line is on the board already.")
    expect(field).to_have_value("죽는날까지 하늘을 우러러 한점 부끄럼이 없기를!")
    page.get_by_role("alert").get_by_role("link", name="See the line").click()
    expect(page.locator("blockquote")).to_contain_text("죽는 날까지")
    page.go_back()
    field.fill("Nothing like it anywhere")
    expect(hint).to_be_hidden()


def test_a_line_that_is_submitted_twice_is_refused_with_the_servers_text(person):
    user = person()
    for _ in range(2):
        page = user.go("/quotes/new")
        page.get_by_role("textbox", name="Line").fill("Said twice")
        with page.expect_response("**/quote"):
            page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("textbox", name="Line")).to_have_value("Said twice")


def test_a_line_of_the_board_becomes_a_question(person):
    user = person()
    page = user.go("/quotes/1")
    page.get_by_role("link", name="Ask about this line").click()
    expect(user.question).to_have_value(re.compile("죽는 날까지"))
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_line_is_copied_and_shared(person):
    user = person(permissions=["clipboard-read", "clipboard-write"])
    page = user.go("/quotes/1")
    line = page.locator("blockquote").inner_text()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("The line is copied.").first).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{line}”\n— ")
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("The link is copied.").first).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{user.url}/quotes/1"
