"""Which proxy a URL gets from the environment; tests/chat/upstream/test_proxies.py goes by them."""

import pytest

from config.proxies import BadProxy, proxy_for

PROXY = "http://proxy.example:3128"


def address(url: str) -> str | None:
    proxy = proxy_for(url)
    return proxy.address if proxy else None


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({}, "http://a.example/v1", None),
        ({"http_proxy": PROXY}, "http://a.example/v1", PROXY),
        ({"http_proxy": PROXY}, "https://a.example/v1", None),
        ({"HTTPS_PROXY": PROXY}, "https://a.example/v1", PROXY),
        ({"all_proxy": PROXY}, "https://a.example/v1", PROXY),
        ({"ALL_PROXY": "http://other:1", "http_proxy": PROXY}, "http://a.example", PROXY),
        ({"HTTP_PROXY": "http://other:1", "http_proxy": PROXY}, "http://a.example", PROXY),
        ({"http_proxy": ""}, "http://a.example", None),
        ({"http_proxy": "proxy.example:3128"}, "http://a.example", PROXY),
        ({"http_proxy": "me:pw@proxy.example:3128/"}, "http://a.example", PROXY),
        ({"http_proxy": "HTTP://Proxy.Example"}, "http://a.example", "http://proxy.example:80"),
        ({"http_proxy": "http://[::1]:3128"}, "http://a.example", "http://[::1]:3128"),
        ({"all_proxy": "socks5://proxy:1"}, "", None),  # without an upstream nothing is wrong
        ({"all_proxy": "socks5://proxy:1", "no_proxy": "a.example"}, "http://a.example", None),
    ],
)
def test_the_proxy(monkeypatch, variables, url, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert address(url) == expected


@pytest.mark.parametrize(
    ("entry", "covered", "not_covered"),
    [
        ("*", "http://a.example", None),
        ("b, *", "http://a.example", None),
        ("a.example", "http://a.example", "http://ba.example"),
        ("a.example", "https://b.A.example:8443/v1", "http://example"),
        (".a.example", "http://a.example", "http://a.example.org"),
        ("*.a.example", "http://b.a.example", "http://aa.example"),
        ("A.Example.", "http://a.example", "http://example"),
        ("b  a.example", "http://a.example", "http://c.example"),
        ("a.example:8080", "http://a.example:8080", "http://a.example"),
        ("a.example:80", "http://a.example", "https://a.example"),
        ("a.example:443", "https://a.example", "http://a.example"),
        ("localhost", "http://localhost:11434", "http://127.0.0.1:11434"),
        ("127.0.0.1", "http://127.0.0.1:11434", "http://127.0.0.11"),
        ("127.0.0.1:81", "http://127.0.0.1:81", "http://127.0.0.1"),
        ("10.0.0.0/8", "http://10.200.3.4", "http://11.0.0.1"),
        ("10.1.1.1/8", "http://10.200.3.4", "http://10.example"),
        ("10.0.0.0/8:81", "http://10.0.0.1:81", "http://10.0.0.1"),
        ("::1", "http://[::1]:8080", "http://[::2]:8080"),
        ("[::1]", "http://[::1]", "http://127.0.0.1"),
        ("[::1]:8080", "http://[::1]:8080", "http://[::1]"),
        ("0:0:0:0:0:0:0:1", "http://[::1]", "http://[::2]"),
        ("fd00::/8", "http://[fd12::1]", "http://[fe80::1]"),
    ],
)
def test_no_proxy(monkeypatch, entry, covered, not_covered):
    monkeypatch.setenv("all_proxy", PROXY)
    monkeypatch.setenv("no_proxy", entry)
    assert address(covered) is None
    assert not_covered is None or address(not_covered) == PROXY


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ALL_PROXY", "socks5://me:hidden@proxy:1080", "only http:// is supported"),
        ("http_proxy", "socks5h://proxy", "only http:// is supported"),
        ("http_proxy", "https://me:hidden@proxy", "only http:// is supported"),
        ("http_proxy", "ftp://proxy", "must be like http://user:password@host:3128"),
        ("http_proxy", "http://", "must be like"),
        ("http_proxy", "http://proxy:port", "must be like"),
        ("http_proxy", "http://proxy:0", "must be like"),
        ("http_proxy", "http://proxy:70000", "must be like"),
        ("http_proxy", "http://me:hid#den@proxy:3128", "must be like"),
        ("http_proxy", "http://proxy:3128/path", "must be like"),
        ("http_proxy", "http://proxy:3128 ", "must be like"),
        ("http_proxy", "http://[::1", "must be like"),
        ("HTTP_PROXY", ":3128", "must be like"),
        ("no_proxy", "10.0.0.0/99", '"10.0.0.0/99", which is neither a host nor a network'),
        ("no_proxy", "a.example, 10.0.*", '"10.0.*"'),
        ("NO_PROXY", "http://a.example", '"http://a.example"'),
        ("NO_PROXY", "a.example:http", '"a.example:http"'),
    ],
)
def test_what_cannot_be_understood(monkeypatch, variable, value, says):
    if "no_proxy" in variable.lower():
        monkeypatch.setenv("http_proxy", PROXY)
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadProxy) as refused:
        proxy_for("http://a.example/v1")
    message = str(refused.value)
    assert message.startswith(f'Environment variable "{variable}" ')
    assert says in message
    assert "hid" not in message.removeprefix(variable)
    assert "\n" not in message


def test_user_and_password_are_decoded(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://m%40e:p%3A%2Fss%EB%8C%80@proxy:3128")
    proxy = proxy_for("http://a.example")
    assert proxy
    assert (proxy.user, proxy.password) == (b"m@e", "p:/ss대".encode())
    assert proxy.url == "http://m%40e:p%3A%2Fss%EB%8C%80@proxy:3128"
    assert proxy.headers() == {"Proxy-Authorization": "Basic bUBlOnA6L3Nz64yA"}
