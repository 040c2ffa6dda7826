"""What the model thinks before it answers is shown folded, and is no part of the answer."""

import re

from playwright.sync_api import expect


def test_thinking_is_shown_folded(person):
    user = person()
    page = user.go("/")
    user.ask("Well? [[think: Hm, let me see.]] [[say: So it is.]]")
    fold = page.get_by_role("button", name=re.compile(r"Thought for \d+ s"))
    expect(fold).to_be_visible()
    expect(page.get_by_text("Hm, let me see.", exact=True)).to_have_count(0)
    fold.click()
    expect(page.get_by_text("Hm, let me see.", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("So it is.", exact=True)).to_be_visible()
    expect(fold).to_have_count(0)
