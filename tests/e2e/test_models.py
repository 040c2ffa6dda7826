"""Each conversation keeps the model that was last chosen in it."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_access import violations

GONE = (
    "from accounts.models import User; from chat.models import Conversation;"
    "Conversation.objects.filter(user__email={email!r}).update(model='openai/gpt-3.5-turbo')"
)
WORDS = {
    "en-GB": (
        "GPT-3.5 turbo, which you chose, is no longer offered. The default model answers: Fake.",
        "Model: Fake",
    ),
    "ko-KR": (
        "고르신 GPT-3.5 turbo 모델은 더 이상 쓸 수 없어 기본 모델(Fake)이 답합니다.",
        "모델: Fake",
    ),
}


def choose(page: Page, before: str, model: str) -> None:
    page.get_by_role("button", name=f"Model: {before}").click()
    page.get_by_role("menuitemradio", name=model).click()
    expect(page.get_by_role("button", name=f"Model: {model}")).to_be_visible()


def ask(user: Person, text: str) -> None:
    answers = user.page.get_by_role("article", name="Answer")
    before = answers.count()
    user.ask(text)
    expect(answers).to_have_count(before + 1)
    expect(answers.last).to_have_attribute("aria-busy", "false")


def test_conversations_keep_their_models_and_a_new_one_has_the_last_choice(person):
    user = person()
    page = user.go("/")
    ask(user, "Asked of Fake")
    choose(page, "Fake", "Board")  # kept without a question, too
    page.get_by_role("link", name="New chat").click()
    expect(page.get_by_role("button", name="Model: Board")).to_be_visible()
    choose(page, "Board", "Fake")
    ask(user, "Another one of Fake")
    expect(page.get_by_role("button", name="Model: Fake")).to_be_visible()
    page.reload()
    page.get_by_role("link", name="Asked of Fake").click()
    expect(page.get_by_role("button", name="Model: Board")).to_be_visible()
    ask(user, "부끄럼")
    expect(page.get_by_text("Answered by Board")).to_have_count(1)
    page.get_by_role("link", name="Another one of Fake").click()
    expect(page.get_by_role("button", name="Model: Fake")).to_be_visible()


@pytest.mark.parametrize("locale", WORDS)
def test_a_model_that_is_no_longer_offered_gives_way_to_the_default(person, site, locale):
    said, default = WORDS[locale]
    user = person(locale=locale)
    page = user.go("/")
    user.ask("A question")
    page.wait_for_url("**/c/*")
    expect(page.locator("article[aria-busy=false]").last).to_contain_text("A question")
    site.manage("shell", "-c", GONE.format(email=user.email))
    page.reload()
    note = page.get_by_text(said)
    expect(note).to_be_visible()
    expect(page.get_by_role("button", name=default)).to_be_visible()
    assert violations(page) == []
    user.ask("Another question")
    expect(page.locator("article[aria-busy=false]").last).to_contain_text("Another question")
    expect(note).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name=default)).to_be_visible()
    expect(note).to_have_count(0)


def test_a_choice_that_the_server_does_not_get_is_taken_back(person):
    user = person()
    page = user.go("/")
    ask(user, "A question")
    expect(page.get_by_role("button", name="Model: Fake")).to_be_visible()
    page.get_by_role("button", name="Model: Fake").hover()  # which loads the menu
    page.wait_for_load_state("networkidle")
    user.context.set_offline(True)
    page.get_by_role("button", name="Model: Fake").click()
    page.get_by_role("menuitemradio", name="Board").click()
    expect(page.get_by_text("cannot be reached").first).to_be_visible()
    user.context.set_offline(False)
    expect(page.get_by_role("button", name="Model: Fake")).to_be_visible()
