"""Limits of the size of a first visit; `python -m tests.e2e.measure` prints the sizes."""

import re

from playwright.sync_api import expect

from tests.e2e.measure import scripts

LINE = "죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를"
# Bytes, as gzip; over HTTPS they come as Brotli, an eighth less.
NEW_CHAT, WITH_ANSWERS, FIRST_LOAD = 192_000, 222_000, 600_000
OPENED = 28_000  # what the first opened citation loads, with what places all popovers and menus


def test_the_weight_of_a_first_visit(person):
    user = person(locale="ko-KR")
    page = user.go("/")
    expect(user.question).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert scripts(page) < NEW_CHAT
    weight = page.evaluate(
        "performance.getEntriesByType('resource').reduce((sum, e) => sum + e.encodedBodySize, 0)"
    )
    assert weight < FIRST_LOAD
    user.ask(f"부끄럼 [[say: “{LINE}”\n\n```js\nlet a = 1\n```\n\n| a |\n|---|\n| 1 |]]")
    expect(page.locator(".prose pre")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert scripts(page) < WITH_ANSWERS
    # What a citation opens is loaded then.
    page.get_by_role("button", name=re.compile("^원문 그대로")).click()
    expect(page.get_by_role("dialog")).to_contain_text("윤동주, 서시")
    page.wait_for_load_state("networkidle")
    assert scripts(page) < WITH_ANSWERS + OPENED
