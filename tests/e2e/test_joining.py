"""An invitation's link in Chromium, against a server that lets in only the invited."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Person, Site, open_administration, open_context, serving


@pytest.fixture(scope="module")
def invited_only(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("invite"), SIGNUP="invite") as site:
        yield site


@pytest.fixture
def guests(invited_only: Site, browser: Browser) -> Iterator[list[Person]]:
    people = [open_context(invited_only.url, browser) for _ in range(3)]
    yield people
    for person in people:
        person.context.close()
    assert [person.faults for person in people] == [[] for _ in people]


def invitation_link(staff: Person) -> str:
    """Makes an invitation in the administration."""
    page = open_administration(staff, "/admin/accounts/invitation/add/")
    page.fill("#id_note", "For Dora")
    page.click("input[name=_save]")
    link = page.locator("#invitation-link").input_value()
    assert re.fullmatch(rf"{re.escape(staff.url)}/join#invite=[\w-]{{43}}", link)
    return link


def test_an_invitation_lets_one_person_in(guests: list[Person]) -> None:
    staff, dora, eve = guests
    link = invitation_link(staff)
    page = dora.go("/join")
    expect(page.get_by_text("This site is by invitation.")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_count(0)

    page = dora.go(link.removeprefix(dora.url))
    page.reload()
    expect(page.get_by_text("You are invited.")).to_be_visible()
    page.get_by_label("Email").fill(dora.email)
    page.get_by_label("Password", exact=True).fill("staple of paper")
    page.get_by_role("button", name="Join").click()
    expect(dora.question).to_be_visible()

    page = eve.go(link.removeprefix(eve.url))
    expect(page.get_by_text("This invitation cannot be used")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_count(0)

    page = staff.go("/admin/accounts/invitation/")
    page.get_by_role("link", name="For Dora").click()
    expect(page.get_by_role("link", name=dora.email)).to_be_visible()
