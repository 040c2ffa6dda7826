"""Nothing in sight moves while a conversation is opened: Chromium's cumulative layout shift.

Shifts soon after a click count here, too: they are as visible as others.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Site
from tests.e2e.measure import ARE_RENDERED, MIXED

GOOD = 0.1  # what Core Web Vitals call good
NOTE = """
window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach(({value, sources}) => shifts.push([
    value,
    ...sources.map(({node, previousRect: before, currentRect: now}) =>
        `${node?.nodeName}.${node?.className} ${before.y}+${before.height} ${now.y}+${now.height}`),
]))).observe({type: "layout-shift", buffered: true});
"""
MARKS = "“Words that nobody has said” are here, and **more**. " * 60
CONVERSATIONS = {
    "long answers": (12, MIXED * 20),
    "answers with marks": (12, MARKS),
    "one long answer": (1, MIXED * 30),
    "answers that fill half of the screen": (6, MIXED),
    "three short answers": (3, "Yes."),
    "many short answers": (30, "Yes.\n\nOr no."),
}


def planted(site: Site, email: str, name: str) -> int:
    count, text = CONVERSATIONS[name]
    site.manage(
        "shell",
        "-c",
        f"from tests.e2e.seed import *; plant_answers({email!r}, {count}, {text!r})",
    )
    return count


def moved(page: Page) -> list[Any]:
    shifts: list[Any] = page.evaluate("shifts")
    return shifts if sum(shift[0] for shift in shifts) >= GOOD else []


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_nothing_moves_while_a_conversation_is_opened(person, site: Site, name):
    user = person()
    count = planted(site, user.email, name)
    user.page.add_init_script(NOTE)
    page = user.go("/")
    link = page.get_by_role("link", name="Long answers")
    link.wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate("shifts.length = 0")
    link.click()
    page.wait_for_function(ARE_RENDERED, arg=count, polling=500)
    assert moved(page) == []
    user.go(page.url.removeprefix(user.url))
    page.wait_for_function(ARE_RENDERED, arg=count, polling=500)
    assert moved(page) == []
