"""Reviewing with the keyboard alone."""

from playwright.sync_api import expect

from tests.e2e.conftest import open_administration

LINES = ("First of the keyboard's lines", "Second of the keyboard's lines", "A third, for later")


def submit(user, line: str) -> None:
    page = user.go("/quotes/new")
    page.get_by_role("textbox", name="Line").fill(line)
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/quotes/mine")


def press(page, key: str) -> None:
    """Presses a key once the page is complete: before that, the page ignores keys."""
    page.wait_for_load_state("domcontentloaded")
    page.keyboard.press(key)


def test_lines_are_reviewed_one_by_one_with_keys(visitor, person):
    user = person()
    for line in LINES:
        submit(user, line)
    page = open_administration(visitor(), "/admin/quotes/quote/queue/")
    shown = page.locator(".field-content .readonly")
    while shown.inner_text() != LINES[0]:  # what other tests have submitted
        before = page.url
        press(page, "n")
        expect(page).not_to_have_url(before)
    press(page, "a")
    expect(page.get_by_text("1 line is on the board now.")).to_be_visible()
    expect(shown).to_have_text(LINES[1])
    press(page, "2")
    expect(page.get_by_label("Reason")).to_have_value(
        "The line cannot be found in the work that you name."
    )
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 line is declined.")).to_be_visible()
    expect(shown).to_have_text(LINES[2])
    page.get_by_label("In your own words").fill("and never, by a key")
    press(page, "n")
    expect(shown).to_have_text(LINES[2])

    page = user.go("/quotes/mine")
    rows = page.get_by_role("article")
    expect(rows.filter(has_text=LINES[0])).to_contain_text("Approved")
    expect(rows.filter(has_text=LINES[1])).to_contain_text("Reason: The line cannot be found")
    expect(rows.filter(has_text=LINES[2])).to_contain_text("In review")
