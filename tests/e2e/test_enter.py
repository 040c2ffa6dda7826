"""Enter with input methods, simulated by CDP's Input domain as the operating system would."""

import pytest
from playwright.sync_api import CDPSession, expect


@pytest.fixture
def writer(person):
    user = person()
    user.go("/")
    user.question.click()
    return user


def compose(keys: CDPSession, text: str) -> None:
    keys.send(
        "Input.imeSetComposition",
        {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
    )


def commit(keys: CDPSession, text: str) -> None:
    keys.send("Input.insertText", {"text": text})


def enter(keys: CDPSession, *, composing: bool) -> None:
    """During a composition, Windows calls the key "Process"."""
    key = {"code": "Enter", "windowsVirtualKeyCode": 229, "key": "Process"}
    if not composing:
        key = {"code": "Enter", "windowsVirtualKeyCode": 13, "key": "Enter", "text": "\r"}
    keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def test_enter_within_a_hangul_syllable_sends_all_of_it_once(writer):
    keys = writer.context.new_cdp_session(writer.page)
    commit(keys, "안녕하세")
    compose(keys, "ㅇ")
    compose(keys, "요")
    enter(keys, composing=True)
    commit(keys, "요")
    enter(keys, composing=False)  # some systems repeat the event
    expect(writer.page.get_by_role("article", name="You")).to_have_count(1)
    expect(writer.page.get_by_role("article", name="You")).to_have_text("안녕하세요")
    expect(writer.question).to_have_value("")
    expect(writer.page.get_by_text("4 of 5 left today")).to_be_visible()


def test_enter_right_after_the_composition_sends_once_as_in_safari(writer):
    keys = writer.context.new_cdp_session(writer.page)
    compose(keys, "요")
    commit(keys, "요")
    enter(keys, composing=False)
    expect(writer.page.get_by_role("article", name="You")).to_have_text("요")
    expect(writer.question).to_have_value("")


def test_enter_that_chooses_kanji_does_not_send(writer):
    keys = writer.context.new_cdp_session(writer.page)
    compose(keys, "にほん")
    enter(keys, composing=True)
    commit(keys, "日本")
    # Longer than ECHO_MS of enterKey.ts, in which Enter would count as the end of the composition;
    # a text that was sent by mistake would be gone from the field by now.
    writer.page.evaluate("new Promise((resolve) => setTimeout(resolve, 100))")
    expect(writer.question).to_have_value("日本")
    enter(keys, composing=False)
    expect(writer.page.get_by_role("article", name="You")).to_have_text("日本")


def test_shift_and_enter_begin_a_new_line(writer):
    writer.question.press_sequentially("one")
    writer.question.press("Shift+Enter")
    writer.question.press_sequentially("two")
    expect(writer.question).to_have_value("one\ntwo")
    writer.question.press("Enter")
    expect(writer.page.get_by_role("article", name="You")).to_have_text("one\ntwo")


def test_on_a_phone_enter_is_a_new_line(person):
    user = person(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    user.go("/")
    user.question.press_sequentially("one")
    user.question.press("Enter")
    expect(user.question).to_have_value("one\n")
    user.page.get_by_role("button", name="Send", exact=True).click()
    expect(user.page.get_by_role("article", name="You")).to_have_text("one")
