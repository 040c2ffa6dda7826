"""GET /metrics: who may see it; it is 404 for all others."""

import os
import re
import signal
import time
import urllib.request

import pytest
from rest_framework.test import APIClient

from tests.environment import SETTINGS
from tests.live import ROOT, call, server, sign_in

TOKEN = "a-token-of-the-tests"
ABROAD = "203.0.113.7"


def get(address="127.0.0.1", **headers):
    return APIClient(REMOTE_ADDR=address).get("/metrics", headers=headers)


def is_shown(response) -> bool:
    """Whether the metrics were returned; otherwise the response must have none."""
    if response.status_code == 200:
        assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert b"\n# TYPE daesa_turns_total counter\n" in response.content
        return True
    nowhere = APIClient().get("/nowhere", headers={"X-Request-ID": "same"})
    expected = {
        **nowhere.json(),
        "instance": "/metrics",
        "request_id": response.json()["request_id"],
    }
    assert (response.status_code, response.json()) == (404, expected)
    assert set(response.headers) == set(nowhere.headers)
    return False


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_allowed_by_default(address):
    assert is_shown(get(address))


@pytest.mark.parametrize("address", [ABROAD, "10.0.0.1", "::2", "::ffff:10.0.0.1", "", "unix:"])
def test_nobody_else_is(address):
    assert not is_shown(get(address))


def test_other_networks_where_they_are_named(settings):
    settings.METRICS_ALLOWED = ["10.1.0.0/16", "fd00::/8"]
    shown = {who: is_shown(get(who)) for who in ("10.1.2.3", "fd00::1", "10.2.0.1", "127.0.0.1")}
    assert shown == {"10.1.2.3": True, "fd00::1": True, "10.2.0.1": False, "127.0.0.1": False}


def test_no_address_is_allowed_if_none_is_listed(settings):
    settings.METRICS_ALLOWED = []
    assert not is_shown(get())


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"],
)
@pytest.mark.parametrize("value", ["127.0.0.1", ABROAD])
def test_behind_an_untrusted_proxy_no_caller_is_loopback(header, value):
    assert not is_shown(get(**{header: value}))


@pytest.mark.parametrize(
    ("proxies", "hops", "shown"),
    [
        (1, "127.0.0.1", True),
        (1, ABROAD, False),
        (1, f"127.0.0.1, {ABROAD}", False),  # the first is the caller's own claim
        (2, f"127.0.0.1, {ABROAD}", True),
        (2, "127.0.0.1", False),  # passed fewer proxies than are trusted
        (1, "", False),
        (1, "unknown", False),
    ],
)
def test_behind_proxies_it_is_the_address_that_they_tell(settings, proxies, hops, shown):
    settings.TRUSTED_PROXY_COUNT = proxies
    assert is_shown(get(**{"X-Forwarded-For": hops})) is shown


def test_a_proxy_without_an_address(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    assert not is_shown(get(**{"X-Forwarded-Proto": "https"}))


@pytest.mark.parametrize(
    ("authorization", "shown"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer {TOKEN}", True),
        (f"Bearer {TOKEN}x", False),
        (f"Bearer {TOKEN[:-1]}", False),
        ("Bearer ", False),
        ("Bearer", False),
        (TOKEN, False),
        (f"Basic {TOKEN}", False),
        ("Bearer tokén", False),
    ],
)
def test_the_token(settings, authorization, shown):
    settings.METRICS_TOKEN = TOKEN
    assert is_shown(get(ABROAD, Authorization=authorization)) is shown


@pytest.mark.parametrize("authorization", ["Bearer ", "Bearer", "Bearer  "])
def test_without_a_token_configured_none_is_accepted(authorization):
    assert not is_shown(get(ABROAD, Authorization=authorization))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(method):
    refused = APIClient().generic(method, "/metrics", headers={"X-Request-ID": "one"})
    assert refused.status_code == 405
    assert refused["Allow"] == "GET, HEAD"
    assert refused.json()["code"] == "method_not_allowed"
    hidden = APIClient(REMOTE_ADDR=ABROAD).generic(method, "/metrics")
    assert hidden.status_code == 404


def test_plain_http_is_answered_where_https_is_demanded(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert is_shown(get())
    assert APIClient().get("/metrics/").status_code == 403


def test_every_metric_is_explained():
    text = get().content.decode()
    shown = set(re.findall(r"^# TYPE (daesa_\w+)", text, re.MULTILINE))
    explained = set(re.findall(r"`(daesa_\w+)`", (ROOT / "docs/metrics.md").read_text("utf-8")))
    assert shown == explained


def live_count(url: str, name: str) -> float:
    """A sample's value; 0 if there is none."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as response:  # noqa: S310
        found = re.search(rf"^{re.escape(name)} (.+)$", response.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0


def wait_for(condition) -> None:
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition()


@pytest.mark.live
@pytest.mark.redis
def test_two_workers_are_shown_as_one(tmp_path):
    done = 'daesa_turns_total{model="fake",outcome="done"}'

    def workers() -> set[int]:
        return {
            int(re.sub(r"\D", "", path.stem)) for path in tmp_path.glob("*/metrics/gauge_live*.db")
        }

    with server(tmp_path, WEB_CONCURRENCY="2", REDIS_URL=SETTINGS["REDIS_URL"]) as url:
        authorization = f"Bearer {sign_in(url, 'metrics@example.com')}"
        for _ in range(3):
            call(f"{url}/chat", {"content": "Hello"}, Authorization=authorization)
        wait_for(lambda: len(workers()) == 2)
        wait_for(lambda: live_count(url, 'daesa_ready{check="database"}') == 1)
        assert live_count(url, 'daesa_responses_total{status="2xx"}') >= 3
        assert live_count(url, 'daesa_turns_total{model="fake",outcome="failed"}') == 0
        assert [live_count(url, done) for _ in range(10)] == [3] * 10
        first = workers()
        for worker in first:  # counters stay, gauges go
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: len(workers()) == 2 and not workers() & first)
        call(f"{url}/chat", {"content": "Hello"}, Authorization=authorization)
        assert [live_count(url, done) for _ in range(10)] == [4] * 10
        assert live_count(url, "daesa_quota_refusals_total") == 0
