"""Rate limits of sign-in and join per caller's address, and how that address is found."""

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from accounts.allauth.adapter import AccountAdapter
from tests.accounts.conftest import SESSION, without_id
from tests.factories import PASSWORD

LOGIN, JOIN = "/accounts/login", "/accounts/join"
TOO_MANY = {
    "type": "urn:daesa:problem:too_many_attempts",
    "title": "Too Many Requests",
    "status": 429,
    "detail": "Too many attempts. Try again later.",
    "code": "too_many_attempts",
}
SMALL = {"sign_in": "100/m/ip", "sign_in_device": "100/m/key", "wrong_password": "50/m/ip",
         "join": "9/m/ip", "join_account": "2/h/key", "login": None, "signup": None}  # fmt: skip


@pytest.fixture(autouse=True)
def _small_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = SMALL


def fail(client, email="alice@example.com", **extra):
    return client.post(LOGIN, {"email": email, "password": "wrong"}, **extra)


def test_attempts_per_address(alice, bob, anonymous, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "sign_in": "2/m/ip"}
    fail(anonymous)
    fail(anonymous, "bob@example.com")
    refused = fail(anonymous, "carol@example.com")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert fail(anonymous, "carol@example.com", REMOTE_ADDR="203.0.113.9").status_code == 401


def test_joins_per_account(alice, anonymous, browser):
    body = {"email": "Alice@example.com", "password": "staple of paper"}
    assert anonymous.post(JOIN, body).status_code == 400
    assert browser.send("POST", f"{SESSION}/auth/signup", body).status_code == 400
    refused = anonymous.post(JOIN, body)
    assert refused.status_code == 429
    assert without_id(refused.json()) == TOO_MANY
    refused = browser.send("POST", f"{SESSION}/auth/signup", body)
    assert refused.status_code == 429
    assert without_id(refused.json()) == TOO_MANY


def test_joins_per_address(db, anonymous, browser, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "join": "1/m/ip"}
    body = {"email": "dora@example.com", "password": "staple of paper"}
    assert anonymous.post(JOIN, body).status_code == 201
    refused = anonymous.post(JOIN, {**body, "email": "emil@example.com"})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    signup = browser.send("POST", f"{SESSION}/auth/signup", {**body, "email": "emil@example.com"})
    assert signup.status_code == 429


def test_a_weak_password_costs_no_attempt_of_the_account(browser, settings):
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


def test_failures_per_address(alice, anonymous, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "wrong_password": "2/m/ip"}
    codes = [fail(anonymous, f"p{n}@example.com").status_code for n in range(3)]
    assert codes == [401, 401, 429]


def test_right_passwords_are_no_failures(alice, anonymous, settings):
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "wrong_password": "2/m/ip"}
    right = {"email": alice.email, "password": PASSWORD}
    assert [anonymous.post(LOGIN, right).status_code for _ in range(4)] == [200] * 4


def test_the_cache_keeps_counts_while_many_addresses_are_tried(alice, anonymous, settings):
    """With Django's default of 300 entries, invented addresses would evict real counts."""
    settings.ACCOUNT_RATE_LIMITS = {**SMALL, "sign_in": "1/h/ip"}
    fail(anonymous, REMOTE_ADDR="203.0.113.9")
    for number in range(2000):
        cache.set(f"another:{number}", [0.0], 3600)
    assert fail(anonymous, REMOTE_ADDR="203.0.113.9").status_code == 429
