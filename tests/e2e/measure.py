"""`python -m tests.e2e.measure` measures the page's sizes and times in the system's Chromium.

Bytes are those on the wire (Brotli). LCP, CLS and long tasks are Chromium's own entries. Arguments
choose measurements by their names: `load`, `list`, `table` and so on.
"""

import gzip
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.chromium import PAGE, chromium, missing
from tests.e2e.conftest import Person, Site, open_context, serving, sign_up

OBSERVE = """
window.seen = {lcp: 0, cls: 0, tasks: []};
const observe = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({type, buffered: true});
observe("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
observe("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
observe("longtask", (entry) => seen.tasks.push(Math.round(entry.duration)));
"""
# Resets the figures, and notes the longest time between two frames.
FRAMES = """
Object.assign(seen, {tasks: [], cls: 0, frame: 0});
let last = performance.now();
requestAnimationFrame(function note(now) {
    seen.frame = Math.max(seen.frame, now - last);
    last = now;
    requestAnimationFrame(note);
});
"""
RESOURCES = """
performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .map((entry) => [new URL(entry.name).pathname, entry.encodedBodySize])
"""
# A typical answer, and the worst cases for the page: one long block of each kind.
MIXED = (
    "## A heading\n\nSome **bold** words, a [link](https://example.com) and `code` in a line "
    "that goes on for a while.\n\n- one\n- **two**\n- three\n\n```js\nconst a = 1;\n```\n\n"
    "| line | speaker |\n|---|---|\n| “To be” | *Hamlet* |\n\n"
)
ANSWERS = {
    "headings, lists, tables, code": (MIXED, 50),
    "one list": ("- an item with **bold** words and `code`\n", 250),
    "one block of code": ("const answer = await ask('to be or not to be');\n", 220),
    "one table": ("| **a** | `b` | some words in a cell |\n|---|---|---|\n", 220),
    "one paragraph": ("Words that go on, **bold** ones too. ", 275),
    "one paragraph of one sentence": ("words that go on and on ", 833),
    "one paragraph of 2,000 lines": ("Words of a line\n", 2000),
    "many marks": ("“Words that nobody has said” are here, and **more**. ", 200),
    "deep lists": ("".join(f"{'  ' * deep}- item {deep}\n" for deep in range(40)) + "\n", 10),
    "deep quotations": ("".join(f"{'>' * deep} words\n" for deep in range(1, 40)) + "\n", 10),
}
# How many of them a conversation has that is opened.
CONVERSATIONS = (1, 30)
RUNS = int(os.environ.get("RUNS", "5"))


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
        figures = {name: take(browser, site) for name, take in measurements()}
        browser.close()
    sys.stdout.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    return 0


def measurements() -> Iterator[tuple[str, Callable[[Browser, Site], dict[str, Any]]]]:
    """The measurements whose names contain an argument of the command; all without arguments."""
    takes = {
        "first load, signed in, Korean": partial(load, locale="ko-KR"),
        "first load, signed in, English": partial(load, locale="en-GB"),
        **{
            name: partial(streams, text=text, times=times)
            for name, (text, times) in ANSWERS.items()
        },
        **{
            f"opened, {count} with {name}": partial(opened, text=text * times, count=count)
            for name, (text, times) in ANSWERS.items()
            for count in CONVERSATIONS
        },
    }
    words = sys.argv[1:] or [""]
    return ((name, take) for name, take in takes.items() if any(word in name for word in words))


def streams(browser: Browser, site: Site, text: str, times: int) -> dict[str, Any]:
    return summary([stream(browser, site, text, times) for _ in range(RUNS)])


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "characters": runs[0]["characters"],
        "longest task ms, by run": [max(run["tasks over 50 ms"], default="none") for run in runs],
        "longest task CPU ms, by run": [run["longest task, CPU ms"] for run in runs],
        "longest frame ms, by run": [run["longest frame ms"] for run in runs],
        "CLS, worst": max(run["CLS"] for run in runs),
    }


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
        "JavaScript as gzip": round(scripts(page) / 1000, 1),
        "all kB": round(sum(size for _, size in sizes) / 1000, 1),
        "requests": len(sizes),
        **vitals(page),
    }
    person.ask("[[say: ```js\nlet a = 1\n```]]")
    page.locator(".prose pre").wait_for()
    page.wait_for_load_state("networkidle")
    figures["with an answer: JavaScript kB"] = kilobytes(page.evaluate(RESOURCES), ".js")
    figures["the same as gzip"] = round(scripts(page) / 1000, 1)
    person.context.close()
    return figures


KINDS = {"JavaScript kB": ".js", "CSS kB": ".css", "fonts kB": ".woff2"}


def scripts(page: Page) -> int:
    """The bytes of all loaded scripts, compressed by gzip at its highest level."""
    names = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    paths = {urlsplit(name).path for name in names}
    files = [PAGE.parent / path[1:] for path in paths if path.endswith(".js")]
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def kilobytes(sizes: list[tuple[str, int]], ending: str) -> float:
    return round(sum(size for path, size in sizes if path.endswith(ending)) / 1000, 1)


def stream(browser: Browser, site: Site, text: str, times: int) -> dict[str, Any]:
    """The long tasks from sending to the end of an answer in 700 pieces, one every 5 ms."""
    person = signed_in(browser, site, "en-GB")
    page = person.go("/")
    person.question.fill(f"[[say: {text}]] [[times: {times}]] [[chunks: 700]] [[slow: 0.005]]")
    page.wait_for_timeout(1000)
    page.evaluate(FRAMES)
    browser.start_tracing(page=page, categories=["toplevel"])
    page.get_by_role("button", name="Send", exact=True).click()
    # A CSS selector, because polling for a role is itself a task of 50 ms in the page.
    page.locator("[aria-label='Answer again']").wait_for(timeout=120_000)
    page.wait_for_timeout(500)
    figures = {
        "characters": len(text) * times,
        "longest task, CPU ms": longest_task(browser.stop_tracing()),
        "longest frame ms": round(page.evaluate("seen.frame")),
        **vitals(page),
    }
    person.context.close()
    return figures


def opened(browser: Browser, site: Site, text: str, count: int) -> dict[str, Any]:
    return summary([open_stored(browser, site, text, count) for _ in range(RUNS)])


def open_stored(browser: Browser, site: Site, text: str, count: int) -> dict[str, Any]:
    """The long tasks from opening a conversation of such answers until all of it is rendered."""
    person = signed_in(browser, site, "en-GB")
    given = f"{person.email!r}, {count}, {text!r}"
    site.manage("shell", "-c", f"from tests.e2e.seed import *; plant_answers({given})")
    page = person.go("/")
    page.get_by_role("link", name="Long answers").wait_for()
    person.question.fill("Loads the code that renders answers")
    page.wait_for_timeout(1000)
    page.evaluate(FRAMES)
    browser.start_tracing(page=page, categories=["toplevel"])
    page.get_by_role("link", name="Long answers").click()
    page.wait_for_function(ARE_RENDERED, arg=count, timeout=120_000, polling=500)
    page.wait_for_timeout(500)
    figures = {
        "characters": len(text) * count,
        "longest task, CPU ms": longest_task(browser.stop_tracing()),
        "longest frame ms": round(page.evaluate("seen.frame")),
        **vitals(page),
    }
    person.context.close()
    return figures


# All answers have appeared, and nothing has changed since the last call.
ARE_RENDERED = """(count) => {
    const size = document.querySelectorAll("main *").length;
    const isSame = window.sizeBefore === size;
    window.sizeBefore = size;
    return isSame && document.querySelectorAll(".prose").length === count;
}"""


def longest_task(trace: bytes) -> int:
    """The CPU time of the page's longest task, which does not depend on other processes."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["tdur"]
        for event in events
        if event["name"].endswith("RunTask")
        and "tdur" in event
        and (event["pid"], event["tid"]) in mains
    ]
    return round(max(tasks) / 1000)


def vitals(page: Page) -> dict[str, Any]:
    seen = page.evaluate("seen")
    return {
        "LCP ms": round(seen["lcp"]),
        "CLS": round(seen["cls"], 4),
        "tasks over 50 ms": sorted(seen["tasks"], reverse=True)[:10],
    }


if __name__ == "__main__":
    sys.exit(main())
