"""What a new person meets on a server that offers the board model alone: the sign-in page, the
suggestions, and an answer to thanks.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, Person, Site, open_context, serving, sign_up
from tests.e2e.test_look import SIZES

LANGUAGES = {"ko-KR": "추천 질문", "en-GB": "Suggestions"}
VERBATIM = re.compile("^(원문 그대로|Word for word)")


@pytest.fixture(scope="module")
def keyless(browser, tmp_path_factory) -> Iterator[Site]:
    models = {"DEFAULT_MODEL": "board", "CHAT_MODELS": "board"}
    with serving(tmp_path_factory.mktemp("keyless"), **models) as found:
        yield found


@pytest.fixture
def newcomer(keyless, browser) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def make(**options) -> Person:
        people.append(open_context(keyless.url, browser, **options))
        return people[-1]

    yield make
    for person in people:
        person.context.close()
    assert [person.faults for person in people] == [[] for _ in people]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_suggestion_is_answered_with_a_line(newcomer, locale):
    user = newcomer(locale=locale)
    sign_up(user.url, user)
    suggestions = user.go("/").get_by_role("list", name=LANGUAGES[locale]).get_by_role("button")
    expect(suggestions).to_have_count(4)
    for number in range(4):
        user.go("/")
        suggestions.nth(number).click()
        user.question.press("Enter")
        user.page.wait_for_url("**/c/*")
        expect(user.page.get_by_role("button", name=VERBATIM).first).to_be_visible()


def test_thanks_cost_nothing(newcomer):
    user = newcomer()
    sign_up(user.url, user)
    user.go("/")
    expect(user.page.get_by_text("5 of 5 left today")).to_be_visible()
    user.ask("Thank you!")
    answer = user.page.get_by_role("article", name="Answer")
    expect(answer).to_contain_text("You are welcome!")
    expect(answer).to_contain_text("Nothing was charged.")
    expect(user.page.get_by_text("5 of 5 left today")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "line", "allowance"),
    [
        ("en-GB", "some of us are looking at the stars", "You can ask 5 questions a day."),
        ("ko-KR", "한 점 부끄럼이 없기를”", "하루에 5번까지 질문할 수 있습니다."),
    ],
)
def test_the_sign_in_page_says_what_daesa_is(newcomer, locale, line, allowance):
    user = newcomer(locale=locale)
    page = user.go("/login")
    figure = page.get_by_role("figure")
    expect(figure).to_contain_text(line)
    expect(figure.get_by_text(VERBATIM)).to_be_visible()
    expect(page.get_by_text(allowance)).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en-GB", "Please fill this in."), ("ko-KR", "입력해 주십시오.")],
)
def test_an_empty_form_is_told_in_the_words_of_the_page(newcomer, locale, text):
    page = newcomer(locale=locale).go("/login")
    page.locator("button[type=submit]").first.click()
    expect(page.get_by_text(text).first).to_be_visible()
    expect(page.locator("input[name=email]")).to_be_focused()


NEWCOMER = {
    "en-GB": {
        "join": "Join",
        "joining": "Join Daesa",
        "email": "Email",
        "password": "Password",
        "left": "{} of 5 left today",
        "spent": "You can ask again tomorrow at 00:00",
        "free": "A greeting or thanks is still answered.",
        "thanks": "Thank you!",
        "welcome": "You are welcome!",
        "send": "Send",
    },
    "ko-KR": {
        "join": "가입하기",
        "joining": "대사에 가입",
        "email": "이메일",
        "password": "비밀번호",
        "left": "오늘 {}/5회 남음",
        "spent": "내일 00:00부터 다시 질문할 수 있습니다.",
        "free": "인사와 감사의 말에는 계속 답합니다.",
        "thanks": "고맙습니다!",
        "welcome": "천만에요",
        "send": "보내기",
    },
}


@SIZES
@pytest.mark.parametrize("locale", NEWCOMER)
def test_a_newcomer_joins_asks_reads_a_mark_and_uses_up_the_day(newcomer, locale, size):
    words = NEWCOMER[locale]
    user = newcomer(locale=locale, **size)
    page = user.go("/")
    expect(page.get_by_role("figure").get_by_text(VERBATIM)).to_be_visible()
    user.follow(words["join"], words["joining"])
    page.get_by_label(words["email"]).fill(user.email)
    page.get_by_label(words["password"], exact=True).fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.get_by_role("list", name=LANGUAGES[locale]).get_by_role("button").first.click()
    expect(page.get_by_text(words["left"].format(5))).to_be_in_viewport()
    send = page.get_by_role("button", name=words["send"], exact=True)
    send.click()
    page.wait_for_url("**/c/*")
    mark = page.get_by_role("button", name=VERBATIM).first
    label = mark.get_attribute("aria-label")  # hidden behind a phone's sheet
    mark.click()
    quoted = page.get_by_role("dialog").locator("blockquote").last
    expect(quoted).to_be_in_viewport()
    assert quoted.inner_text().strip("“”")[:10] in label
    page.keyboard.press("Escape")
    expect(quoted).to_be_hidden()
    for left in (3, 2, 1, 0):
        expect(page.locator("article[aria-busy=true]")).to_have_count(0)
        user.question.fill(f"서시 {left}")
        send.click()
        expect(page.get_by_text(words["left"].format(left)).first).to_be_in_viewport()
    expect(page.get_by_text(words["spent"]).first).to_be_visible()
    expect(page.get_by_text(words["free"])).to_be_visible()
    question = "서시 " * 30
    user.question.fill(question)
    expect(send).to_be_disabled()
    expect(user.question).to_have_value(question)
    user.ask(words["thanks"])  # may be small talk, which the board answers at no cost
    expect(page.get_by_role("article").last).to_contain_text(words["welcome"])
    expect(page.get_by_text(words["left"].format(0)).first).to_be_in_viewport()


@pytest.mark.parametrize(("path", "locale"), [("/reset", "ko-KR"), ("/verify-email", "en-GB")])
def test_a_dead_link_of_a_mail_is_told_when_it_is_opened(newcomer, path, locale):
    page = newcomer(locale=locale).go(f"{path}#1-dead")
    expect(
        page.get_by_text(re.compile("^(더 이상 쓸 수 없는 링크|This link is no longer)"))
    ).to_be_visible()
    expect(page.locator("button[type=submit]")).to_have_count(0)


def test_there_is_an_icon_for_what_asks_for_it_by_habit(keyless, newcomer):
    answer = newcomer().context.request.get(f"{keyless.url}/favicon.ico")
    assert answer.ok
    assert answer.body()[:4] == b"\x00\x00\x01\x00"
