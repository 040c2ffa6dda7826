"""Requests to providers: bounds, proxies, and what they hold while they wait."""

import pytest
from django.db import connections

from accounts.providers import wire
from accounts.providers.errors import ProviderFailed
from accounts.providers.identity import subject
from tests.accounts.social.conftest import KINDS, PAGE, SETTINGS
from tests.providers.server import Reply


@pytest.fixture
def held(running):
    """Whether the request has its database connection, at each question that reaches a provider."""
    of_request, seen = connections["default"], []
    for provider in running.values():
        own = {provider.TOKEN, provider.ME}
        provider.on_arrival = lambda asked, own=own: (
            seen.append(of_request.connection is not None) if asked.path in own else None
        )
    return seen


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", KINDS)
def test_no_database_connection_is_held_meanwhile(site, held, name):
    assert site.sign_in(name) == PAGE
    assert site.sign_in(name, process="connect", page=SETTINGS) == SETTINGS
    assert held
    assert not any(held)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://127.0.0.1/", "file:///etc/passwd", "//127.0.0.1/", ""),
        *("http://127.0.0.1.example.com/", "http://me@127.0.0.1/", "https://", "http://[::1"),
    ],
)
def test_only_https_or_loopback(url):
    with pytest.raises(ProviderFailed, match="unknown"):
        wire.get(url)


def test_a_proxy_is_asked(running, monkeypatch):
    """By the variables that the model's server is reached by."""
    proxy = running["kakao"]
    monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "http://me:pass%40word@"))
    monkeypatch.setenv("no_proxy", "")
    proxy.faults["/v2/user/me"] = Reply(200, {"by": "the proxy"})
    assert wire.get("http://127.0.0.1:9/v2/user/me").value == {"by": "the proxy"}
    [asked] = proxy.asked
    assert asked.headers["Proxy-Authorization"] == wire.basic("me:pass@word")["authorization"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:port", "http://a:b c"])
def test_a_proxy_that_cannot_be_used(monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ProviderFailed):
        wire.get("http://127.0.0.1:9/")


def test_a_request_says_little_of_us(running):
    running["kakao"].faults["/"] = Reply(200, {})
    wire.get(f"{running['kakao'].url}/", token="t")
    headers = dict(running["kakao"].asked[0].headers)
    assert headers.pop("Host").startswith("127.0.0.1:")
    assert headers == {
        "Authorization": "Bearer t",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Daesa",
    }


@pytest.mark.parametrize(
    ("value", "base", "uid"),
    [
        (7, "", "7"),
        ("abc", "", "abc"),
        (7, "https://a.example", "7"),
        ("x" * 191, "", "x" * 191),
    ],
)
def test_subjects(value, base, uid):
    found = subject(value, base_url=base)
    assert found.endswith(uid)
    assert (found == uid) is (not base)


@pytest.mark.parametrize("base", ["", "https://a.example"])
def test_long_subjects_stay_apart(base):
    """An OpenID subject has up to 255 characters, a column has 191."""
    found = {subject("x" * 254 + end, base_url=base) for end in "ab"}
    assert len(found) == 2
    assert all(len(one) <= 191 for one in found)
