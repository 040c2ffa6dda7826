"""How many elements Chromium styles in one task. Where that grows with the conversation, the page
stands still, and on a fast machine no clock notices it.
"""

import json

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.measure import ARE_RENDERED, MIXED

ONE_ANSWER = 40 * 18  # elements of an answer that has MIXED 40 times, at least
LONG_ANSWERS = 12


def most_at_once(browser: Browser) -> int:
    events = json.loads(browser.stop_tracing())["traceEvents"]
    counts: list[int] = [
        event["args"]["elementCount"] for event in events if event["name"] == "UpdateLayoutTree"
    ]
    assert counts
    return max(counts)


def test_what_is_above_is_not_styled_again_while_an_answer_grows(person, browser):
    user = person()
    page = user.go("/")
    user.question.fill(f"[[say: {MIXED}]] [[times: 40]] [[chunks: 80]] [[slow: 0.02]]")
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("button", name="Answer again")).to_be_visible()
    assert page.locator(".prose *").count() > ONE_ANSWER
    assert most_at_once(browser) < ONE_ANSWER / 2


def test_a_long_conversation_is_styled_as_it_comes_into_sight(person, browser, site: Site):
    user = person()
    given = f"{user.email!r}, {LONG_ANSWERS}, {MIXED * 40!r}"
    site.manage("shell", "-c", f"from tests.e2e.seed import *; plant_answers({given})")
    page = user.go("/")
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.get_by_role("link", name="Long answers").click()
    page.wait_for_function(ARE_RENDERED, arg=LONG_ANSWERS, polling=500)
    assert most_at_once(browser) < ONE_ANSWER
