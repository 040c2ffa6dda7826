"""Signing in by providers, with real ones on loopback: a certified OpenID provider, which asks for
the account at another host than its own, as Kakao and most companies do.
"""

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests import live
from tests.e2e.conftest import PASSWORD, Person, Site, serving
from tests.e2e.test_access import PHONE, violations
from tests.e2e.test_native_programs import VALID, listening
from tests.e2e.test_second_factor import make_stale
from tests.providers import server
from tests.providers.github import GitHub
from tests.providers.kakao import Kakao
from tests.providers.naver import Naver
from tests.providers.oidc_provider import CLIENT_ID, SECRET, OidcProvider, missing, oidc_provider

NAME = "Example ID"
_subjects = itertools.count(1)


@pytest.fixture(scope="module")
def port() -> int:
    return live.free_port()


@pytest.fixture(scope="module")
def provider(port: int) -> Iterator[OidcProvider]:
    if lacks := missing():
        pytest.skip(f"there is no {lacks}")
    callback = f"http://127.0.0.1:{port}/accounts/{{}}/callback"
    with oidc_provider([callback.format(name) for name in ("oidc", "google")]) as found:
        yield found


@pytest.fixture(scope="module")
def others() -> Iterator[dict[str, server.Provider]]:
    """Servers that speak the wire of one company each, by the names on the buttons."""
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(kind())
            for name, kind in (
                ("Login with Kakao", Kakao),
                ("Continue with Naver", Naver),
                ("Continue with GitHub", GitHub),
            )
        }


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    port: int,
    provider: OidcProvider,
    others: dict[str, server.Provider],
) -> Iterator[Site]:
    settings = {
        "PORT": str(port),
        "OIDC_NAME": NAME,
        "OIDC_ISSUER": provider.url,
        "GOOGLE_BASE_URL": provider.url,
    }
    for name in ("OIDC", "GOOGLE"):
        settings |= {f"{name}_CLIENT_ID": CLIENT_ID, f"{name}_CLIENT_SECRET": SECRET}
    for one in others.values():
        name = type(one).__name__.upper()
        settings |= {
            f"{name}_BASE_URL": one.url,
            f"{name}_CLIENT_ID": server.CLIENT_ID,
            f"{name}_CLIENT_SECRET": server.SECRET,
        }
    with serving(tmp_path_factory.mktemp("site"), **settings) as found:
        yield found


@pytest.fixture
def guest(visitor: Callable[..., Person], provider: OidcProvider) -> Callable[..., Person]:
    """A browser that may go to the provider, too."""

    def make(**options: Any) -> Person:
        return allow(visitor(**options), provider)

    return make


@pytest.fixture
def member(person: Callable[..., Person], provider: OidcProvider) -> Callable[..., Person]:
    """One who has joined with an address and a password."""

    def make(**options: Any) -> Person:
        return allow(person(**options), provider)

    return make


def allow(person: Person, provider: OidcProvider) -> Person:
    person.others = (provider.url, f"http://localhost:{provider.port}")
    return person


def new_subject() -> str:
    return f"subject-{next(_subjects)}"


def leave(page: Page, name: str = NAME) -> None:
    """To the page of the provider that asks who one is."""
    page.get_by_role("button", name=f"Continue with {name}").click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()


def answer(page: Page, subject: str) -> None:
    page.get_by_label("Account").fill(subject)
    page.get_by_role("button", name="Continue").click()


def expect_end(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(page).to_have_title(f"{title} · Daesa")


def expect_in(user: Person, name: str) -> None:
    expect(user.page.get_by_role("button", name=name)).to_be_visible()


def sign_out(user: Person, name: str) -> None:
    user.page.get_by_role("button", name=name).click()
    user.page.get_by_role("menuitem", name="Sign out").click()
    expect(user.page.get_by_role("heading", name="Sign in to Daesa")).to_be_visible()


def profile_of(user: Person) -> dict[str, Any]:
    found: dict[str, Any] = user.context.request.get(f"{user.url}/accounts/profile").json()
    return found


@pytest.mark.parametrize("name", [NAME, "Google"])
def test_join_then_sign_in_again_with_another_address(guest, provider, name):
    user, subject = guest(), new_subject()
    claims = {"email_verified": True, "nickname": "Hana"}
    provider.set_account(subject, email=user.email, **claims)
    page = user.go("/join?next=%2Fquotes%3Fq%3DHamlet")
    leave(page, name)
    answer(page, subject)
    expect(page.get_by_role("heading", name="The board")).to_be_visible()
    assert page.url == f"{user.url}/quotes?q=Hamlet"
    expect_in(user, "Hana")
    joined = profile_of(user)
    assert joined["email"] == user.email
    # The provider remembers who they are, and asks for nothing.
    provider.set_account(subject, email=f"new-{user.email}", **claims)
    sign_out(user, "Hana")
    page.get_by_role("button", name=f"Continue with {name}").click()
    expect_in(user, "Hana")
    assert {**profile_of(user), "quota": None} == {**joined, "quota": None}


def test_join_by_each_company(visitor, others):
    """They are at hosts of their own, and send their people back at once."""
    user = visitor()
    user.others = tuple(one.url for one in others.values())
    page = user.go("/login?next=%2Fsettings%2Fprofile")
    for button, one in others.items():
        one.error = "access_denied"
        page.get_by_role("button", name=button).click()
        expect_end(page, "You cancelled")
        page.get_by_role("link", name="Back to the sign-in").click()
        page.get_by_role("button", name=button).click()
        expect(page.get_by_label("Nickname")).to_have_value(
            one.person.get("name") or one.person["nickname"]
        )
        user.context.clear_cookies()
        user.go("/login?next=%2Fsettings%2Fprofile")


def test_an_address_that_has_an_account_is_connected_in_the_settings(member, provider):
    user, subject = member(), new_subject()
    provider.set_account(subject, email=user.email, email_verified=True)
    user.context.clear_cookies()
    page = user.go("/login?next=%2Fsettings%2Fsecurity")
    leave(page)
    answer(page, subject)
    expect_end(page, "You seem to have an account")
    assert violations(page) == []
    page.get_by_role("link", name="Sign in the way you did before").click()
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    # The provider remembers who they are.
    page.get_by_role("button", name=f"Connect {NAME}").click()
    removal = page.get_by_role("button", name=f"Disconnect {NAME}")
    expect(removal).to_be_visible()
    assert page.url == f"{user.url}/settings/security"
    assert violations(page) == []
    sign_out(user, "Hana")
    page.get_by_role("button", name=f"Continue with {NAME}").click()
    expect_in(user, "Hana")
    user.go("/settings/security")
    removal.click()
    expect(page.get_by_role("button", name=f"Connect {NAME}")).to_be_visible()
    sign_out(user, "Hana")
    page.get_by_role("button", name=f"Continue with {NAME}").click()
    expect_end(page, "You seem to have an account")


def test_a_member_without_an_address_by_the_keyboard_on_a_phone(guest, provider):
    user, subject = guest(**PHONE, locale="ko-KR"), new_subject()
    provider.set_account(subject, nickname="하나")
    page = user.go("/login")
    button = page.get_by_role("button", name=f"{NAME} 계정으로 계속하기")
    expect(button).to_be_visible()
    assert violations(page) == []
    tab_to(page, button)
    page.keyboard.press("Enter")
    page.get_by_label("Account").fill(subject)
    page.keyboard.press("Enter")
    expect(user.question).to_be_visible()
    assert profile_of(user)["email"] is None
    user.go("/settings/profile")
    expect(page.get_by_label("이메일", exact=True)).to_have_value("")
    user.go("/settings/security")
    removal = page.get_by_role("button", name=f"{NAME} 연결 해제")
    expect(removal).to_be_visible()
    tab_to(page, removal)
    page.keyboard.press("Enter")
    expect(page.get_by_text("마지막 로그인 방법입니다")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(re.compile("null|undefined"))
    assert violations(page) == []
    page.get_by_role("button", name="메뉴").click()
    expect_in(user, "하나")


def tab_to(page: Page, element: Any) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if element.evaluate("found => found === document.activeElement"):
            return
    raise AssertionError(f"{element} is not reached")


def test_cancelled_then_started_again(guest, provider):
    user, subject = guest(), new_subject()
    provider.set_account(subject)
    page = user.go("/login?next=%2Fquotes")
    leave(page)
    page.get_by_role("button", name="Cancel").click()
    expect_end(page, "You cancelled")
    expect(page.get_by_text(f"You did not go on at {NAME}.")).to_be_visible()
    page.get_by_role("link", name="Back to the sign-in").click()
    leave(page)
    answer(page, subject)
    expect(page.get_by_role("heading", name="The board")).to_be_visible()


def test_a_wrong_state_and_a_code_that_was_used(guest, provider):
    user, subject = guest(), new_subject()
    provider.set_account(subject)
    page = user.go("/login")
    leave(page)
    with page.expect_request("**/accounts/oidc/callback?*") as came:
        answer(page, subject)
    expect(user.question).to_be_visible()
    page.goto(came.value.url)
    expect_end(page, "Please start again")
    page.get_by_role("link", name="Go on").click()  # still signed in
    expect(user.question).to_be_visible()
    user.context.clear_cookies()
    page.goto(re.sub("state=[^&]*", "state=of-another", came.value.url))
    expect_end(page, "Please start again")
    page.get_by_role("link", name="Back to the sign-in").click()
    expect(page.get_by_role("heading", name="Sign in to Daesa")).to_be_visible()


def test_the_provider_is_down(guest, provider):
    user, subject = guest(), new_subject()
    provider.set_account(subject)
    page = user.go("/login?next=%2Fquotes")
    leave(page)
    with provider.down("/token"):
        answer(page, subject)
        expect_end(page, "This did not work")
    page.get_by_role("link", name="Back to the sign-in").click()
    page.get_by_role("button", name=f"Continue with {NAME}").click()
    expect(page.get_by_role("heading", name="The board")).to_be_visible()


def test_a_native_program_is_allowed_by_who_has_a_provider_alone(site, guest, provider):
    """All that the program has sent is kept on each way to the provider and back."""
    user, subject = guest(), new_subject()
    provider.set_account(subject, email=user.email, email_verified=True)
    with listening() as program:
        asked = {
            **VALID,
            "redirect_uri": f"http://127.0.0.1:{program.server_port}/",
            "state": "1.0",
        }
        user.others = (*user.others, asked["redirect_uri"])
        page = user.go(f"/authorize?{urlencode(asked)}")
        leave(page)
        answer(page, subject)
        expect_asked(page, asked)
        make_stale(site, user)
        confirm_by_provider(page)
        page.get_by_role("button", name="Cancel").click()
        expect_end(page, "You cancelled")
        page.get_by_role("link", name="Go on").click()
        expect_asked(page, asked)
        confirm_by_provider(page)
        answer(page, subject)
        expect_asked(page, asked)
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url(f"{asked['redirect_uri']}?code=*&state=1.0&iss=*")


def expect_asked(page: Page, asked: dict[str, str]) -> None:
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    assert dict(parse_qsl(urlsplit(page.url).query)) == asked


def confirm_by_provider(page: Page) -> None:
    page.get_by_role("button", name="Allow").click()
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    dialog.get_by_role("button", name=NAME).click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
