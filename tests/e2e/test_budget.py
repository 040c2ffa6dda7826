"""What a first visit may weigh. `python -m tests.e2e.measure` tells the figures themselves."""

import gzip
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.e2e.chromium import PAGE

NEW_CHAT, WITH_ANSWERS, FIRST_LOAD = 230_000, 260_000, 600_000


def scripts(page) -> int:
    """The bytes of all scripts that the page has loaded, as gzip packs them at its best."""
    names = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    paths = {urlsplit(name).path for name in names}
    files = [PAGE.parent / path[1:] for path in paths if path.endswith(".js")]
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def test_the_weight_of_a_first_visit(person):
    someone = person(locale="ko-KR")
    page = someone.go("/")
    expect(someone.question).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert scripts(page) < NEW_CHAT
    weight = page.evaluate(
        "performance.getEntriesByType('resource').reduce((sum, e) => sum + e.encodedBodySize, 0)"
    )
    assert weight < FIRST_LOAD
    someone.ask("안녕하세요")
    expect(page.locator(".prose")).to_be_visible()
    assert scripts(page) < WITH_ANSWERS
