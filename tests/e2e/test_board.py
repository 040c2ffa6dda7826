"""The board: what is in the address, and what one does with one's own lines."""

import re

from playwright.sync_api import expect


def test_search_state_and_page_are_in_the_address(person):
    someone = person()
    page = someone.go("/quotes")
    expect(page.get_by_role("article")).to_have_count(10)
    page.get_by_role("link", name="Page 2").click()
    expect(page).to_have_url(re.compile(r"/quotes\?page=2$"))
    page.get_by_role("searchbox").fill("Hamlet")
    page.get_by_role("button", name="Search", exact=True).last.click()
    expect(page).to_have_url(re.compile(r"\?q=Hamlet$"))
    expect(page.get_by_role("article").first).to_contain_text("Hamlet")
    page.get_by_role("link", name="Approved").click()
    expect(page).to_have_url(re.compile(r"q=Hamlet&state=applied$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?q=Hamlet$"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("Hamlet")
    page.get_by_role("link", name="Declined").click()
    page.get_by_role("link", name="Clear search").click()
    expect(page.get_by_role("article")).to_have_count(10)


def test_a_page_past_the_end_leads_back(person):
    page = person().go("/quotes?page=999")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article")).to_have_count(10)


def test_an_own_line_is_edited_and_withdrawn(person):
    someone = person()
    page = someone.go("/quotes/new")
    page.get_by_role("textbox", name="Line").fill("To be, or not to be")
    expect(page.get_by_text("Similar lines are on the board already")).to_be_visible()
    page.get_by_role("textbox", name="Line").fill("Mine alone")
    page.get_by_role("button", name="Submit for review").click()
    page.get_by_role("link", name="Mine alone").click()
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name="Line")).to_have_value("Mine alone")
    page.get_by_label("Speaker").fill("Somebody")
    page.get_by_role("button", name="Save and send to review").click()
    expect(page.get_by_text("— Somebody")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("You have not submitted a line yet.")).to_be_visible()


def test_a_line_that_is_submitted_twice_is_refused_with_the_servers_words(person):
    someone = person()
    for _ in range(2):
        page = someone.go("/quotes/new")
        page.get_by_role("textbox", name="Line").fill("Said twice")
        page.get_by_role("button", name="Submit for review").click()
        page.wait_for_timeout(300)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("textbox", name="Line")).to_have_value("Said twice")


def test_a_line_of_the_board_becomes_a_question(person):
    someone = person()
    page = someone.go("/quotes/1")
    page.get_by_role("link", name="Ask about this line").click()
    expect(someone.question).to_have_value(re.compile("죽는 날까지"))
    expect(page).to_have_url(re.compile(r"/$"))
