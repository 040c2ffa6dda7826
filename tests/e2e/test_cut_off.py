"""An answer that ends before it is complete says so."""

from playwright.sync_api import expect


def test_an_answer_that_reaches_its_limit_says_so(person):
    user = person()
    page = user.go("/")
    user.ask("Words that go on for a while [[fault: length]]")
    note = page.get_by_text("The answer is cut off here, at the limit of its length.")
    expect(note).to_be_visible()
    page.reload()
    expect(note).to_be_visible()


def test_an_answer_that_the_filter_ends_says_so(person):
    user = person(locale="ko-KR")
    page = user.go("/")
    user.ask("이어지는 말 [[fault: filter]]")
    note = page.get_by_role("alert")
    expect(note).to_contain_text("모델의 콘텐츠 필터가 막아 답변이 여기서 잘렸습니다.")
    page.reload()
    expect(note).to_contain_text("모델의 콘텐츠 필터가 막아 답변이 여기서 잘렸습니다.")


def test_an_answer_that_was_cut_off_is_continued(person):
    user = person()
    page = user.go("/")
    user.ask("Tell me [[say: one, two, six, ten.]] [[fault: length]] [[then-say: and the rest.]]")
    expect(page.get_by_text("Takes none of today's questions")).to_be_visible()
    left = page.get_by_text("4 of 5 left today")
    expect(left).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    answer = page.get_by_role("article", name="Answer")
    expect(answer).to_contain_text("one, two, and the rest.")
    expect(page.get_by_text("The answer is cut off here")).to_have_count(0)
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
    expect(left).to_be_visible()
    page.reload()
    expect(answer).to_contain_text("one, two, and the rest.")


def test_a_continuation_that_fails_leaves_the_answer_as_it_was(person):
    user = person(locale="ko-KR")
    page = user.go("/")
    user.ask(
        "말해 줘 [[say: 하나, 둘, 여섯, 열.]] [[fault: length]] "
        "[[then-say: 그리고 나머지 말은 이것이다.]] [[then-slow: 0.3]] [[then-fault: die]]"
    )
    page.get_by_role("button", name="이어서 쓰기").click()
    note = page.get_by_role("alert")
    expect(note).to_contain_text("답변을 이어서 쓰지 못해 이전 내용을 그대로 두었습니다.")
    expect(note).to_contain_text("횟수는 차감되지 않았습니다.")
    expect(page.get_by_role("article", name="답변")).to_contain_text("하나, 둘,")
    note.get_by_text("이어서 쓰던 내용은 답변에 들어가지 않습니다.").click()
    expect(note.get_by_text("그리고", exact=False)).to_be_visible()
    page.reload()
    expect(note).to_contain_text("답변을 이어서 쓰지 못해")
    expect(note).not_to_contain_text("이어서 쓰던 내용")
    expect(page.get_by_role("button", name="이어서 쓰기")).to_be_visible()
