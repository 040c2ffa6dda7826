"""Using a chat, and what must be kept when something fails."""

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD


def test_an_edited_question_is_a_branch(person):
    user = person()
    page = user.go("/")
    user.ask("First words")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("First words")
    page.get_by_role("button", name="Edit question").click()
    page.get_by_role("button", name="Go ahead").click()
    page.get_by_label("Edited question").fill("Better words")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Better words")
    question = page.get_by_role("article", name="You")
    expect(question.get_by_text("2/2")).to_be_visible()
    question.get_by_role("button", name="Previous version").click()
    expect(page.get_by_role("article", name="Answer")).to_contain_text("First words")
    page.reload()
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Better words")


def test_a_draft_is_kept_for_each_conversation(person):
    user = person()
    page = user.go("/")
    user.ask("Something")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Something")
    user.question.fill("not sent yet")
    page.get_by_role("link", name="New chat").click()
    expect(user.question).to_have_value("")
    user.question.fill("another thought")
    page.reload()
    expect(user.question).to_have_value("another thought")
    page.get_by_role("link", name="Something").click()
    expect(user.question).to_have_value("not sent yet")


def test_a_question_that_cannot_be_sent_comes_back(person):
    user = person()
    page = user.go("/")
    expect(user.question).to_be_visible()
    user.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    user.ask("Are you there?")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(user.question).to_have_value("Are you there?")
    user.context.set_offline(False)
    user.question.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Are you there?")
    expect(page.get_by_text("4 of 5 left today")).to_be_visible()


def test_an_answer_survives_the_loss_of_the_network(person, site):
    user = person()
    page = user.go("/")
    user.ask("Count [[chunks: 100]] [[slow: 0.1]]")
    answer = page.get_by_role("article", name="Answer")
    expect(answer).to_contain_text("1 2 3")
    with site.upstream_paused():
        user.context.set_offline(True)
        expect(page.get_by_text("You are offline.")).to_be_visible()
    page.wait_for_timeout(1500)  # the open connection breaks when more of the answer arrives
    user.context.set_offline(False)
    counted = " ".join(str(number) for number in range(1, 101))
    expect(answer.locator(".prose")).to_have_text(counted)


def test_a_failed_answer_says_so_and_can_be_asked_for_again(person):
    user = person()
    page = user.go("/")
    user.ask("Fail [[fault: 500]]")  # the server tries again first, which takes some seconds
    expect(page.get_by_role("alert")).to_contain_text("There is no answer")
    expect(page.get_by_text("5 of 5 left today")).to_be_visible()
    expect(page.get_by_role("alert").get_by_role("button", name="Try again")).to_be_visible()


def test_an_answer_that_the_content_filter_stops_says_that_it_counts(person):
    user = person()
    page = user.go("/")
    user.ask("Fail [[fault: filter-400]]")
    alert = page.get_by_role("alert")
    counts = "content filter stopped the answer. It counts as one of that day's questions."
    expect(alert).to_contain_text(counts)
    expect(page.get_by_text("4 of 5 left today")).to_be_visible()
    page.reload()
    expect(alert).to_contain_text(counts)


def test_a_lost_session_keeps_the_text_and_asks_for_the_password(person):
    user = person()
    page = user.go("/")
    expect(user.question).to_be_visible()
    user.context.clear_cookies(name="sessionid")
    user.ask("Still here?")
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(user.question).to_have_value("Still here?")
    user.question.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Still here?")


@contextlib.contextmanager
def standing_still(page: Page) -> Iterator[None]:
    """Within, no time passes for the page's timers, however slow the machine is."""
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    yield
    page.clock.resume()


def test_conversations_are_renamed_searched_and_deleted(person):
    user = person()
    page = user.go("/")
    user.ask("Where is the lighthouse?")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("lighthouse")
    menu = page.get_by_role("button", name="Options for “Where is the lighthouse?”")
    menu.click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Lighthouses")
    page.get_by_role("button", name="Save").click()
    entry = page.get_by_role("link", name="Lighthouses")
    expect(entry).to_be_visible()

    page.keyboard.press("Control+k")
    page.get_by_role("searchbox").fill("lighthouse")
    hits = page.get_by_role("dialog")
    conversations = hits.get_by_role("region", name="Conversations")
    expect(conversations.get_by_role("link", name="Lighthouses")).to_be_visible()
    messages = hits.get_by_role("region", name="Questions and answers")
    messages.get_by_role("link", name="lighthouse").click()
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("button", name="Options for “Lighthouses”").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download").click()
    assert download.value.suggested_filename == "Lighthouses.md"
    assert download.value.path().read_text().startswith("# Lighthouses\n")

    with standing_still(page):  # the offer to undo ends after some seconds
        page.get_by_role("button", name="Options for “Lighthouses”").click()
        page.get_by_role("menuitem", name="Delete").click()
        expect(entry).to_be_hidden()
        page.get_by_role("button", name="Undo").click()
        expect(entry).to_be_visible()

    page.get_by_role("button", name="Options for “Lighthouses”").click()
    page.get_by_role("menuitem", name="Delete").click()
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("button", name="Close").click()
    page.reload()
    expect(page.get_by_text("Your conversations will be listed here.")).to_be_visible()


def test_the_board_answers_when_it_is_chosen(person):
    user = person()
    page = user.go("/")
    page.get_by_role("button", name="Model: Fake").click()
    page.get_by_role("menuitemradio", name="Board").click()
    user.ask("서시의 부끄럼")
    expect(page.get_by_role("button", name=re.compile("^Word for word")).first).to_be_visible()
    expect(page.get_by_text("Answered by Board")).to_be_visible()


def test_joining_leads_back_to_the_first_page(visitor):
    user = visitor()
    page = user.go("/quotes?q=Hamlet&state=applied")
    user.follow("Join", "Join Daesa")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile(r"/quotes\?q=Hamlet&state=applied$"))
    expect(page.get_by_role("article").first).to_contain_text("Hamlet")
    page.get_by_role("button", name=user.email).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login$"))


def test_errors_stand_beside_their_fields(visitor):
    user = visitor()
    page = user.go("/join")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill("password")
    page.get_by_role("button", name="Join").click()
    field = page.get_by_label("Password", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.get_by_text("This password is too common.")).to_be_visible()


def test_password_and_leaving(person):
    user = person()
    page = user.go("/settings/security")
    page.get_by_label("Current password", exact=True).fill("wrong one")
    page.get_by_label("New password", exact=True).fill("staple of paper")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The password is wrong.")).to_be_visible()
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.").first).to_be_visible()
    page.get_by_role("link", name="Your data").click()
    page.get_by_role("button", name="Leave for good").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Leave for good").click()
    expect(page).to_have_url(re.compile("/join$"))
