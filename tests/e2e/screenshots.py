"""`make screenshots`: every page × desktop and phone × light and dark × Korean and English, as PNG
files in a directory (by default var/screenshots). Arguments after the directory choose pages.
"""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.chromium import chromium, missing
from tests.e2e.conftest import STAFF, Person, Site, open_context, serving, sign_in, sign_up
from tests.e2e.seed import seeded

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
SPENT = {"ko": "그럼 별 헤는 밤은?", "en": "And what about the stars?"}
# Only their buttons are shown.
PROVIDERS = {
    f"{name}_CLIENT_{part}": "shown-only"
    for name in ("KAKAO", "NAVER", "GOOGLE", "GITHUB", "OIDC")
    for part in ("ID", "SECRET")
} | {"OIDC_ISSUER": "https://id.example.com", "OIDC_NAME": "Example ID"}
# Sites that do not let everybody join: what their servers are given, and the page's address.
JOINING = {
    "join-approval": (
        {
            "SIGNUP": "approval",
            "SIGNUP_DOMAINS": "school.example,.uni.example",
            "EMAIL_VERIFICATION": "mandatory",
        },
        "/join",
    ),
    "join-invite": ({"SIGNUP": "invite"}, "/join#invite=ended"),
    "join-closed": ({"SIGNUP": "closed"}, "/join"),
}
MODELS = {"DEFAULT_MODEL": "gpt-4o-mini", "CHAT_MODELS": "gpt-4o-mini,board"}
Paths = dict[str, str]
# Brings the page into the state to be shown; False if there is none at this size.
Prepare = Callable[[Person, Paths], bool]


def main() -> int:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "var/screenshots")
    if lacks := missing():
        sys.stderr.write(f"There is no {lacks}\n")
        return 1
    target.mkdir(parents=True, exist_ok=True)
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=sandbox)
        shoot_all(browser, target, sys.argv[2:] or [*ALL_PAGES, *JOINING])
        browser.close()
    sys.stdout.write(f"{len(list(target.glob('*.png')))} screenshots are in {target}\n")
    return 0


def shoot_all(browser: Browser, target: Path, chosen: list[str]) -> None:
    """Each page in each size and language, from a server with the settings that it needs."""
    kinds = [(size, language) for size in SIZES for language in LOCALES]
    if on_the_site := [name for name in chosen if name not in JOINING]:
        with new_site(**MODELS, **PROVIDERS) as site:
            for size, language in kinds:
                shoot(browser, site, size, language, target, on_the_site)
    for name in JOINING.keys() & chosen:
        settings, path = JOINING[name]
        with new_site(**settings) as site:
            for size, language in kinds:
                options = {**SIZES[size], "locale": LOCALES[language]}  # type: ignore[dict-item]
                guest = open_context(site.url, browser, **options)
                said = guest.go(path).locator("main [role=status], main [role=alert]")
                said.first.wait_for()
                guest.page.evaluate("document.fonts.ready")
                shoot_themes(guest, target, f"{name}-{size}", language)
                guest.context.close()


@contextmanager
def new_site(**settings: str) -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as data, serving(Path(data), **settings) as site:
        yield site


def shoot(
    browser: Browser, site: Site, size: str, language: str, target: Path, chosen: list[str]
) -> None:
    options = {**SIZES[size], "locale": LOCALES[language]}  # type: ignore[dict-item]
    guest = open_context(site.url, browser, **options)
    person = open_context(site.url, browser, **options)
    sign_up(site.url, person)
    paths = seeded(site, person.email, language)
    staff = open_context(site.url, browser, **options)
    staff.email = STAFF
    sign_in(site.url, staff)
    for name in chosen:
        prepare = ALL_PAGES[name]
        user = guest if name in GUEST_PAGES else staff if name in STAFF_PAGES else person
        if name == "spent":
            site.manage("shell", "-c", f"from tests.e2e.seed import spend; spend({person.email!r})")
        if not prepare(user, paths):
            continue
        shoot_themes(user, target, f"{name}-{size}", language)
    for one in (guest, person, staff):
        one.context.close()


def shoot_themes(user: Person, target: Path, name: str, language: str) -> None:
    for theme in ("light", "dark"):
        user.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        user.page.wait_for_timeout(150)
        user.page.screenshot(path=target / f"{name}-{theme}-{language}.png")


def at(path: str) -> Prepare:
    def prepare(person: Person, _paths: Paths) -> bool:
        settle(person.go(path))
        return True

    return prepare


def public_card(person: Person, _paths: Paths) -> bool:
    person.go("/quote/today")
    return True


def conversation(name: str) -> Prepare:
    def prepare(person: Person, paths: Paths) -> bool:
        settle(person.go(paths[name]))
        return True

    return prepare


def writing(person: Person, paths: Paths) -> bool:
    """An answer that is being written, whose stream stays open: the network is never idle."""
    page = person.go(paths["writing"])
    page.locator("article[aria-busy=true]").wait_for()
    page.evaluate("document.fonts.ready")
    return True


def settle(page: Page) -> None:
    page.get_by_role("heading", level=1).first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def citation(person: Person, paths: Paths) -> bool:
    settle(person.go(paths["cited"]))
    person.page.get_by_role("button", name=re.compile("^(원문과 다름|Altered)")).first.click()
    person.page.locator("[role=dialog] a[href^='/quotes/']").wait_for()
    person.page.wait_for_load_state("networkidle")  # a sheet hides the heading
    return True


def drawer(person: Person, _paths: Paths) -> bool:
    size = person.page.viewport_size
    if size is None or size["width"] >= 900:
        return False
    settle(person.go("/"))
    person.page.locator("header button").first.click()
    person.page.get_by_role("dialog").wait_for()
    return True


def search(person: Person, _paths: Paths) -> bool:
    settle(person.go("/"))
    person.page.keyboard.press("Control+k")
    person.page.locator("[role=dialog] input").fill("“")
    person.page.locator("[role=dialog] li").first.wait_for()
    return True


def put_aside(person: Person, _paths: Paths) -> bool:
    """A draft that was replaced by a suggestion."""
    settle(person.go("/"))
    person.question.fill(SPENT[person.page.evaluate("document.documentElement.lang")])
    person.page.locator("main li button").first.click()
    return True


def duplicate(person: Person, _paths: Paths) -> bool:
    settle(person.go("/quotes/new"))
    person.page.locator("textarea[name=content]").fill("잎새에 이는 바람에도 나는 괴로워하였다")
    person.page.locator("main li a").first.wait_for()
    return True


def token_form(person: Person, _paths: Paths) -> bool:
    settle(person.go("/settings/tokens"))
    person.page.locator("main section button").first.click()
    person.page.locator("[role=dialog] input").first.fill("Discord")
    return True


def token_made(person: Person, paths: Paths) -> bool:
    token_form(person, paths)
    for number in range(2):
        person.page.locator("[role=dialog] input[type=checkbox]").nth(number).check()
    person.page.locator("[role=dialog] button[type=submit]").click()
    person.page.locator("main pre").first.wait_for()
    settle(person.page)
    return True


def offline(person: Person, _paths: Paths) -> bool:
    settle(person.go("/quotes"))
    person.context.set_offline(True)
    person.page.locator("main nav a").last.click()
    person.page.get_by_role("alert").wait_for()
    return True


def card(person: Person, _paths: Paths) -> bool:
    settle(person.go("/quotes/1"))
    person.page.get_by_role("button", name=re.compile("^(이미지|Image)$")).click()
    person.page.locator("canvas[aria-busy=false]").wait_for()
    return True


def spent(person: Person, paths: Paths) -> bool:
    person.context.set_offline(False)
    settle(person.go(paths["cited"]))
    person.question.fill(SPENT[person.page.evaluate("document.documentElement.lang")])
    return True


GUEST_PAGES: dict[str, Prepare] = {
    "login": at("/login"),
    "join": at("/join"),
    "reset": at("/reset"),
    "login-conflict": at("/login/callback?error=address_taken&provider=kakao&next=/quotes"),
    "login-cancelled": at("/login/callback?error=cancelled&provider=oidc"),
    "public-board": at("/quotes"),
    "public-none": at("/quotes?q=nothing-like-this"),
    "public-line": at("/quotes/1"),
    "public-no-line": at("/quotes/999999"),
    "public-card": public_card,
}
PAGES: dict[str, Prepare] = {
    "new": at("/"),
    "put-aside": put_aside,
    "cited": conversation("cited"),
    "citation": citation,
    "chat": conversation("chat"),
    "failed": conversation("failed"),
    "stopped": conversation("stopped"),
    "writing": writing,
    "drawer": drawer,
    "search": search,
    "board": at("/quotes"),
    "board-empty": at("/quotes?q=nothing-like-this"),
    "board-work": at("/quotes?source=서시"),
    "quote": at("/quotes/1"),
    "card": card,
    "quote-missing": at("/quotes/999999"),
    "submit": at("/quotes/new"),
    "submit-duplicate": duplicate,
    "mine": at("/quotes/mine"),
    "settings": at("/settings"),
    "settings-security": at("/settings/security"),
    "settings-tokens-empty": at("/settings/tokens"),
    "settings-token-form": token_form,
    "settings-token-made": token_made,
    "settings-tokens": at("/settings/tokens"),
    "settings-sessions": at("/settings/sessions"),
    "settings-connect": at("/settings/security?error=connected_elsewhere&provider=naver"),
    "settings-data": at("/settings/data"),
    "authorize": at(
        "/authorize?response_type=code&redirect_uri=http://127.0.0.1:51004/callback&state=x"
        f"&code_challenge_method=S256&code_challenge={'a' * 43}&client_name=Daesa+for+the+terminal"
    ),
    "authorize-invalid": at("/authorize?redirect_uri=https://evil.example/"),
    "not-found": at("/nothing/here"),
    "offline": offline,
    "spent": spent,
}
STAFF_PAGES: dict[str, Prepare] = {
    "admin": at("/admin/"),
    "lines": at("/admin/quotes/quote/"),
    "review": at("/admin/quotes/quote/queue/"),
}
ALL_PAGES = GUEST_PAGES | STAFF_PAGES | PAGES

if __name__ == "__main__":
    sys.exit(main())
