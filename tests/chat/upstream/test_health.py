import pytest

from chat.upstream import ClientOptions
from tests.chat.upstream.conftest import read_request


@pytest.mark.parametrize(("seconds", "requests"), [(10.0, 1), (0.0, 2)])
def test_the_state_is_reused_for_a_while(upstream, make_upstream, seconds, requests):
    client = make_upstream(health_seconds=seconds)
    assert [client.health(), client.health()] == ["ok", "ok"]
    assert [seen["path"] for seen in upstream.seen()] == ["/v1/models"] * requests


def test_not_configured(make_upstream):
    assert make_upstream("").health() == "not_configured"


def test_no_server(make_upstream):
    assert make_upstream("http://127.0.0.1:1/v1").health() == "unavailable"


@pytest.mark.parametrize(
    ("status", "state"), [("404 Not Found", "ok"), ("401 Unauthorized", "unavailable")]
)
def test_statuses(ask, serve, status, state):
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
    serve(lambda connection: (read_request(connection), connection.sendall(head)))
    assert ask.upstream.health() == state


def test_an_open_breaker_sends_nothing(upstream, make_upstream):
    client = make_upstream()
    for _ in range(ClientOptions.breaker_failures):
        client.breaker_of("fake").failed()
    assert client.health() == "unavailable"
    assert upstream.seen() == []


def test_one_model_of_several_may_fail(upstream, make_upstream):
    client = make_upstream()
    assert not client.breaker_of("other").is_open
    for _ in range(ClientOptions.breaker_failures):
        client.breaker_of("fake").failed()
    assert client.health() == "ok"
