"""Confirming an address and resetting a password, with mails by SMTP to a server on loopback."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, Page, expect

from tests import live
from tests.e2e.conftest import PASSWORD, Person, Site, open_context, serving

NEW_PASSWORD = "staple of paper"


@dataclass
class Postbox:
    """Receives all mails."""

    mails: list[tuple[str, str, str]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        self.mails.append((envelope.rcpt_tos[0], str(mail["subject"]), body.get_content()))
        return "250 OK"

    def take(self, address: str) -> str:
        """Waits for a mail to the address, removes it and returns its text."""
        until = time.monotonic() + 60  # only a failing test waits that long
        while time.monotonic() < until:
            for number, (to, _, text) in enumerate(self.mails):
                if to == address:
                    del self.mails[number]
                    return text
            time.sleep(0.05)
        raise AssertionError("no mail came")

    def link(self, address: str, path: str) -> str:
        found = re.search(rf"https?://\S+{path}\S+", self.take(address))
        assert found
        return found[0]


@pytest.fixture(scope="module")
def postbox() -> Iterator[tuple[Postbox, int]]:
    box, port = Postbox(), live.free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture(scope="module")
def mailing(
    postbox: tuple[Postbox, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A server that requires confirmed addresses."""
    _, port = postbox
    settings = {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "EMAIL_VERIFICATION": "mandatory"}
    with serving(tmp_path_factory.mktemp("mail"), **settings) as site:
        yield site


@pytest.fixture
def post(
    mailing: Site, postbox: tuple[Postbox, int], browser: Browser
) -> Iterator[tuple[Postbox, Callable[[], Person]]]:
    """The mails, and a function that opens a new browser context."""
    people: list[Person] = []

    def make() -> Person:
        people.append(open_context(mailing.url, browser))
        return people[-1]

    yield postbox[0], make
    for person in people:
        person.context.close()
    assert [person.faults for person in people] == [[] for _ in people]


def join(person: Person, box: Postbox) -> None:
    """Joins and confirms the address by the mail."""
    page = person.go("/join")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("We have sent you a mail")).to_be_visible()
    page.goto(box.link(person.email, "/verify-email#"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your address is confirmed")).to_be_visible()


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def ask_for_a_link(person: Person, address: str) -> None:
    page = person.go("/login")
    page.get_by_label("Email").fill(address)
    person.follow("Forgot", "Reset your password")
    expect(page.get_by_label("Email")).to_have_value(address)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("If there is an account with this address")).to_be_visible()


def test_an_address_is_confirmed_by_its_mail(post):
    box, visitor = post
    user = visitor()
    join(user, box)
    page = user.page
    user.follow("Sign in", "Sign in to Daesa")
    sign_in(page, user.email, PASSWORD)
    expect(page.get_by_text("5 of 5 left today")).to_be_visible()


def test_a_forgotten_password(post):
    box, visitor = post
    user = visitor()
    join(user, box)
    other = visitor()  # the same user on another device
    ask_for_a_link(other, user.email)
    link = box.link(user.email, "/reset#")
    page = other.page
    page.goto(link)
    page.get_by_label("New password", exact=True).fill("password")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This password is too common.")).to_be_visible()
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page).to_have_url(re.compile("/login$"))
    expect(page.get_by_text("Your password is changed").first).to_be_visible()
    sign_in(page, user.email, PASSWORD)
    expect(page.get_by_text("password you specified are not correct")).to_be_visible()
    sign_in(page, user.email, NEW_PASSWORD)
    expect(page.get_by_text("5 of 5 left today")).to_be_visible()

    late = visitor()  # opens the same link later
    late.page.goto(link)
    expect(late.page.get_by_text("This link is no longer valid")).to_be_visible()
    expect(late.page.get_by_label("New password", exact=True)).to_have_count(0)
    late.page.get_by_role("link", name="Ask for another link").click()
    expect(late.page).to_have_url(re.compile("/reset$"))


def test_an_unknown_address_gets_the_same_answer_and_no_mail(post):
    box, visitor = post
    user = visitor()
    join(user, box)
    ask_for_a_link(user, "nobody@example.com")
    ask_for_a_link(user, user.email)
    assert box.link(user.email, "/reset#"), "the mail of the later request has come"
    assert "nobody@example.com" not in {to for to, _, _ in box.mails}


def test_no_network_is_not_a_wrong_link(post):
    _, visitor = post
    user = visitor()
    # The network is away, too, when the page asks whether the link is good.
    checks = re.compile(r"/auth/(password/reset|email/verify)$")
    user.page.route(checks, lambda to: to.abort() if to.request.method == "GET" else to.continue_())
    for path, button in (("/reset#1-key", "Change password"), ("/verify-email#key", "Confirm")):
        page = user.go(path)
        if path.startswith("/reset"):
            page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        expect(page.get_by_role("button", name=button)).to_be_visible()
        user.context.set_offline(True)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_contain_text("server cannot be reached")
        user.context.set_offline(False)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_contain_text("This link is no longer valid")


def test_a_link_of_an_earlier_release_has_its_key_moved(post):
    _, visitor = post
    user = visitor()
    for path in ("/reset/1-key", "/verify-email/a:b:c"):
        page = user.go(path)
        expect(page.get_by_text("This link is no longer valid")).to_be_visible()
        own, _, key = path[1:].partition("/")
        assert page.url == f"{user.url}/{own}#{key}"


def code_of(text: str) -> str:
    found = re.search(r"^ +(\d{4} \d{4})\s*$", text, re.MULTILINE)
    assert found
    return found[1]


def test_the_code_of_the_mail_is_typed_where_the_page_waits(post):
    box, visitor = post
    user = visitor()
    page = user.go("/join")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Send the mail again in")).to_be_disabled()
    code = code_of(box.take(user.email))
    page.get_by_label("Code").fill("0000 0000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This is not the code of the mail.")).to_be_visible()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("5 of 5 left today")).to_be_visible()

    new = f"new-{user.email}"
    page = user.go("/settings/security")
    expect(page.get_by_text("Confirmed", exact=True)).to_be_visible()
    page.get_by_label("New email address").fill(new)
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_text(f"We have sent a mail to {new}")).to_be_visible()
    told = box.take(user.email)
    assert "다른 이메일 주소" in told or "another email address" in told
    page.get_by_label("Code").fill(code_of(box.take(new)))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("main").get_by_text(new, exact=True)).to_be_visible()
    assert "no longer signs in" in box.take(user.email)
