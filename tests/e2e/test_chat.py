"""What people do in a chat, and what must not get lost when something goes wrong."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD


def test_an_edited_question_is_a_branch(person):
    someone = person()
    page = someone.go("/")
    someone.ask("First words")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("First words")
    page.get_by_role("button", name="Edit question").click()
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
    someone = person()
    page = someone.go("/")
    someone.ask("Something")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Something")
    someone.question.fill("not sent yet")
    page.get_by_role("link", name="New chat").click()
    expect(someone.question).to_have_value("")
    someone.question.fill("another thought")
    page.reload()
    expect(someone.question).to_have_value("another thought")
    page.get_by_role("link", name="Something").click()
    expect(someone.question).to_have_value("not sent yet")


def test_a_question_that_cannot_be_sent_comes_back(person):
    someone = person()
    page = someone.go("/")
    expect(someone.question).to_be_visible()
    someone.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    someone.ask("Are you there?")
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached", timeout=15_000)
    expect(someone.question).to_have_value("Are you there?")
    someone.context.set_offline(False)
    someone.question.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Are you there?")
    expect(page.get_by_text("4 of 5 left today")).to_be_visible()


def test_an_answer_survives_the_loss_of_the_network(person):
    someone = person()
    page = someone.go("/")
    someone.ask("Count [[chunks: 60]] [[slow: 0.1]]")
    answer = page.get_by_role("article", name="Answer")
    expect(answer).to_contain_text("1 2 3")
    drop_connections(someone)
    counted = " ".join(str(number) for number in range(1, 61))
    expect(answer.locator(".prose")).to_have_text(counted, timeout=20_000)


def drop_connections(someone) -> None:
    """Offline for a moment, and what is open then is closed: as when a phone changes networks."""
    someone.context.set_offline(True)
    someone.page.wait_for_timeout(1500)
    someone.context.set_offline(False)


def test_a_failed_answer_says_so_and_can_be_asked_for_again(person):
    someone = person()
    page = someone.go("/")
    someone.ask("Fail [[fault: 500]]")  # tried again first, so that all other requests are over
    expect(page.get_by_role("alert")).to_contain_text("There is no answer", timeout=20_000)
    expect(page.get_by_text("5 of 5 left today")).to_be_visible()
    expect(page.get_by_role("alert").get_by_role("button", name="Try again")).to_be_visible()


def test_a_lost_session_keeps_the_text_and_asks_for_the_password(person):
    someone = person()
    page = someone.go("/")
    expect(someone.question).to_be_visible()
    someone.context.clear_cookies(name="sessionid")
    someone.ask("Still here?")
    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(someone.question).to_have_value("Still here?")
    someone.question.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("Still here?")


def test_conversations_are_renamed_searched_and_deleted(person):
    someone = person()
    page = someone.go("/")
    someone.ask("Where is the lighthouse?")
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
    page.get_by_role("dialog").get_by_role("link", name="lighthouse").click()
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("button", name="Options for “Lighthouses”").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download").click()
    assert download.value.suggested_filename == "Lighthouses.md"
    assert download.value.path().read_text().startswith("# Lighthouses\n")

    page.get_by_role("button", name="Options for “Lighthouses”").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(entry).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(entry).to_be_visible()

    page.get_by_role("button", name="Options for “Lighthouses”").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Close").click()
    page.reload()
    expect(page.get_by_text("Your conversations will be listed here.")).to_be_visible()


def test_the_board_answers_when_it_is_chosen(person):
    someone = person()
    page = someone.go("/")
    page.get_by_label("Model").select_option("board")
    someone.ask("서시의 부끄럼")
    expect(page.get_by_role("button", name=re.compile("^Word for word")).first).to_be_visible()
    expect(page.get_by_text("Answered by board")).to_be_visible()


def test_the_way_back_to_where_one_was(visitor, site):
    someone = visitor()
    page = someone.go("/quotes?q=Hamlet&state=applied")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    someone.follow("Join", "Join Daesa")
    page.get_by_label("Email").fill(someone.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile(r"/quotes\?q=Hamlet&state=applied$"))
    expect(page.get_by_role("article").first).to_contain_text("Hamlet")
    page.get_by_role("button", name=someone.email).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login$"))


def test_errors_stand_beside_their_fields(visitor):
    someone = visitor()
    page = someone.go("/join")
    page.get_by_label("Email").fill(someone.email)
    page.get_by_label("Password", exact=True).fill("password")
    page.get_by_role("button", name="Join").click()
    field = page.get_by_label("Password", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.get_by_text("This password is too common.")).to_be_visible()


def test_password_and_leaving(person):
    someone = person()
    page = someone.go("/settings/security")
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
    dialog.get_by_label("Password", exact=True).fill("staple of paper")
    dialog.get_by_role("button", name="Leave for good").click()
    expect(page).to_have_url(re.compile("/join$"))
