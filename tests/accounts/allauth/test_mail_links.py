"""Links in mails: the key is in the fragment, the port is kept, and they are valid for an hour."""

import re
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from tests.accounts.conftest import SESSION, Browser
from tests.factories import PASSWORD

NEW_PASSWORD = "staple of paper"
JUST_IN_TIME, TOO_LATE = timedelta(minutes=59, seconds=50), timedelta(minutes=60, seconds=5)


def link_of_the_mail() -> str:
    [link] = re.findall(r"https?://\S+#\S+", str(mail.outbox[-1].body))
    return link


def key_of_the_mail() -> str:
    return unquote(urlsplit(link_of_the_mail()).fragment)


def ask_for_a_reset(browser: Browser, email: str, **headers: str) -> None:
    answer = browser.send("POST", f"{SESSION}/auth/password/request", {"email": email}, **headers)
    assert answer.status_code == 200


def join(browser: Browser, email: str = "dora@example.com") -> None:
    browser.send("POST", f"{SESSION}/auth/signup", {"email": email, "password": PASSWORD})


@pytest.fixture
def verifying(settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def test_the_key_of_a_reset_is_sent_to_no_server(alice, browser):
    ask_for_a_reset(browser, alice.email)
    link = urlsplit(link_of_the_mail())
    assert (link.netloc, link.path, link.query) == ("testserver", "/reset", "")
    assert len(link.fragment) > 20
    assert mail.outbox[-1].body.count(link.fragment) == 1


@pytest.mark.usefixtures("verifying")
def test_the_key_of_an_address_is_sent_to_no_server(browser):
    join(browser)
    link = urlsplit(link_of_the_mail())
    assert (link.netloc, link.path, link.query) == ("testserver", "/verify-email", "")
    assert len(link.fragment) > 20
    assert mail.outbox[-1].body.count(link.fragment) == 1


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("testserver", "testserver"),
        ("testserver:80", "testserver:80"),
        ("localhost:8443", "localhost:8443"),
        ("127.0.0.1:9", "127.0.0.1:9"),
    ],
)
@pytest.mark.parametrize("trusted", [0, 1])
def test_the_port_is_kept_and_no_header_changes_it(alice, browser, settings, host, shown, trusted):
    settings.TRUSTED_PROXY_COUNT = trusted
    headers = {
        "Host": host,
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "666",
        "X-Forwarded-Server": "evil.example",
        "X-Original-Host": "evil.example",
        "Forwarded": "host=evil.example",
    }
    ask_for_a_reset(browser, alice.email, **headers)
    assert urlsplit(link_of_the_mail()).netloc == shown
    links = browser.get("/", headers=headers).json()["links"]
    assert {urlsplit(link["href"]).netloc for link in links} == {shown}


@pytest.mark.parametrize(("after", "status"), [(JUST_IN_TIME, 401), (TOO_LATE, 400)])
def test_a_reset_is_possible_for_an_hour(alice, browser, after, status):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        ask_for_a_reset(browser, alice.email)
    body = {"key": key_of_the_mail(), "password": NEW_PASSWORD}
    with time_machine.travel(now + after, tick=False):
        answer = browser.send("POST", f"{SESSION}/auth/password/reset", body)
    assert answer.status_code == status  # 401: changed, but not signed in
    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD) is (after is JUST_IN_TIME)


@pytest.mark.usefixtures("verifying")
@pytest.mark.parametrize("after", [JUST_IN_TIME, TOO_LATE])
def test_an_address_is_confirmed_within_an_hour(browser, after):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        join(browser)
    with time_machine.travel(now + after, tick=False):
        browser.send("POST", f"{SESSION}/auth/email/verify", {"key": key_of_the_mail()})
    assert EmailAddress.objects.filter(verified=True).exists() is (after is JUST_IN_TIME)


def is_alive(browser: Browser, path: str, header: str, key: str) -> bool:
    """Whether the server says so before the key is used, as to the page that the link opens."""
    answer = browser.get(f"{SESSION}/auth/{path}", headers={header: key})
    if answer.status_code == 200:
        return True
    assert answer.status_code == 400
    assert [error["param"] for error in answer.json()["errors"]] == ["key"]
    return False


def test_a_link_for_a_new_password_says_whether_it_is_dead(alice, browser):
    ask_for_a_reset(browser, alice.email)
    key = key_of_the_mail()
    given = ("password/reset", "X-Password-Reset-Key", key)
    assert [is_alive(browser, *given), is_alive(browser, *given)] == [True, True]  # not spent
    browser.send("POST", f"{SESSION}/auth/password/reset", {"key": key, "password": NEW_PASSWORD})
    assert not is_alive(browser, *given)
    assert not is_alive(browser, *given[:2], "")


@pytest.mark.usefixtures("verifying")
def test_a_link_that_confirms_an_address_says_whether_it_is_dead(browser):
    join(browser)
    key = key_of_the_mail()
    given = ("email/verify", "X-Email-Verification-Key", key)
    assert [is_alive(browser, *given), is_alive(browser, *given)] == [True, True]
    assert not EmailAddress.objects.filter(verified=True).exists()  # opening is not confirming
    browser.send("POST", f"{SESSION}/auth/email/verify", {"key": key})
    assert not is_alive(browser, *given)
    with time_machine.travel(timezone.now() + TOO_LATE, tick=False):
        assert not is_alive(browser, *given)
