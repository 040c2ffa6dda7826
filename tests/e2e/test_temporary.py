"""Temporary conversations: asked for at the first question, marked, and kept if one likes."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_access import PHONE, violations


@pytest.mark.parametrize(
    ("locale", "size", "words"),
    [
        ("en-GB", {}, ("Temporary conversation", "Temporary:", "Keep", "Conversations")),
        ("ko-KR", PHONE, ("임시 대화", "임시 대화:", "보관", "대화 목록")),
    ],
)
def test_it_is_not_in_the_list_until_it_is_kept(person, locale, size, words):
    label, mark, keep, conversations = words
    user = person(locale=locale, **size)
    page = user.go("/")
    switch = page.get_by_role("switch", name=label)
    expect(switch).not_to_be_checked()
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_be_checked()
    assert violations(page) == []
    user.ask("For today only")
    expect(page.get_by_role("article").last).to_have_attribute("aria-busy", "false")
    expect(page.get_by_text(mark)).to_be_visible()
    assert violations(page) == []
    page.reload()
    expect(page.get_by_text(mark)).to_be_visible()
    if size:
        page.locator("header button").first.click()
    link = page.get_by_role("link", name="For today only")
    expect(page.get_by_role("navigation", name=conversations, exact=True)).to_be_visible()
    expect(link).to_have_count(0)
    if size:
        page.keyboard.press("Escape")
    page.get_by_role("button", name=keep, exact=True).click()
    expect(page.get_by_text(mark)).to_have_count(0)
    if size:
        page.locator("header button").first.click()
    expect(link).to_have_count(1)


def test_a_refused_question_leaves_the_switch_and_the_next_chat_is_as_usual(person):
    user = person()
    page = user.go("/")
    switch = page.get_by_role("switch")
    switch.check(force=True)
    page.context.set_offline(True)
    user.ask("Not yet")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(switch).to_be_checked()
    page.context.set_offline(False)
    user.ask("Not yet")
    expect(page.get_by_text("Temporary:")).to_be_visible()
    expect(page.get_by_role("article").last).to_have_attribute("aria-busy", "false")
    page.get_by_role("link", name="New chat").first.click()
    expect(switch).not_to_be_checked()


def test_it_is_deleted_at_once_if_one_likes(person):
    user = person()
    page = user.go("/")
    page.get_by_role("switch").check(force=True)
    user.ask("Not for long")
    expect(page.get_by_role("article").last).to_have_attribute("aria-busy", "false")
    address = page.url
    page.get_by_role("button", name="Delete now").click()
    dialog = page.get_by_role("dialog", name="Delete this conversation?")
    assert violations(page) == []
    dialog.get_by_role("button", name="Delete now").click()
    expect(page.get_by_role("switch")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("alert")).to_be_visible()
