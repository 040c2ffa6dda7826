"""Limits of sign-in and join, at every door, and whose address they count."""

import time

import pytest
import time_machine
from django.test import RequestFactory

from accounts.adapter import AccountAdapter
from tests.accounts.conftest import SESSION, Browser, without_id
from tests.factories import PASSWORD

LOGIN, JOIN = "/accounts/login", "/accounts/join"
TOO_MANY = {
    "type": "urn:daesa:problem:too_many_attempts",
    "title": "Too Many Requests",
    "status": 429,
    "detail": "Too many attempts. Try again later.",
    "code": "too_many_attempts",
}
SMALL = {"sign_in": "100/m/ip", "login_failed": "50/m/ip,2/5m/key", "join": "9/m/ip",
         "join_account": "2/h/key", "login": None, "signup": None}  # fmt: skip


@pytest.fixture(autouse=True)
def _small_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = SMALL


def fail(client, email="alice@example.com", **extra):
    return client.post(LOGIN, {"email": email, "password": "wrong"}, **extra)


def test_failures_per_account_and_their_end(alice, anonymous):
    with time_machine.travel("2026-11-20T00:00:00Z", tick=False) as clock:
        assert fail(anonymous, REMOTE_ADDR="203.0.113.1").status_code == 401
        clock.shift(60)
        assert fail(anonymous, "ALICE@example.com ", REMOTE_ADDR="203.0.113.2").status_code == 401
        right = {"email": alice.email, "password": PASSWORD}
        refused = anonymous.post(LOGIN, right)
        assert refused.status_code == 429
        assert refused["Retry-After"] == "240"
        assert without_id(refused.json()) == TOO_MANY
        clock.shift(241)
        assert anonymous.post(LOGIN, right).status_code == 200


def test_right_passwords_do_not_count(alice, anonymous):
    for _ in range(4):
        answer = anonymous.post(LOGIN, {"email": alice.email, "password": PASSWORD})
        assert answer.status_code == 200


def test_another_account_goes_on(alice, bob, anonymous):
    for _ in range(3):
        fail(anonymous)
    answer = anonymous.post(LOGIN, {"email": bob.email, "password": PASSWORD})
    assert answer.status_code == 200


def test_an_unknown_account_is_limited_alike(db, anonymous):
    codes = [fail(anonymous, "nobody@example.com").status_code for _ in range(3)]
    assert codes == [401, 401, 429]


def test_host_header_is_no_second_chance(alice, anonymous):
    hosts = ["testserver", "localhost", "127.0.0.1"]
    assert [fail(anonymous, HTTP_HOST=host).status_code for host in hosts] == [401, 401, 429]


def test_attempts_per_address(alice, bob, anonymous, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "sign_in": "2/m/ip"}
    fail(anonymous)
    fail(anonymous, "bob@example.com")
    refused = fail(anonymous, "carol@example.com")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert fail(anonymous, "carol@example.com", REMOTE_ADDR="203.0.113.9").status_code == 401


def test_session_door_shares_the_counts(alice, anonymous, browser):
    fail(anonymous)
    fail(anonymous)
    refused = browser.send(
        "POST", f"{SESSION}/auth/login", {"email": alice.email, "password": PASSWORD}
    )
    assert refused.status_code == 429
    assert 240 <= int(refused["Retry-After"]) <= 300
    assert refused.json() == {"status": 429}


def test_admin_door_shares_the_counts(staff, client, anonymous):
    fail(anonymous, staff.email)
    fail(anonymous, staff.email)
    refused = client.post("/admin/login/", {"username": staff.email, "password": PASSWORD})
    assert refused.status_code == 200
    assert "Too many attempts" in refused.content.decode()
    assert "_auth_user_id" not in client.session


def test_profile_password_shares_the_counts(alice, as_alice, anonymous):
    fail(anonymous)
    fail(anonymous)
    refused = as_alice.delete("/accounts/profile", {"password": PASSWORD})
    assert refused.status_code == 429
    assert without_id(refused.json()) == TOO_MANY


def test_joins_per_account(alice, anonymous, browser):
    body = {"email": "Alice@example.com", "password": "staple of paper"}
    assert anonymous.post(JOIN, body).status_code == 400
    assert browser.send("POST", f"{SESSION}/auth/signup", body).status_code == 400
    refused = anonymous.post(JOIN, body)
    assert refused.status_code == 429
    assert without_id(refused.json()) == TOO_MANY
    refused = browser.send("POST", f"{SESSION}/auth/signup", body)
    assert (refused.status_code, refused.json()) == (429, {"status": 429})


def test_joins_per_address(db, anonymous, browser, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "join": "1/m/ip"}
    body = {"email": "dora@example.com", "password": "staple of paper"}
    assert anonymous.post(JOIN, body).status_code == 201
    refused = anonymous.post(JOIN, {**body, "email": "emil@example.com"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    signup = browser.send("POST", f"{SESSION}/auth/signup", {**body, "email": "emil@example.com"})
    assert signup.status_code == 429


def test_a_weak_password_at_the_session_door_costs_no_attempt_of_the_account(browser, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "join_account": "1/h/key"}
    url, email = f"{SESSION}/auth/signup", "dora@example.com"
    assert browser.send("POST", url, {"email": email, "password": "12345678"}).status_code == 400
    good = browser.send("POST", url, {"email": email, "password": "staple of paper"})
    assert good.status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "203.0.113.5"),
        (1, None, "203.0.113.5"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (2, "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "1.1.1.1", "203.0.113.5"),
        (1, "nonsense", "203.0.113.5"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_client_address(settings, proxies, forwarded, expected):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.5", headers=headers)
    assert AccountAdapter().get_client_ip(request) == expected


def test_client_address_behind_a_unix_socket():
    assert AccountAdapter().get_client_ip(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"


def test_a_forged_header_is_no_second_chance(alice, anonymous, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "sign_in": "2/m/ip"}
    codes = [
        fail(anonymous, f"p{n}@example.com", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}").status_code
        for n in range(3)
    ]
    assert codes == [401, 401, 429]


def test_signing_in_behind_a_unix_socket(alice, anonymous):
    body = {"email": alice.email, "password": PASSWORD}
    assert anonymous.post(LOGIN, body, REMOTE_ADDR="").status_code == 200
    alice.refresh_from_db()
    assert alice.ip_address is None


def test_page_may_ask_again_after_the_wait(db):
    """The wait that is told is enough."""
    browser, url = Browser(), f"{SESSION}/auth/login"
    body = {"email": "nobody@example.com", "password": PASSWORD}
    with time_machine.travel(time.time(), tick=False) as clock:
        codes = [browser.send("POST", url, body).status_code for _ in range(2)]
        refused = browser.send("POST", url, body)
        clock.shift(int(refused["Retry-After"]))
        codes += [refused.status_code, browser.send("POST", url, body).status_code]
    assert codes == [400, 400, 429, 400]
