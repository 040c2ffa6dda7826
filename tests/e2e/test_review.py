"""Reviewing with the keyboard alone."""

from playwright.sync_api import expect

from tests.e2e.conftest import open_administration

LINES = ("First of the keyboard's lines", "Second of the keyboard's lines", "A third, for later")
REASON = "The line cannot be found in the work that you name."


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
    shown = page.locator("blockquote.field-content")
    while shown.inner_text() != LINES[0]:  # what other tests have submitted
        before = page.url
        press(page, "n")
        expect(page).not_to_have_url(before)
    press(page, "a")
    expect(page.get_by_text("1 line is on the board now.")).to_be_visible()
    expect(shown).to_have_text(LINES[1])
    # Without a reason nothing is declined: the reason is asked for, and chosen there by its number.
    reasons, missing = page.get_by_label("Reason"), page.get_by_role("alert")
    press(page, "d")
    expect(missing).to_have_text("Choose or write a reason first: the submitter reads it.")
    expect(reasons).to_be_focused()
    page.keyboard.press("2")
    expect(reasons).to_have_value(REASON)
    page.keyboard.press("d")
    expect(page.get_by_text("1 line is declined.")).to_be_visible()
    expect(shown).to_have_text(LINES[2])
    page.get_by_label("In your own words").press_sequentially("and never, by a key")
    press(page, "n")
    expect(shown).to_have_text(LINES[2])

    page = user.go("/quotes/mine")
    rows = page.get_by_role("article")
    expect(rows.filter(has_text=LINES[0])).to_contain_text("Approved")
    expect(rows.filter(has_text=LINES[1])).to_contain_text("Reason: The line cannot be found")
    expect(rows.filter(has_text=LINES[2])).to_contain_text("In review")


def test_d_declines_with_words_of_ones_own(visitor, person):
    user = person()
    submit(user, "A line to decline in own words")
    page = open_administration(visitor(), "/admin/quotes/quote/?q=decline+in+own")
    page.get_by_role("link", name="A line to decline in own words").click()
    page.get_by_label("In your own words").fill("Say who has said it")
    page.get_by_role("heading", name="Decision").click()  # out of the field
    press(page, "d")
    expect(page.get_by_text("1 line is declined.")).to_be_visible()
    rows = user.go("/quotes/mine").get_by_role("article")
    expect(rows.first).to_contain_text("Reason: Say who has said it")


def test_the_decision_is_in_sight_beside_the_line(visitor, person):
    user = person()
    submit(user, "A line beside its decision")
    page = open_administration(visitor(), "/admin/quotes/quote/?q=beside+its+decision")
    page.get_by_role("link", name="A line beside its decision").click()
    line, decline = page.locator("blockquote.field-content"), page.locator("[data-key=d]")
    expect(line).to_be_in_viewport(ratio=1)
    expect(decline).to_be_in_viewport(ratio=1)
    similar = page.get_by_role("heading", name="Lines like it")
    assert decline.bounding_box()["y"] < similar.bounding_box()["y"]
    assert line.bounding_box()["x"] < decline.bounding_box()["x"]
    expect(page.get_by_text("submitted at")).to_be_hidden()  # folded
