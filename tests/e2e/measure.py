"""`python -m tests.e2e.measure`: what the page costs, in the system's Chromium and on this machine.

Bytes are those that crossed the wire (Brotli). LCP, CLS and long tasks are Chromium's own entries.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.chromium import chromium, missing
from tests.e2e.conftest import Person, Site, open_context, serving, sign_up

OBSERVE = """
window.seen = {lcp: 0, cls: 0, tasks: []};
const observe = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({type, buffered: true});
observe("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
observe("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
observe("longtask", (entry) => seen.tasks.push(Math.round(entry.duration)));
"""
RESOURCES = """
performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .map((entry) => [new URL(entry.name).pathname, entry.encodedBodySize])
"""
PART = (
    "## A heading\n\nSome **bold** words, a [link](https://example.com) and `code` in a line "
    "that goes on for a while.\n\n- one\n- two\n- three\n\n```js\nconst a = 1;\n```\n\n"
)


def main() -> int:
    if lacks := missing():
        sys.stderr.write(f"There is no {lacks}\n")
        return 1
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    with (
        tempfile.TemporaryDirectory() as data,
        serving(Path(data), DAILY_CHAT_LIMIT="50") as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=sandbox)
        figures = {
            "first load, signed in, /": load(browser, site, "ko-KR"),
            "the same in English": load(browser, site, "en-GB"),
            "a markdown answer of 7,800 characters": stream(browser, site, markdown()),
            "a paragraph of 10,000 characters": stream(browser, site, "[[chunks: 2230]]"),
        }
        browser.close()
    sys.stdout.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    return 0


def markdown() -> str:
    text = (PART * 60)[:7800]
    return f"[[say: {text}]] [[chunks: 600]]"


def signed_in(browser: Browser, site: Site, locale: str) -> Person:
    person = open_context(site.url, browser, locale=locale)
    sign_up(site.url, person)
    person.page.add_init_script(OBSERVE)
    return person


def load(browser: Browser, site: Site, locale: str) -> dict[str, Any]:
    person = signed_in(browser, site, locale)
    page = person.go("/")
    page.locator("main textarea").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    sizes = page.evaluate(RESOURCES)
    figures = {
        **{kind: kilobytes(sizes, ending) for kind, ending in KINDS.items()},
        "all kB": round(sum(size for _, size in sizes) / 1000, 1),
        "requests": len(sizes),
        **vitals(page),
    }
    person.context.close()
    return figures


KINDS = {"JavaScript kB": ".js", "CSS kB": ".css", "fonts kB": ".woff2"}


def kilobytes(sizes: list[tuple[str, int]], ending: str) -> float:
    return round(sum(size for path, size in sizes if path.endswith(ending)) / 1000, 1)


def stream(browser: Browser, site: Site, asked: str) -> dict[str, Any]:
    """The long tasks from sending to the end of an answer whose pieces come every 5 ms."""
    person = signed_in(browser, site, "en-GB")
    page = person.go("/")
    person.question.fill(f"{asked} [[slow: 0.005]]")
    page.wait_for_timeout(1000)
    page.evaluate("seen.tasks = []; seen.cls = 0")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("button", name="Answer again")).to_be_visible(timeout=120_000)
    page.wait_for_timeout(500)
    length = len(page.get_by_role("article", name="Answer").locator(".prose").inner_text())
    figures = {"characters shown": length, **vitals(page)}
    person.context.close()
    return figures


def vitals(page: Page) -> dict[str, Any]:
    seen = page.evaluate("seen")
    return {
        "LCP ms": round(seen["lcp"]),
        "CLS": round(seen["cls"], 4),
        "tasks over 50 ms": sorted(seen["tasks"], reverse=True)[:10],
    }


if __name__ == "__main__":
    sys.exit(main())
