"""Authenticator apps, recovery codes and passkeys, on a virtual authenticator of the browser's
developer tools. By the name `localhost`: passkeys are for names, not for IP addresses.
"""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, Person, Site, open_context, sign_up
from tests.e2e.test_access import violations

SECURITY = "/settings/security"
STEP = 30  # seconds
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def totp(secret: str, *, drift: int = 0) -> str:
    """The code of a device whose clock is off by that many steps (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // STEP + drift)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    [number] = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.fixture
def member(site: Site, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Opens a browser context of a new user who has just signed in, by the name `localhost`."""
    people: list[Person] = []
    url = site.url.replace("127.0.0.1", "localhost")

    def make(**options: Any) -> Person:
        found = open_context(url, browser, **options)
        people.append(found)
        sign_up(url, found)
        return found

    yield make
    for found in people:
        found.context.close()
    assert [found.faults for found in people] == [[] for _ in people]


def make_stale(site: Site, user: Person) -> None:
    command = f"from tests.e2e.seed import make_stale; make_stale({user.email!r})"
    site.manage("shell", "--no-imports", "-c", command)


def plug_in_a_device(user: Person):
    """A device that can keep passkeys, and whose user always agrees. Returns a function that makes
    the user agree or refuse.
    """
    tools = user.context.new_cdp_session(user.page)
    tools.send("WebAuthn.enable")
    found = tools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    def agree(*, is_agreed: bool) -> None:
        tools.send("WebAuthn.setUserVerified", {**found, "isUserVerified": is_agreed})

    return agree


def sign_out(user: Person) -> None:
    user.context.clear_cookies()


def enter_password(user: Person, password: str = PASSWORD) -> None:
    page = user.go(f"/login?next={SECURITY}")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def enter_code(page: Page, code: str, label: str = "Code from your app") -> None:
    page.get_by_label(label).fill(code)
    page.get_by_label(label).press("Enter")


def expect_signed_in(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name="Security")).to_be_visible()


def set_up_app(user: Person) -> str:
    """Sets up an authenticator app by the keyboard alone; returns its secret."""
    page = user.go(SECURITY)
    page.get_by_role("button", name="Set up").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Set up an authenticator app")
    image = dialog.get_by_role("img", name="QR code")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    secret = dialog.locator("code").inner_text().replace(" ", "")
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    enter_code(page, "000000" if totp(secret) != "000000" else "111111")
    expect(dialog.get_by_text("Incorrect code.")).to_be_visible()
    expect(page.get_by_label("Code from your app")).to_be_focused()
    enter_code(page, totp(secret))
    expect(dialog).to_be_hidden()
    return secret


def keep_codes(page: Page) -> list[str]:
    """Reads the new recovery codes, and says that they are kept."""
    panel = page.locator("[data-print]")
    expect(panel.get_by_role("heading", name="Recovery codes")).to_be_focused()
    codes = panel.locator("li").all_inner_texts()
    assert len(set(codes)) == 10
    with page.expect_download() as found:
        panel.get_by_role("button", name="Download").click()
    assert found.value.suggested_filename == "daesa-recovery-codes.txt"
    text = found.value.path().read_text()
    assert text.splitlines()[2:] == codes
    panel.get_by_role("button", name="I have kept them").click()
    expect(panel).to_be_hidden()
    return codes


def test_an_authenticator_app_and_recovery_codes(member):
    user = member()
    page = user.page
    secret = set_up_app(user)
    codes = keep_codes(page)
    page.reload()
    expect(page.get_by_text("10 of 10 are left.")).to_be_visible()
    assert page.get_by_text(codes[0]).count() == 0, "the codes are shown once"

    sign_out(user)
    enter_password(user)
    expect(page).to_have_url(re.compile(r"/login/code\?next="))
    expect(page.get_by_role("heading", level=1, name="One more step")).to_be_visible()
    assert violations(page) == []
    code = totp(secret, drift=1)
    enter_code(page, "123")
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    enter_code(page, code)
    expect_signed_in(page)

    sign_out(user)
    enter_password(user)
    enter_code(page, code)
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    page.get_by_role("button", name="Use a recovery code instead").click()
    expect(page.get_by_label("Recovery code")).to_be_focused()
    enter_code(page, codes[3], "Recovery code")
    expect_signed_in(page)
    expect(page.get_by_text("9 of 10 are left.")).to_be_visible()

    sign_out(user)
    enter_password(user)
    page.get_by_role("button", name="Use a recovery code instead").click()
    enter_code(page, codes[3], "Recovery code")
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    enter_code(page, codes[4], "Recovery code")
    expect_signed_in(page)

    page.get_by_role("button", name="Turn off").click()
    page.get_by_role("dialog").get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Set up")).to_be_visible()
    sign_out(user)
    enter_password(user)
    expect_signed_in(page)


def add_passkey(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog", name="Add a passkey")
    dialog.get_by_role("textbox", name="Name").fill(name)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("listitem").filter(has_text=name)).to_be_visible()


def test_a_passkey(member, site):
    user = member()
    agree = plug_in_a_device(user)
    page = user.go(SECURITY)
    expect(page.get_by_text("You have no passkeys.")).to_be_visible()
    add_passkey(page, "My phone")
    keep_codes(page)
    page.get_by_role("button", name="Rename: My phone").click()
    page.get_by_role("textbox", name="Name").fill("Old phone")
    page.keyboard.press("Enter")
    row = page.get_by_role("listitem").filter(has_text="Old phone")
    expect(row).to_contain_text("Not used yet.")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("dialog").get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey for your account already")
    page.keyboard.press("Escape")

    sign_out(user)  # and in again without a password
    user.go(f"/login?next={SECURITY}")
    agree(is_agreed=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    agree(is_agreed=True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect_signed_in(page)
    expect(row).to_contain_text("Last used on")

    sign_out(user)  # and in again with the password, and the passkey as second factor
    enter_password(user)
    page.get_by_role("button", name="Use a passkey").click()
    expect_signed_in(page)

    make_stale(site, user)
    page.get_by_role("button", name="Remove: Old phone").click()
    remove = page.get_by_role("dialog").get_by_role("button", name="Remove")
    remove.click()
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    expect(dialog.get_by_label("Password", exact=True)).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
    expect(remove).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Incorrect password.")).to_be_visible()
    dialog.get_by_role("button", name="Use a passkey instead").click()
    dialog.get_by_role("button", name="Use a passkey", exact=True).click()
    expect(page.get_by_text("You have no passkeys.")).to_be_visible()

    sign_out(user)
    user.go("/login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_overflows(member, size):
    user = member(**size)
    plug_in_a_device(user)
    page = user.go(SECURITY)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    add_passkey(page, "A name that has to be wrapped on every telephone")
    expect(page.locator("[data-print]")).to_be_visible()
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
    page.get_by_role("button", name=re.compile("^Remove: A name")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_there_is_no_sign_in_that_waits(visitor):
    user = visitor()
    page = user.go(f"/login/code?next={SECURITY}")
    expect(page.get_by_role("alert")).to_contain_text("Sign in again")
    page.get_by_role("button", name="Back to the sign-in").click()
    expect(page).to_have_url(re.compile(r"/login\?next="))


def test_a_browser_without_passkeys(member):
    user = member()
    user.page.add_init_script("delete window.PublicKeyCredential")
    page = user.go(SECURITY)
    expect(page.get_by_text("This browser cannot use passkeys here")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    sign_out(user)
    page = user.go("/login")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
