"""The site as it is deployed, with HTTPS by gunicorn itself: `__Host-` cookies, and the
administration with its content security policy. A violation of the policy is an error in the
console, which fails a test.
"""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import live
from tests.e2e.conftest import (
    PASSWORD,
    Person,
    Site,
    open_administration,
    open_context,
    prepared_data,
)

COOKIES = {"__Host-csrftoken", "__Host-device", "__Host-sessionid"}
ADMIN_POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


@pytest.fixture(scope="module")
def https_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate")
    directory, port = tmp_path_factory.mktemp("https"), live.free_port()
    key, certificate = str(directory / "key.pem"), str(directory / "certificate.pem")
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    make += ["-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    subprocess.run(make, check=True, capture_output=True)  # noqa: S603
    env = live.environment(
        DEBUG="false",
        DATA_DIR=str(directory / "data"),
        PORT=str(port),
        ALLOWED_HOSTS="localhost",
        HOST="127.0.0.1",
        TRUSTED_PROXY_COUNT="0",
        DEFAULT_MODEL="board",
    )
    site = Site(f"https://localhost:{port}", env)
    shutil.copytree(prepared_data(), directory / "data")
    site.manage("prepare", "--verbosity", "0")  # collects the static files, without DEBUG
    gunicorn = ["-m", "gunicorn", "-c", "config/gunicorn.conf.py"]
    gunicorn += ["--certfile", certificate, "--keyfile", key]
    with live.process(*gunicorn, env=env, log=directory / "gunicorn.log") as child:
        end = time.monotonic() + 180
        while time.monotonic() < end and child.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield site
    sys.stderr.write((directory / "gunicorn.log").read_text()[-2000:])


@pytest.fixture
def user(https_site: Site, browser: Browser) -> Iterator[Person]:
    person = open_context(https_site.url, browser, ignore_https_errors=True, extra_http_headers={})
    yield person
    person.context.close()
    assert person.faults == []


def join(person: Person) -> Page:
    page = person.go("/join")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(person.question).to_be_visible()
    return page


def test_the_page_works_with_host_cookies(user):
    page = join(user)
    cookies = {cookie["name"]: cookie for cookie in user.context.cookies()}
    assert set(cookies) == COOKIES
    for cookie in cookies.values():
        assert (cookie["domain"], cookie["path"]) == ("localhost", "/")
        assert cookie["secure"] is True
        assert cookie["sameSite"] == "Lax"
    assert cookies["__Host-sessionid"]["httpOnly"] is True
    assert "sessionid" not in page.evaluate("document.cookie")
    user.ask("To be, or not to be")
    expect(page.get_by_role("article", name="Answer")).to_contain_text("I am the board")
    page.get_by_role("button", name=user.email).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login$"))


def test_an_old_token_or_one_set_by_another_host_is_not_sent(user):
    planted = {"url": user.url, "secure": True}
    user.context.add_cookies(
        [
            {"name": "csrftoken", "value": "a" * 32, **planted},
            {"name": "sessionid", "value": "x", **planted},
        ]
    )
    sent: list[str] = []
    user.page.on("request", lambda request: sent.append(request.headers.get("x-csrftoken", "")))
    join(user)
    [token] = [c["value"] for c in user.context.cookies() if c["name"] == "__Host-csrftoken"]
    assert {*sent} - {""} != set()
    assert "a" * 32 not in sent
    assert token


def test_hsts_covers_this_host_alone(user):
    response = user.page.goto(user.url + "/login")
    assert response.headers["strict-transport-security"] == "max-age=31536000"


def sign_in_as_staff(person: Person) -> Page:
    page = open_administration(person)
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
    return page


def pages_of_the_administration(page: Page, start: str) -> Iterator[str]:
    """Follows all links, to one address of each kind."""
    seen, waiting = set(), [start]
    while waiting:
        path = waiting.pop(0)
        response = page.goto(path)
        assert response.status == 200, path
        policy = set(response.headers["content-security-policy"].split("; "))
        assert policy == ADMIN_POLICY, path
        yield path
        for link in page.locator("a[href]").evaluate_all("all => all.map((link) => link.href)"):
            path = link.partition("#")[0]
            kind = re.sub(r"\d+|\?.*", "", path)
            if "/admin/" in path and kind not in seen and "logout" not in path:
                seen.add(kind)
                waiting.append(path)


def test_every_page_of_the_administration_complies_with_its_policy(user):
    join(user)
    page = user.go("/quotes/new")
    page.get_by_role("textbox", name="Line").fill("A line to be reviewed")
    page.get_by_role("button", name="Submit for review").click()
    page.wait_for_url("**/quotes/mine")
    page.goto("about:blank")  # so that no request of the page sets a cookie again
    user.context.clear_cookies()
    sign_in_as_staff(user)
    seen = list(pages_of_the_administration(page, f"{user.url}/admin/"))
    shown = " ".join(seen)
    for part in ("/quotes/quote/", "/accounts/user/", "/queue/", "/import/", "/add/", "/change/"):
        assert part in shown


def test_the_scripts_of_the_administration_work(user):
    page = sign_in_as_staff(user)
    page.goto(f"{user.url}/admin/quotes/quote/?state=applied")
    boxes = page.locator("input.action-select")
    page.locator("#action-toggle").check()
    expect(boxes.first).to_be_checked()
    expect(page.locator(".action-counter:visible")).to_contain_text("selected")
    page.goto(f"{user.url}/admin/accounts/user/1/change/")
    page.locator(".selector-filter input").first.fill("quote")
    page.get_by_role("button", name="Toggle navigation").click()
    page.evaluate("() => new Promise(requestAnimationFrame)")
