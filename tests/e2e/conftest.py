"""One live server and one Chromium for all tests, a new user and browser context for each.

A test also fails when the page logs an error, breaks its content security policy, or sends a
request to another server.
"""

import atexit
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests import live
from tests.e2e.chromium import chromium, missing

PASSWORD = "correct horse battery"
STAFF = "staff@example.com"
_numbers = itertools.count(1)
TIMEOUT_MS = 30_000  # only failing tests wait that long
expect.set_options(timeout=TIMEOUT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.live)


@dataclass(frozen=True)
class Site:
    url: str
    env: dict[str, str]
    upstream: subprocess.Popen[bytes] | None = None

    def manage(self, *command: str) -> None:
        subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *command], cwd=live.ROOT, env=self.env, check=True
        )

    def tell(self, *command: str) -> str:
        """What a management command writes."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *command],
            cwd=live.ROOT,
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    @contextlib.contextmanager
    def upstream_paused(self) -> Iterator[None]:
        """Within, answers do not continue: on a slow machine, too, they are still being written."""
        assert self.upstream
        self.upstream.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.upstream.send_signal(signal.SIGCONT)


@dataclass
class Person:
    """A user with a browser context and a client address of its own."""

    url: str
    email: str
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    others: tuple[str, ...] = ()  # servers that the page may send to, beside its own

    def go(self, path: str = "/") -> Page:
        self.page.goto(self.url + path)
        return self.page

    def follow(self, link: str, heading: str) -> None:
        """Clicks a link and waits for its page, because pages have fields with the same names."""
        self.page.get_by_role("link", name=link).click()
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()

    @property
    def question(self) -> Any:
        return self.page.locator("form textarea").last

    def ask(self, text: str) -> None:
        self.question.fill(text)
        self.page.locator("form:has(textarea) button[type=submit]").last.click()


def open_administration(person: Person, path: str = "/admin/") -> Page:
    """Opens a page of the administration as its staff, who sign in on the page as all do."""
    page = person.go(path)
    page.get_by_label("Email").fill(STAFF)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{person.url}/admin/**")  # the queue opens its first line
    return page


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if lacks := missing():
        pytest.skip(f"there is no {lacks}")
    with serving(tmp_path_factory.mktemp("site")) as found:
        yield found


@cache
def prepared_data() -> Path:
    """A DATA_DIR with the first lines of the board and its staff. Making one takes 10 s of a core,
    so a process makes one, and each server gets a copy.
    """
    directory = Path(tempfile.mkdtemp(prefix="daesa-prepared-"))
    atexit.register(shutil.rmtree, directory)
    staff = {"ADMIN_EMAIL": STAFF, "ADMIN_PASSWORD": PASSWORD}
    site = Site("", live.environment(DEBUG="true", DATA_DIR=str(directory), **staff))
    site.manage("prepare")
    site.manage("create_admin")
    return directory


@contextlib.contextmanager
def serving(directory: Path, **settings: str) -> Iterator[Site]:
    """A server as `make run` starts it, with two models and a daily limit of five."""
    upstream_port, port = live.free_port(), settings.get("PORT") or str(live.free_port())
    defaults = {
        "DEBUG": "true",
        "DATA_DIR": str(directory),
        "PORT": port,
        "OPENAI_BASE_URL": f"http://127.0.0.1:{upstream_port}/v1",
        "OPENAI_API_KEY": "fake",
        "DEFAULT_MODEL": "fake",
        "CHAT_MODELS": "fake,board",
    }
    site = Site(f"http://127.0.0.1:{port}", live.environment(**{**defaults, **settings}))
    shutil.copytree(prepared_data(), directory, dirs_exist_ok=True)
    fake = ("manage.py", "fakeopenai", "--port", str(upstream_port))
    gunicorn = ("-m", "gunicorn", "-c", "config/gunicorn.conf.py")
    with (
        live.process(*fake, env=site.env, log=directory / "fakeopenai.log") as upstream,
        live.process(*gunicorn, env=site.env, log=directory / "gunicorn.log") as child,
    ):
        live.wait_until_ready(site.url, child, seconds=180)
        yield replace(site, upstream=upstream)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if lacks := missing():
        pytest.skip(f"there is no {lacks}")
    with sync_playwright() as playwright:
        # As root, which is common in containers, Chromium only starts without its sandbox.
        sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
        found = playwright.chromium.launch(executable_path=chromium(), args=sandbox)
        yield found
        found.close()


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Opens a browser context without a session; takes the options of the context."""
    people: list[Person] = []

    def make(**options: Any) -> Person:
        people.append(open_context(site.url, browser, **options))
        return people[-1]

    yield make
    for person in people:
        person.context.close()
    assert [person.faults for person in people] == [[] for _ in people]


@pytest.fixture
def person(site: Site, visitor: Callable[..., Person]) -> Callable[..., Person]:
    """Opens a browser context of a new user who is signed in."""

    def make(**options: Any) -> Person:
        found = visitor(**options)
        sign_up(site.url, found)
        return found

    return make


def open_context(url: str, browser: Browser, **options: Any) -> Person:
    number = next(_numbers)
    headers = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}
    settings = {
        "locale": "en-GB",
        "timezone_id": "Asia/Seoul",
        "viewport": {"width": 1280, "height": 800},
        "reduced_motion": "reduce",
        "extra_http_headers": headers,
        **options,
    }
    context = browser.new_context(**settings)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    if slowness := int(os.environ.get("TEST_SLOWNESS", "0")):
        slow_down(page, slowness)
    found = Person(url, f"person{number}-{os.getpid()}@example.com", context, page)
    page.on("console", lambda message: _note_message(found, message))
    page.on("pageerror", lambda error: found.faults.append(f"error: {error}"))
    page.on("request", lambda request: _note_request(found, request))
    return found


def slow_down(page: Page, factor: int) -> None:
    """Throttles the CPU by the factor, to find tests that depend on the machine's speed."""
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": factor})


def _note_message(person: Person, message: Any) -> None:
    """Skips failed requests, which the browser logs itself: tests look at their effect."""
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        person.faults.append(f"console: {message.text}")


def _note_request(person: Person, request: Request) -> None:
    if not request.url.startswith((person.url, "data:", "blob:", *person.others)):
        person.faults.append(f"a request to {request.url}")


def sign_up(url: str, person: Person) -> None:
    """Joins by the API and signs in."""
    address = {"X-Forwarded-For": f"10.1.{next(_numbers) % 250}.1"}
    credentials = {"email": person.email, "password": PASSWORD}
    live.call(f"{url}/accounts/join", {**credentials, "nickname": "Hana"}, **address)
    sign_in(url, person)


def sign_in(url: str, person: Person) -> None:
    """Signs in as the page does."""
    credentials = {"email": person.email, "password": PASSWORD}
    session = f"{url}/_allauth/browser/v1/auth"
    person.context.request.get(f"{session}/session")
    [token] = [c["value"] for c in person.context.cookies() if c["name"] == "csrftoken"]
    answer = person.context.request.post(
        f"{session}/login", data=credentials, headers={"X-CSRFToken": token, "Origin": url}
    )
    assert answer.ok, answer.text()
