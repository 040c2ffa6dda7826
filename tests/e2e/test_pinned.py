"""Pinning conversations, by the menu and by the key."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_access import PHONE, violations

PLANT = (
    "from accounts.models import User; from chat.models import Conversation;"
    "user = User.objects.get(email={email!r});"
    "[Conversation.objects.create(user=user, title=f'Number {{n:02}}', pinned=n <= {pinned})"
    " for n in range(1, {count} + 1)]"
)


def plant(site, user: Person, *, count: int, pinned: int) -> None:
    site.manage("shell", "-c", PLANT.format(email=user.email, count=count, pinned=pinned))


def group(page: Page, name: str):
    return page.get_by_role("region", name=name, exact=True)


def choose(page: Page, title: str, action: str) -> None:
    page.get_by_role("button", name=f"Options for “{title}”").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def test_a_pinned_conversation_is_first_under_a_heading_of_its_own(person, site):
    user = person()
    plant(site, user, count=3, pinned=0)
    page = user.go("/")
    links = page.get_by_role("navigation", name="Conversations").get_by_role("link")
    expect(links).to_have_text(["Number 03", "Number 02", "Number 01"])
    expect(group(page, "Pinned")).to_have_count(0)
    choose(page, "Number 01", "Pin")
    expect(page.get_by_text("The conversation is pinned.").first).to_be_visible()
    expect(links).to_have_text(["Number 01", "Number 03", "Number 02"])
    expect(group(page, "Pinned").get_by_role("link")).to_have_text(["Number 01"])
    # Its row is another one, and has the focus again.
    options = page.get_by_role("button", name="Options for “Number 01”")
    expect(options).to_be_focused()
    assert violations(page) == []
    page.reload()
    expect(group(page, "Pinned").get_by_role("link")).to_have_text(["Number 01"])
    options.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The conversation is no longer pinned.").first).to_be_visible()
    expect(group(page, "Pinned")).to_have_count(0)
    expect(links).to_have_text(["Number 03", "Number 02", "Number 01"])
    expect(options).to_be_focused()


def test_the_open_conversation_is_pinned_by_its_key(person):
    user = person()
    page = user.go("/")
    expect(user.question).to_be_visible()
    page.keyboard.press("Control+Shift+.")  # nothing is open yet
    user.ask("To be pinned")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    for there in (1, 0):
        page.keyboard.press("Control+Shift+.")
        expect(group(page, "Pinned").get_by_role("link", name="To be pinned")).to_have_count(there)
    expect(user.question).to_be_focused()


@pytest.mark.parametrize(
    ("locale", "pin", "menu", "said"),
    [
        ("en-GB", "Pin", "Options for “Number 21”", "You have pinned as many conversations"),
        ("ko-KR", "고정", "“Number 21” 메뉴", "고정할 수 있는 대화 수를 모두 채웠습니다."),
    ],
)
def test_one_too_many_is_refused_with_a_reason(person, site, locale, pin, menu, said):
    user = person(locale=locale, **PHONE)
    plant(site, user, count=21, pinned=20)
    page = user.go("/")
    page.locator("header button").first.click()
    drawer = page.get_by_role("dialog")
    pinned = drawer.get_by_role("region").first.get_by_role("link")
    expect(pinned).to_have_count(20)
    drawer.get_by_role("button", name=menu).click()
    page.get_by_role("menuitem", name=pin, exact=True).click()
    expect(page.get_by_text(said).first).to_be_visible()
    expect(pinned).to_have_count(20)
