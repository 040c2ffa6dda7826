"""A mark that is wrong: reported on the page, settled by reviewers, and told where the mark is."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import open_administration

LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
SECRET = "my private beginning " * 8


def test_a_reported_mark_reaches_reviewers_with_its_words_and_nothing_else(visitor, person):
    user = person()
    page = user.go("/")
    user.ask(f"부끄럼 [[say: {SECRET}“{LINE}”]]")
    chip = page.get_by_role("button", name=re.compile("^Word for word"))
    chip.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="This mark is wrong").click()
    expect(dialog).to_contain_text("up to 80 characters before and after them")
    expect(dialog.get_by_role("radio").first).to_be_focused()
    dialog.get_by_label("The speaker or the work").check()
    dialog.get_by_label("What would be right?").fill("It is the preface.")
    dialog.get_by_role("button", name="Send to the reviewers").click()
    expect(dialog.get_by_role("status")).to_contain_text("Reviewers will look at it.")
    expect(dialog.get_by_role("status")).to_be_focused()

    staff = open_administration(visitor())
    staff.get_by_role("link", name=re.compile("reported mark")).first.click()
    expect(staff.locator("mark")).to_have_text(LINE)
    expect(staff.locator("main")).to_contain_text("It is the preface.")
    expect(staff.locator("main")).to_contain_text("the speaker or the work is wrong")
    text = staff.content()
    assert user.email not in text
    assert SECRET.strip() not in text
    assert "[[say" not in text
    staff.get_by_role("textbox", name="Answer").fill("You are right.")
    staff.get_by_role("button", name="The mark is wrong").click()
    expect(staff.get_by_text("The report is settled.")).to_be_visible()

    page.reload()
    chip.click()
    expect(dialog).to_contain_text("Reviewers agree: the mark is wrong.")
    expect(dialog).to_contain_text("You are right.")
    expect(dialog.get_by_role("button", name="This mark is wrong")).to_have_count(0)


def test_on_a_phone_in_korean_a_report_is_sent_and_taken_back(person):
    user = person(locale="ko-KR", viewport={"width": 390, "height": 844}, has_touch=True)
    page = user.go("/")
    user.ask(f"부끄럼 [[say: “{LINE}”]]")
    page.get_by_role("button", name=re.compile("^원문 그대로")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="이 표시가 틀렸습니다").click()
    expect(dialog).to_contain_text("앞뒤 80자까지")
    dialog.get_by_role("button", name="검토자에게 보내기").click()
    expect(dialog.get_by_role("status")).to_contain_text("검토자가 확인할 예정입니다.")
    dialog.get_by_role("button", name="신고 취소").click()
    expect(dialog.get_by_role("button", name="이 표시가 틀렸습니다")).to_be_visible()
