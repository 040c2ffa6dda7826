"""The title that a model makes, and questions to follow, which come after the answer."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import serving
from tests.e2e.test_access import PHONE, violations


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    directory = tmp_path_factory.mktemp("titled")
    with serving(directory, TITLE_MODEL="fake", FOLLOW_UPS="true") as found:
        yield found


OWN = "Words that took me a while"


@pytest.mark.parametrize(
    ("locale", "size", "said", "words"),
    [
        (
            "en-GB",
            {},
            "A lantern at sea&#10;What is a lantern?&#10;Who carries it?",
            ("Conversations", "Questions to ask next", "Put it back", "Answer"),
        ),
        (
            "ko-KR",
            PHONE,
            "바다의 등불&#10;등불이 무엇입니까?&#10;누가 들고 있습니까?",
            ("대화 목록", "이어서 물어볼 질문", "다시 넣기", "답변"),
        ),
    ],
)
def test_both_come_without_a_reload_and_a_draft_stays(person, locale, size, said, words):
    conversations, list_name, put_back, answer = words
    title, question, _ = said.split("&#10;")
    user = person(locale=locale, **size)
    page = user.go("/")
    asked = "등불 이야기" if size else "About lanterns"
    user.ask(f"{asked} [[say: {said}]]")
    heading = page.get_by_role("heading", level=1, name=title, exact=True)
    expect(heading).to_have_count(1)
    if size:
        page.locator("header button").first.click()
    link = page.get_by_role("navigation", name=conversations).get_by_role("link")
    expect(link).to_have_text([title])
    if size:
        page.keyboard.press("Escape")
    suggested = page.get_by_role("list", name=list_name)
    expect(suggested.get_by_role("button")).to_have_count(3)
    assert violations(page) == []
    user.question.fill(OWN)
    suggested.get_by_role("button", name=question, exact=True).click()
    expect(user.question).to_have_value(question)
    expect(user.question).to_be_focused()
    page.get_by_role("button", name=put_back).click()
    expect(user.question).to_have_value(OWN)
    # Below the newest answer alone.
    user.ask("Go on [[say: So it is.]]" if not size else "계속 [[say: 그렇습니다.]]")
    articles = page.get_by_role("article", name=answer)
    expect(articles).to_have_count(2)
    expect(articles.first.get_by_role("list", name=list_name)).to_have_count(0)
    expect(articles.last.get_by_role("list", name=list_name)).to_have_count(1)
    page.reload()
    expect(articles.last.get_by_role("list", name=list_name)).to_have_count(1)
    expect(heading).to_have_count(1)


def test_a_title_that_the_user_writes_stays(person):
    user = person()
    page = user.go("/")
    user.ask("About lamps [[say: A lamp]]")
    expect(page.get_by_role("link", name="A lamp")).to_be_visible()
    page.get_by_role("button", name="Options for “A lamp”").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Mine")).to_be_visible()
    page.get_by_role("button", name="Answer again").click()
    page.get_by_role("button", name="Go ahead").click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(page.get_by_role("article").last).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("list", name="Questions to ask next")).to_be_visible()
    expect(page.get_by_role("link", name="Mine")).to_be_visible()
