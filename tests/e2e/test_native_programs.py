"""A program on the user's machine signs in by the browser: the documents' own example, and a
library of OAuth clients, each with a listener on loopback.
"""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from oauthlib.oauth2 import InvalidGrantError, WebApplicationClient
from playwright.sync_api import Page, expect

from tests import live
from tests.e2e.conftest import PASSWORD, Person, open_context, sign_up
from tests.e2e.test_access import PHONE, violations
from tests.e2e.test_second_factor import enter_code, set_up_app, totp

DOCUMENT = live.ROOT / "docs" / "native-programs.md"
ASKS = "A program asks to sign in"


@contextmanager
def example(site: str, directory: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The example of the documents, as it is, and the address that it opens in the browser."""
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    script = directory / "sign_in.py"
    script.write_text(code, encoding="utf-8")
    with subprocess.Popen(  # noqa: S603
        [sys.executable, str(script), site],
        env=live.environment(BROWSER="echo %s"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        assert program.stdout
        try:
            yield program, program.stdout.readline().strip()
        finally:
            program.kill()


def path_of(url: str, person: Person) -> str:
    """The address without the site. The person's browser may go to the program's listener."""
    [listener] = parse_qs(urlsplit(url).query)["redirect_uri"]
    person.others = (listener.removesuffix("/callback"),)
    assert url.startswith(person.url)
    return url.removeprefix(person.url)


def press(page: Page, name: str, *, most: int = 20) -> None:
    """By the keyboard alone."""
    wanted = page.get_by_role("button", name=name, exact=True)
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("button => button === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")


def sign_out(person: Person) -> None:
    person.context.clear_cookies()


def test_the_example_of_the_documents(site, person, tmp_path):
    """From a guest's browser, by the keyboard alone."""
    user = person()
    sign_out(user)
    with example(site.url, tmp_path) as (program, url):
        page = user.go(path_of(url, user))
        page.get_by_label("Email").fill(user.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1, name=ASKS)).to_be_visible()
        expect(page.get_by_text("Sign-in example", exact=True)).to_be_visible()
        expect(page.get_by_text(user.email)).to_be_visible()
        assert violations(page) == []
        press(page, "Allow")
        expect(page.get_by_text("You can close this page.")).to_be_visible()
        assert program.stdout
        assert re.fullmatch(r"Signed in as Hana \(user \d+\)\n", program.stdout.read())
        assert program.wait(timeout=30) == 0

    page = user.go("/settings/sessions")
    expect(page.get_by_text("Sign-in example")).to_be_visible()
    page = user.go("/settings/activity")
    expect(page.get_by_text("Token made")).to_be_visible()
    expect(page.get_by_text("Sign-in example")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_refusing_in_korean_on_a_phone(site, person, tmp_path, scheme):
    user = person(locale="ko-KR", color_scheme=scheme, **PHONE)
    with example(site.url, tmp_path) as (program, url):
        page = user.go(path_of(url, user))
        heading = page.get_by_role("heading", level=1, name="프로그램이 로그인을 요청합니다")
        expect(heading).to_be_visible()
        expect(page.get_by_text("Sign-in example", exact=True)).to_be_visible()
        assert violations(page) == []
        press(page, "거부")
        expect(page.get_by_text("You can close this page.")).to_be_visible()
        assert program.stdout
        assert program.stdout.read() == "Not signed in: access_denied\n"


def test_after_a_second_factor(site, browser):
    """By the name `localhost`, as in the tests of second factors, with a code of an app."""
    url = site.url.replace("127.0.0.1", "localhost")
    user = open_context(url, browser)
    sign_up(url, user)
    secret = set_up_app(user)
    sign_out(user)
    page = user.go("/authorize?" + urlencode({**VALID, "state": "007"}))
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="One more step")).to_be_visible()
    enter_code(page, totp(secret, drift=1))
    expect(page.get_by_role("heading", level=1, name=ASKS)).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["state"] == ["007"]
    assert user.faults == []
    user.context.close()


def test_another_account(person):
    user, other = person(), person()
    path = "/authorize?" + urlencode({**VALID, "state": "1.0"})
    page = user.go(path)
    page.get_by_role("button", name="Use another account").click()
    page.get_by_label("Email").fill(other.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=ASKS)).to_be_visible()
    expect(page.get_by_text(other.email)).to_be_visible()
    query = parse_qs(urlsplit(page.url).query)
    assert query == {name: [value] for name, value in {**VALID, "state": "1.0"}.items()}


VALID = {
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:9/callback",
    "code_challenge": "a" * 43,
    "code_challenge_method": "S256",
    "client_name": "<img src=x onerror=alert(1)> 명령줄",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://127.0.0.1@evil.example:80/"},
        {"code_challenge_method": "plain"},
        {"client_name": "\u202egnp.exe"},
    ],
    ids=lambda changes: " ".join(changes.values()).encode().decode("ascii", "replace"),
)
def test_what_is_not_valid_goes_nowhere(person, changes):
    user = person()
    page = user.go("/authorize?" + urlencode({**VALID, **changes}))
    title = "This request is not valid"
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(page.get_by_role("listitem")).to_contain_text(next(iter(changes)))
    expect(page.get_by_role("button", name="Allow")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("link", name="Go to Daesa").click()
    expect(user.question).to_be_visible()


def test_the_page_is_not_framed(site):
    request = urllib.request.Request(  # noqa: S310
        f"{site.url}/authorize?{urlencode(VALID)}", headers={"Accept": "text/html"}
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Referrer-Policy"] == "same-origin"


# --- A library of OAuth clients -----------------------------------------------------------------


@contextmanager
def listening() -> Iterator[HTTPServer]:
    """A program's listener, which keeps the addresses that browsers open there."""

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.opened.append(self.path)  # type: ignore[attr-defined]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.opened = []  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetch(url: str, form: str | None = None, **headers: str) -> str:
    """The body, of an error too."""
    body = None if form is None else form.encode()
    request = urllib.request.Request(url, body, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def test_a_library(site, person, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the site of this test has no HTTPS
    user = person()
    metadata = json.loads(fetch(f"{site.url}/.well-known/oauth-authorization-server"))
    client = WebApplicationClient("a-client")
    verifier = client.create_code_verifier(64)
    with listening() as program:
        redirect = f"http://127.0.0.1:{program.server_port}/callback"
        url = client.prepare_request_uri(
            metadata["authorization_endpoint"],
            redirect_uri=redirect,
            state="a state",
            code_challenge=client.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
        )
        page = user.go(path_of(url, user))
        expect(page.get_by_text("a-client", exact=True)).to_be_visible()
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{redirect}**")
        answer = f"http://127.0.0.1:{program.server_port}{program.opened[0]}"  # type: ignore[attr-defined]
    given = client.parse_request_uri_response(answer, state="a state")
    assert given["iss"] == metadata["issuer"]
    form = client.prepare_request_body(
        code=given["code"], redirect_uri=redirect, code_verifier=verifier
    )
    endpoint = metadata["token_endpoint"]
    client.parse_request_body_response(fetch(endpoint, form))
    _url, headers, _body = client.add_token("https://unused.example")
    assert json.loads(fetch(f"{site.url}/accounts/profile", **headers))["email"] == user.email
    spent = client.refresh_token
    client.parse_request_body_response(fetch(endpoint, client.prepare_refresh_body()))
    with pytest.raises(InvalidGrantError):
        client.parse_request_body_response(
            fetch(endpoint, client.prepare_refresh_body(refresh_token=spent))
        )
