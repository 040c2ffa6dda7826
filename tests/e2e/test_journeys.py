"""Two people's ways through the site, in both languages, on a desktop and on a phone: someone who
comes back to old conversations, and a reviewer with a submitter. A newcomer's is in
test_first_minute.py, beside the server that needs no key.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, STAFF, Person
from tests.e2e.test_look import LINE, SIZES

LOCALES = pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
WORDS = {
    "en-GB": {
        "email": "Email",
        "password": "Password",
        "menu": "Menu",
        "search": re.compile("^Search"),
        "edit": "Edit question",
        "go": "Go ahead",
        "edited": "Edited question",
        "again": "Send again",
        "stop": "Stop",
        "stopped": "The answer was stopped here.",
        "board": "Board",
        "copy": "Copy",
        "copied": "The line is copied.",
        "submit": "Submit a line",
        "line": "Line",
        "send": "Submit for review",
        "pending": "In review",
        "applied": "Approved",
        "declined": "Declined",
        "keys": "Keyboard shortcuts",
        "verbatim": re.compile("^Word for word"),
        "wrong": "This mark is wrong",
        "report": "Send to the reviewers",
        "reported": "Reviewers will look at it.",
        "waiting": re.compile(r"^\d+ lines? waits? for your review"),
        "marks": re.compile(r"^\d+ reported marks? to look at"),
        "reason": "Reason",
        "settle": "The mark is right",
        "settled": "Reviewers find that the mark is right.",
    },
    "ko-KR": {
        "email": "이메일",
        "password": "비밀번호",
        "menu": "메뉴",
        "search": re.compile("^검색"),
        "edit": "질문 수정",
        "go": "계속하기",
        "edited": "수정한 질문",
        "again": "다시 보내기",
        "stop": "멈추기",
        "stopped": "답변을 여기서 멈췄습니다.",
        "board": "게시판",
        "copy": "복사",
        "copied": "대사를 복사했습니다.",
        "submit": "대사 제출",
        "line": "대사",
        "send": "제출",
        "pending": "검토 중",
        "applied": "승인",
        "declined": "반려",
        "keys": "단축키",
        "verbatim": re.compile("^원문 그대로"),
        "wrong": "이 표시가 틀렸습니다",
        "report": "검토자에게 보내기",
        "reported": "검토자가 확인할 예정입니다.",
        "waiting": re.compile(r"^\d+ 검토를 기다리는 대사"),
        "marks": re.compile(r"^\d+ 신고된 표시 확인 대기"),
        "reason": "사유",
        "settle": "표시가 맞음",
        "settled": "검토자는 표시가 맞다고 판단했습니다.",
    },
}


def write(user: Person, path: str, data: dict[str, str]) -> None:
    """What the person did another day, by the API."""
    [token] = [c["value"] for c in user.context.cookies() if c["name"] == "csrftoken"]
    headers = {"X-CSRFToken": token, "Origin": user.url}
    answer = user.context.request.post(user.url + path, data=data, headers=headers)
    assert answer.ok, answer.text()


def sign_in(page: Page, email: str, words: dict) -> None:
    page.get_by_label(words["email"]).fill(email)
    page.get_by_label(words["password"], exact=True).fill(PASSWORD)
    page.locator("form:has(input[name=email]) button[type=submit]").first.click()


def open_sidebar(page: Page, size: dict, words: dict) -> None:
    if size:
        page.get_by_role("button", name=words["menu"], exact=True).click()


@LOCALES
@SIZES
def test_someone_comes_back_to_an_old_conversation(person, locale, size):
    words = WORDS[locale]
    permissions = ["clipboard-read", "clipboard-write"]
    user = person(locale=locale, permissions=permissions, **size)
    write(user, "/chat", {"content": "Where is the lighthouse? 등대"})
    user.context.clear_cookies()
    page = user.go("/")
    sign_in(page, user.email, words)
    expect(user.question).to_be_visible()

    open_sidebar(page, size, words)
    page.get_by_role("button", name=words["search"]).click()
    page.get_by_role("searchbox").fill("등대")
    page.get_by_role("dialog").get_by_role("link", name="lighthouse").last.click()
    expect(page.get_by_role("group", name=re.compile("lighthouse")).first).to_be_in_viewport()
    answers = page.locator("article[aria-busy=false] .prose")
    user.ask("Who keeps it?")
    expect(answers.last).to_contain_text("Who keeps it?")

    page.get_by_role("button", name=words["edit"]).last.click()
    page.get_by_role("button", name=words["go"]).click()
    page.get_by_label(words["edited"]).fill("Who built it?")
    page.get_by_role("button", name=words["again"], exact=True).click()
    expect(answers.last).to_contain_text("Who built it?")
    expect(page.get_by_text("2/2")).to_be_visible()

    user.ask("Count [[chunks: 600]] [[slow: 0.1]]")
    expect(page.get_by_role("article").last).to_contain_text("1 2 3")
    page.get_by_role("button", name=words["stop"], exact=True).click()
    expect(page.get_by_text(words["stopped"])).to_be_visible()
    page.keyboard.press("Control+Shift+.")
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name=words["keys"])).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    open_sidebar(page, size, words)
    page.get_by_role("link", name=words["board"], exact=True).click()
    page.get_by_role("article").first.get_by_role("link").first.click()
    page.get_by_role("button", name=words["copy"], exact=True).click()
    expect(page.get_by_text(words["copied"]).first).to_be_visible()
    page.go_back()
    page.get_by_role("link", name=words["submit"]).click()
    line = f"A line of {user.email}"
    page.get_by_role("textbox", name=words["line"], exact=True).fill(line)
    page.get_by_role("button", name=words["send"], exact=True).click()
    mine = page.get_by_role("article").filter(has_text=line)
    expect(mine.get_by_text(words["pending"])).to_be_visible()


@LOCALES
@SIZES
def test_a_reviewer_decides_and_the_submitter_reads_it(visitor, person, locale, size):
    words = WORDS[locale]
    user = person(locale=locale, **size)
    good, bad = (f"{quality} line of {user.email}" for quality in ("A good", "A bad"))
    for line in (good, bad):
        write(user, "/quote", {"content": line})
    page = user.go("/")
    user.ask(f"부끄럼 [[say: “{LINE}”]]")
    page.get_by_role("button", name=words["verbatim"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words["wrong"]).click()
    dialog.get_by_role("button", name=words["report"]).click()
    expect(dialog.get_by_role("status")).to_contain_text(words["reported"])

    staff = visitor(locale=locale, **size).go("/admin/")
    sign_in(staff, STAFF, words)
    staff.wait_for_url("**/admin/")
    waiting = staff.get_by_role("link", name=words["waiting"])
    count = int(re.match(r"\d+", waiting.inner_text()).group())
    assert count >= 2
    marks = staff.get_by_role("link", name=words["marks"]).get_attribute("href")
    waiting.click()
    shown = staff.locator("blockquote.field-content")
    while shown.inner_text() != good:  # what other tests have submitted
        before = staff.url
        press(staff, size, "n")
        expect(staff).not_to_have_url(before)
    press(staff, size, "a")
    expect(shown).to_have_text(bad)
    staff.get_by_label(words["reason"]).select_option(index=2)
    staff.locator("h1").first.click()  # out of the field, where keys are typed
    press(staff, size, "d")
    expect(shown.filter(has_text=bad)).to_have_count(0)  # the queue may be empty now
    staff.goto(user.url + marks)
    expect(staff.locator("mark")).to_have_text(LINE)
    staff.get_by_role("button", name=words["settle"]).click()
    staff.goto(f"{user.url}/admin/")
    left = staff.get_by_role("link", name=words["waiting"])
    expect(left.get_by_text(str(count - 2), exact=True)).to_be_visible()

    page.reload()
    page.get_by_role("button", name=words["verbatim"]).click()
    expect(dialog).to_contain_text(words["settled"])
    rows = user.go("/quotes/mine").get_by_role("article")
    expect(rows.filter(has_text=good)).to_contain_text(words["applied"])
    expect(rows.filter(has_text=bad)).to_contain_text(words["declined"])


def press(page: Page, size: dict, key: str) -> None:
    """What a key does, on a phone by touch. Before the page is complete, it ignores keys."""
    page.wait_for_load_state("domcontentloaded")
    if size:
        page.locator(f"[data-key={key}]").click()
    else:
        page.keyboard.press(key)
