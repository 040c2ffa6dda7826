"""A conversation that is open in two tabs, or on two devices."""

from playwright.sync_api import Page, expect

WITHOUT_NOTES = "delete window.BroadcastChannel"  # as between two devices


def open_twice(user, *, notes: bool) -> Page:
    """Asks in a tab, and opens the conversation in a second one, which is returned."""
    if not notes:
        user.context.add_init_script(WITHOUT_NOTES)
    page = user.go("/")
    user.ask("Asked first")
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    other = user.context.new_page()
    other.goto(page.url)
    expect(other.get_by_role("article", name="Answer")).to_contain_text("Asked first")
    return other


def send(page: Page, text: str) -> None:
    page.get_by_label("Your question", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def test_what_is_asked_in_one_tab_is_in_the_other(person):
    user = person()
    page, other = user.page, open_twice(user, notes=True)
    send(other, "Asked elsewhere")
    expect(page.get_by_role("article", name="Answer").last).to_contain_text("Asked elsewhere")
    expect(page.get_by_text("This conversation went on elsewhere.")).to_be_visible()
    expect(other.get_by_text("This conversation went on elsewhere.")).to_be_hidden()
    user.ask("Asked third")
    expect(page.get_by_role("button", name="Answer again")).to_have_count(3)
    expect(page.get_by_text("This conversation went on elsewhere.")).to_be_hidden()
    expect(page.get_by_role("button", name="Previous version")).to_be_hidden()


def test_a_question_does_not_fork_a_conversation_that_went_on(person):
    user = person()
    page, other = user.page, open_twice(user, notes=False)
    send(other, "Asked elsewhere")
    expect(other.get_by_role("button", name="Answer again")).to_have_count(2)
    user.ask("Asked in ignorance")
    expect(page.get_by_role("alert")).to_contain_text("went on elsewhere")
    expect(page.get_by_role("article", name="You").last).to_have_text("Asked elsewhere")
    expect(user.question).to_have_value("Asked in ignorance")
    user.question.press("Enter")
    expect(page.get_by_role("button", name="Answer again")).to_have_count(3)
    page.reload()
    expect(page.get_by_role("article", name="You")).to_have_text(
        ["Asked first", "Asked elsewhere", "Asked in ignorance"]
    )


def test_a_tab_that_is_looked_at_again_is_up_to_date(person):
    user = person()
    page, other = user.page, open_twice(user, notes=False)
    send(other, "Asked elsewhere")
    expect(other.get_by_role("button", name="Answer again")).to_have_count(2)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    expect(page.get_by_role("article", name="You").last).to_have_text("Asked elsewhere")
    expect(page.get_by_text("This conversation went on elsewhere.")).to_be_visible()
