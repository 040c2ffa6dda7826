"""`make screenshots`: every page × desktop and phone × light and dark × Korean and English, as PNG
files in a directory (by default var/screenshots), for eyes to judge.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.conftest import Person, chromium, open_context, serving, sign_up

SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
LOCALES = {"ko": "ko-KR", "en": "en-GB"}
LONG = """Three ways to say it:

1. **Plainly**, as in `say(line)`
2. With a table, which may be wide
3. In code

| Line | Speaker | Work | Year | Where it is said and why it matters to us |
|---|---|---|---|---|
| 잎새에 이는 바람에도 나는 괴로워했다. | 윤동주 | 서시 | 1941 | in the second line of the poem |
| To be, or not to be | Hamlet | Hamlet | 1601 | act three, scene one |

```python
def say(line: str) -> str:
    return f"{line} and a very long line of code that has to scroll inside of its own box, not the page"
```

See https://example.com/a/very/long/address/that/never/ends/and/has/no/spaces/at/all/in/it?with=parameters&and=more
"""
QUOTED = "그는 이렇게 썼습니다.\n\n> “죽는 날까지 하늘을 우러러 한 점 부끄럼이 없기를”\n\n한 점 부끄럼도 없이 살겠다는 다짐입니다."


def main() -> int:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "var/screenshots")
    path = chromium()
    if path is None:
        print("There is no Chromium (on Debian: apt install chromium)", file=sys.stderr)
        return 1
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        serving(Path(data), DAILY_CHAT_LIMIT="5") as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for size in SIZES:
            for language in LOCALES:
                shoot(browser, site.url, size, language, target)
        browser.close()
    print(f"{len(list(target.glob('*.png')))} screenshots are in {target}")
    return 0


def shoot(browser: Browser, url: str, size: str, language: str, target: Path) -> None:
    options = {**SIZES[size], "locale": LOCALES[language]}
    stranger = open_context(url, browser, **options)
    person = open_context(url, browser, **options)
    sign_up(url, person)
    conversations = fill(person)
    for name, prepare in (GUEST_PAGES | PAGES).items():
        someone = stranger if name in GUEST_PAGES else person
        if not prepare(someone, conversations):
            continue
        for theme in ("light", "dark"):
            someone.page.emulate_media(color_scheme=theme)
            someone.page.wait_for_timeout(150)
            someone.page.screenshot(path=target / f"{name}-{size}-{theme}-{language}.png")
    stranger.context.close()
    person.context.close()


def fill(person: Person) -> list[str]:
    """Conversations and lines to be seen; returns the paths of the conversations."""
    paths = []
    page = person.page
    for text in (f"세 가지 방법 [[say: {LONG}]]", f"서시의 부끄럼 [[say: {QUOTED}]]", "Fail [[fault: 500]]"):
        person.go("/")
        person.ask(text)
        page.get_by_role("article").nth(1).wait_for()
        page.wait_for_url("**/c/*")
        page.locator('article[aria-busy="false"]').first.wait_for(timeout=20_000)
        paths.append(page.url.removeprefix(person.url))
    for line, speaker in (("기다리는 대사 한 줄", "하나"), ("A line that waits for its review", "Hana")):
        person.go("/quotes/new")
        page.locator("[name=content]").fill(line)
        page.locator("[name=speaker]").fill(speaker)
        page.locator("main button[type=submit]").click()
        page.wait_for_url("**/quotes/mine")
    return paths


Prepare = Callable[[Person, list[str]], bool]


def at(path: str) -> Prepare:
    def prepare(person: Person, _conversations: list[str]) -> bool:
        settle(person.go(path))
        return True

    return prepare


def conversation(number: int) -> Prepare:
    def prepare(person: Person, conversations: list[str]) -> bool:
        settle(person.go(conversations[number]))
        return True

    return prepare


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(250)


def is_phone(page: Page) -> bool:
    return page.viewport_size is not None and page.viewport_size["width"] < 900


def cited(person: Person, conversations: list[str]) -> bool:
    settle(person.go(conversations[1]))
    person.page.locator(".prose button[aria-label]").first.click()
    settle(person.page)
    return True


def drawer(person: Person, _conversations: list[str]) -> bool:
    if not is_phone(person.page):
        return False
    settle(person.go("/"))
    person.page.locator("header button").first.click()
    settle(person.page)
    return True


def search(person: Person, _conversations: list[str]) -> bool:
    settle(person.go("/"))
    person.page.keyboard.press("Control+k")
    person.page.locator("[role=dialog] input").fill("서시")
    person.page.wait_for_timeout(600)
    settle(person.page)
    return True


def writing(person: Person, _conversations: list[str]) -> bool:
    settle(person.go("/"))
    person.question.fill("천천히 세어 줘 [[chunks: 60]] [[slow: 0.1]]")
    person.page.locator("form button[type=submit]").last.click()
    person.page.wait_for_timeout(2500)
    return True


def offline(person: Person, _conversations: list[str]) -> bool:
    settle(person.go("/quotes"))
    person.context.set_offline(True)
    person.page.locator("main nav a").last.click()
    person.page.wait_for_timeout(800)
    return True


def spent(person: Person, conversations: list[str]) -> bool:
    person.context.set_offline(False)
    settle(person.go(conversations[0]))
    while person.page.locator("form button[type=submit]").last.is_visible():
        person.question.fill("하나 더")
        if person.page.locator("form button[type=submit]").last.is_disabled():
            break
        person.page.locator("form button[type=submit]").last.click()
        person.page.wait_for_timeout(1500)
    settle(person.page)
    return True


GUEST_PAGES: dict[str, Prepare] = {
    "login": at("/login"),
    "join": at("/join"),
    "reset": at("/reset"),
}
PAGES: dict[str, Prepare] = {
    "new": at("/"),
    "chat": conversation(0),
    "cited": conversation(1),
    "citation": cited,
    "failed": conversation(2),
    "drawer": drawer,
    "search": search,
    "board": at("/quotes"),
    "board-empty": at("/quotes?q=nothing-like-this"),
    "quote": at("/quotes/1"),
    "quote-missing": at("/quotes/999999"),
    "submit": at("/quotes/new"),
    "mine": at("/quotes/mine"),
    "settings": at("/settings"),
    "settings-security": at("/settings/security"),
    "settings-data": at("/settings/data"),
    "not-found": at("/nothing/here"),
    "writing": writing,
    "offline": offline,
    "spent": spent,
}

if __name__ == "__main__":
    sys.exit(main())
