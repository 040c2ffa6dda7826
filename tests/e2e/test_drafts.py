"""No text that a user has typed is lost to another text."""

from playwright.sync_api import Page, expect

OWN = "Words that took me a while"


def test_a_suggestion_puts_the_draft_aside(person):
    user = person()
    page = user.go("/")
    user.question.fill(OWN)
    suggestions = page.get_by_role("list", name="Suggestions").get_by_role("button")
    suggestions.first.click()
    suggestions.last.click()
    expect(user.question).not_to_have_value(OWN)
    page.reload()
    put_back(page)
    expect(user.question).to_have_value(OWN)
    expect(user.question).to_be_focused()
    expect(page.get_by_role("button", name="Put it back")).to_be_hidden()


def test_a_draft_that_was_put_aside_survives_the_question(person):
    user = person()
    page = user.go("/")
    user.question.fill(OWN)
    page.get_by_role("list", name="Suggestions").get_by_role("button").first.click()
    user.question.press("Enter")
    page.wait_for_url("**/c/*")
    put_back(page)
    expect(user.question).to_have_value(OWN)


def test_asking_about_a_line_puts_the_draft_aside(person):
    user = person(locale="ko-KR")
    page = user.go("/")
    user.question.fill(OWN)
    user.go("/quotes/1")
    page.get_by_role("link", name="이 대사로 물어보기").click()
    expect(user.question).not_to_have_value(OWN)
    page.get_by_role("button", name="다시 넣기").click()
    expect(user.question).to_have_value(OWN)


def put_back(page: Page) -> None:
    expect(page.get_by_text(f"Set aside: {OWN}")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
