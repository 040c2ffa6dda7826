"""A question that was asked before: its answer is given again at no unit, and is shown as such."""

import re

import pytest
from playwright.sync_api import expect

from tests import live
from tests.e2e.conftest import serving
from tests.e2e.test_access import PHONE, violations

WORDS = {
    "en-GB": {
        "question": "Who lights the lamp? [[say: The keeper does.]]",
        "answer": "The keeper does.",
        "before": r"^Answered before, on .*20\d\d.*\. Nothing was charged\.$",
        "ask_again": "Ask again",
        "answer_again": "Answer again",
        "go_ahead": "Go ahead",
        "versions": "2 of 2",
        "left": "{} of 5 left today",
        "article": "Answer",
    },
    "ko-KR": {
        "question": "누가 등불을 켭니까? [[say: 등대지기입니다.]]",
        "answer": "등대지기입니다.",
        "before": r"^20\d\d년 .*에 이미 답한 질문입니다\. 횟수는 차감되지 않았습니다\.$",
        "ask_again": "다시 질문하기",
        "answer_again": "답변 다시 받기",
        "go_ahead": "계속하기",
        "versions": "2개 중 2번째",
        "left": "오늘 {}/5회 남음",
        "article": "답변",
    },
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("stored"), ANSWER_CACHE="exact") as found:
        yield found


def times_asked(site, question: str) -> int:
    """How often the model was asked this."""
    upstream = site.env["OPENAI_BASE_URL"].removesuffix("/v1")
    bodies = [request["body"] for request in live.call(f"{upstream}/_/requests")]
    last = [body["messages"][-1]["content"] for body in bodies if body]
    return sum(question in content for content in last)


@pytest.mark.parametrize(("locale", "size"), [("en-GB", {}), ("ko-KR", PHONE)])
def test_it_is_given_again_and_asked_again(person, site, locale, size):
    words = WORDS[locale]
    user = person(locale=locale, **size)
    page = user.go("/")
    answer = page.get_by_role("article", name=words["article"])
    before = answer.get_by_text(re.compile(words["before"]))
    ask_again = answer.get_by_role("button", name=words["ask_again"])

    user.ask(words["question"])
    expect(answer).to_contain_text(words["answer"])
    expect(page.get_by_text(words["left"].format(4)).first).to_be_visible()
    expect(before).to_have_count(0)
    expect(ask_again).to_have_count(0)
    first = page.url

    user.go("/")
    user.ask(words["question"])
    expect(before).to_be_visible()
    assert page.url != first
    expect(answer).to_contain_text(words["answer"])
    expect(answer.get_by_role("button", name=words["answer_again"])).to_have_count(0)
    expect(page.get_by_text(words["left"].format(4)).first).to_be_visible()
    assert times_asked(site, words["question"]) == 1
    assert violations(page) == []
    page.reload()
    expect(before).to_be_visible()
    expect(page.get_by_text(words["left"].format(4)).first).to_be_visible()

    ask_again.click()
    page.get_by_role("button", name=words["go_ahead"]).click()
    expect(page.get_by_text(words["versions"])).to_be_visible()
    expect(answer).to_have_attribute("aria-busy", "false")
    expect(answer).to_contain_text(words["answer"])
    expect(before).to_have_count(0)
    expect(page.get_by_text(words["left"].format(3)).first).to_be_visible()
    assert times_asked(site, words["question"]) == 2
