"""The numbers of a conversation, by its menu."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_access import PHONE, violations


@pytest.mark.parametrize(
    ("locale", "size", "words"),
    [
        ("en-GB", {}, ("Statistics", "Questions", "Answers by model", "Tokens")),
        ("ko-KR", PHONE, ("통계", "질문", "모델별 답변", "토큰")),
    ],
)
def test_it_shows_the_numbers_and_gives_the_focus_back(person, locale, size, words):
    title, *headings = words
    user = person(locale=locale, **size)
    page = user.go("/")
    user.ask("Count this")
    expect(page.get_by_role("article").last).to_have_attribute("aria-busy", "false")
    if size:
        page.locator("header button").first.click()
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Count this"))
    options = row.get_by_role("button")
    options.focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name=title, exact=True).click()
    dialog = page.get_by_role("dialog", name=title)
    for heading in headings:
        expect(dialog.get_by_text(heading, exact=True).first).to_be_visible()
    expect(dialog.locator("dd").first).to_have_text("1")
    assert violations(page) == []
    assert dialog.evaluate("it => it.scrollWidth <= it.clientWidth")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(options).to_be_focused()
