import pytest

from chat.upstream import endpoint, health, limits
from tests.chat.upstream.conftest import read_request


def test_ok_and_remembered_for_a_while(upstream, monkeypatch):
    assert [health.state(), health.state()] == ["ok", "ok"]
    assert [seen["path"] for seen in upstream.seen()] == ["/v1/models"]
    monkeypatch.setattr(limits, "HEALTH_SECONDS", 0.0)
    assert health.state() == "ok"
    assert len(upstream.seen()) == 2


def test_not_configured(settings):
    settings.OPENAI_BASE_URL = ""
    assert health.state() == "not_configured"


def test_nobody_there(upstream, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    assert health.state() == "unavailable"


@pytest.mark.parametrize(
    ("status", "state"), [("404 Not Found", "ok"), ("401 Unauthorized", "unavailable")]
)
def test_what_a_server_says(serve, status, state):
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
    serve(lambda connection: (read_request(connection), connection.sendall(head)))
    assert health.state() == state


def test_an_open_breaker_is_not_asked(upstream):
    for _ in range(limits.BREAKER_FAILURES):
        endpoint.current().breaker.failed()
    assert health.state() == "unavailable"
    assert upstream.seen() == []
