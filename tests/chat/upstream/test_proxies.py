"""Every call of an upstream goes by the proxy that the environment names, or by none."""

import socket
from urllib.parse import quote, urlsplit

import pytest

from chat.upstream import errors
from tests.chat.upstream.conftest import ANSWER
from tests.chat.upstream.http_proxy import http_proxy
from tests.chat.upstream.test_transport import fake_with_tls

PASSWORD = "p@ss:/# 대사%41"
NOBODY = "http://127.0.0.1:1"  # no server listens there
WITHIN = 5.0


def calls(client):
    """What each kind of call says when it has reached fakeopenai."""
    messages = [{"role": "user", "content": "Hello"}]
    asked = {"model": "fake", "messages": messages, "temperature": 0.5, "max_tokens": 9}
    assert "".join(client.open_answer(**asked)) == ANSWER
    assert len(client.embed(["Hello"], model="fake-embedding", seconds=WITHIN)) == 1
    assert client.health() == "ok"
    assert "fake" in client.list_models()


@pytest.fixture
def make_patient(make_upstream):
    return lambda url: make_upstream(
        url, connect_timeout=WITHIN, first_byte_timeout=WITHIN, health_timeout=WITHIN
    )


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("user", ["", f"me:{PASSWORD}"], ids=["open", "password"])
def test_absolute_form(make_patient, upstream, monkeypatch, variable, user):
    target = urlsplit(upstream.url)
    with http_proxy((target.hostname, target.port), user.encode()) as proxy:
        given = "me:" + quote(PASSWORD, safe="") + "@" if user else ""
        scheme = "http://" if user else ""  # host:port alone is a proxy, too
        monkeypatch.setenv(variable, f"{scheme}{given}{proxy.address}")
        calls(make_patient("http://upstream.invalid/v1"))
    assert proxy.seen == [
        f"{method} http://upstream.invalid/v1/{path} HTTP/1.1"
        for method, path in [
            ("POST", "chat/completions"),
            ("POST", "embeddings"),
            ("GET", "models"),
            ("GET", "models"),
        ]
    ]


@pytest.mark.parametrize("user", ["", f"me:{PASSWORD}"], ids=["open", "password"])
def test_connect(make_patient, monkeypatch, certificate, user):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with fake_with_tls(certificate) as (url, _):
        target = urlsplit(url)
        with http_proxy((target.hostname, target.port), user.encode()) as proxy:
            given = "me:" + quote(PASSWORD, safe="") + "@" if user else ""
            monkeypatch.setenv("https_proxy", f"http://{given}{proxy.address}")
            client = make_patient(url)
            calls(client)
            client.close()
    assert len(proxy.seen) == 4
    assert {line.rpartition(" ")[0] for line in proxy.seen} == {f"CONNECT {target.netloc}"}


@pytest.mark.parametrize("url", ["http://upstream.invalid/v1", "https://upstream.invalid/v1"])
def test_a_wrong_password_for_the_proxy(make_patient, monkeypatch, url):
    with http_proxy(("127.0.0.1", 1), b"me:secret") as proxy:
        monkeypatch.setenv("all_proxy", f"http://me:other@{proxy.address}")
        client = make_patient(url)
        assert_unreachable(client)
    assert client.health() == "unavailable"


def assert_unreachable(client):
    with pytest.raises(errors.UpstreamUnreachable):
        client.embed(["Hello"], model="fake-embedding", seconds=WITHIN)
    with pytest.raises(errors.UpstreamUnreachable):
        client.list_models()


@pytest.mark.parametrize(
    "entry", ["127.0.0.1", "127.0.0.0/8", "127.0.0.1:{port}", "a.b, *", "::/0"]
)
def test_no_proxy_holds_for_every_call(make_patient, upstream, monkeypatch, entry):
    port = urlsplit(upstream.url).port
    monkeypatch.setenv("http_proxy", NOBODY)
    monkeypatch.setenv("no_proxy", entry.format(port=port))
    if entry == "::/0":  # another family
        assert_unreachable(make_patient(upstream.url))
    else:
        calls(make_patient(upstream.url))


@pytest.mark.parametrize("entry", ["127.0.0.1:1", "10.0.0.0/8", "localhost", ""])
def test_the_proxy_holds_for_every_other_call(make_patient, upstream, monkeypatch, entry):
    monkeypatch.setenv("http_proxy", NOBODY)
    monkeypatch.setenv("no_proxy", entry)
    assert_unreachable(make_patient(upstream.url))


def test_no_proxy_with_an_address_of_ipv6(make_patient, monkeypatch):
    """Directly: nobody listens there, and the proxy would have been asked first."""
    if not socket.has_ipv6:
        pytest.skip("no IPv6")
    with http_proxy(("127.0.0.1", 1)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        monkeypatch.setenv("no_proxy", "::1")
        assert_unreachable(make_patient("http://[::1]:1/v1"))
    assert proxy.seen == []
