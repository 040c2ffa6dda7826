"""One user goes through all features."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, open_administration

LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"


def test_from_joining_to_an_applied_line(visitor, site):
    user = visitor()
    page = user.go("/")
    _join(user)
    _ask_with_citation(user)
    _reload_while_it_is_written(user, site)
    _stop(user)
    _regenerate(page)
    _spend_the_rest(user)
    _submit(page)
    _review_in_the_administration(visitor(), "A line nobody knew")
    page.reload()
    expect(page.get_by_role("main").get_by_text("Approved").last).to_be_visible()


def _join(user) -> None:
    page = user.page
    expect(page).to_have_url(re.compile("/login$"))
    user.follow("Join", "Join Daesa")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("Nickname").fill("Hana")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="What line is on your mind?")).to_be_visible()
    expect(page.get_by_text("5 of 5 left today")).to_be_visible()


def _ask_with_citation(user) -> None:
    page = user.page
    user.ask(f"부끄럼에 대한 서시의 대사 [[say: 그는 “{LINE}”라고 했다.]] [[chunks: 8]]")
    expect(page).to_have_url(re.compile(r"/c/\d+$"))
    chip = page.get_by_role("button", name=f"Word for word: “{LINE}”")
    chip.click()
    behind = page.get_by_role("dialog")
    expect(behind.get_by_text("윤동주, 서시")).to_be_visible()
    page.keyboard.press("Escape")
    expect(behind).to_be_hidden()
    expect(chip).to_be_focused()
    expect(page.get_by_text("4 of 5 left today")).to_be_visible()


def _reload_while_it_is_written(user, site) -> None:
    page = user.page
    user.ask("Count [[chunks: 100]] [[slow: 0.1]]")
    answer = page.get_by_role("article", name="Answer").last
    expect(answer).to_contain_text("1 2 3")
    with site.upstream_paused():
        page.reload()
        expect(answer).to_have_attribute("aria-busy", "true")
    counted = " ".join(str(number) for number in range(1, 101))
    expect(answer.locator(".prose")).to_have_text(counted)
    expect(answer).to_have_attribute("aria-busy", "false")


def _stop(user) -> None:
    page = user.page
    user.ask("Count on [[chunks: 600]] [[slow: 0.1]]")
    answer = page.get_by_role("article", name="Answer").last
    expect(answer).to_contain_text("1 2 3")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The answer was stopped here")).to_be_visible()
    expect(answer.locator(".prose")).to_have_text(re.compile(r"^1 2 3[\d ]*$"))
    expect(user.question).to_be_focused()


def _regenerate(page: Page) -> None:
    answer = page.get_by_role("article", name="Answer").last
    answer.get_by_role("button", name="Answer again").click()
    answer.get_by_role("button", name="Go ahead").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(answer.get_by_text("2/2")).to_be_visible()
    answer.get_by_role("button", name="Previous version").click()
    expect(answer.get_by_text("1/2")).to_be_visible()
    page.reload()
    expect(answer.get_by_text("1/2")).to_be_visible()


def _spend_the_rest(user) -> None:
    page = user.page
    user.ask("The last one")
    expect(page.get_by_text("Today's questions are used up")).to_be_visible()
    expect(page.get_by_text("You can ask again tomorrow at 00:00")).to_be_visible()
    user.question.fill("One more")
    user.question.press("Enter")
    expect(user.question).to_have_value("One more")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()


def _submit(page: Page) -> None:
    page.get_by_role("link", name="Board").click()
    page.get_by_role("link", name="Submit a line").click()
    page.get_by_role("textbox", name="Line").fill("A line nobody knew")
    expect(page.get_by_text("18 of 1000 characters")).to_be_visible()
    page.get_by_label("Speaker").fill("Nobody")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("heading", name="My lines")).to_be_visible()
    card = page.get_by_role("article").filter(has_text="A line nobody knew")
    expect(card.get_by_text("In review")).to_be_visible()


def _review_in_the_administration(staff, line: str) -> None:
    page = open_administration(staff, "/admin/quotes/quote/")
    page.get_by_role("row").filter(has_text=line).get_by_role("link").first.click()
    page.get_by_role("button", name=re.compile("^Apply")).click()
    expect(page.locator(".messagelist")).to_be_visible()
