"""What goes over the wire, and how often."""

import socket
import threading
import time

import pytest

from chat.upstream import endpoint, errors, health, limits
from tests.chat.upstream.conftest import ANSWER, read_request, response, said


def test_what_is_sent(ask, upstream):
    answer = ask(request_id="abc-1")
    assert "".join(answer) == ANSWER
    (seen,) = upstream.seen()
    assert (seen["method"], seen["path"]) == ("POST", "/v1/chat/completions")
    assert seen["authorized"]
    assert seen["body"] == {
        "model": "fake",
        "messages": [{"role": "user", "content": "Hello"}],
        "temperature": 0.5,
        "max_tokens": 50,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert seen["headers"]["x-request-id"] == "abc-1"
    assert seen["headers"]["x-client-request-id"] == "abc-1"
    assert seen["headers"]["content-type"] == "application/json"
    assert seen["headers"]["user-agent"].startswith("daesa/")


def test_outside_of_a_request_there_is_no_request_id(ask, upstream):
    list(ask())
    assert not {"x-request-id", "x-client-request-id"} & set(upstream.seen()[0]["headers"])


def test_without_a_key_none_is_sent(ask, upstream, settings):
    settings.OPENAI_API_KEY = ""
    list(ask())
    assert not upstream.seen()[0]["authorized"]


@pytest.mark.parametrize("key", ["열쇠", "two\nlines"])
def test_a_key_that_cannot_be_sent(ask, upstream, settings, key):
    settings.OPENAI_API_KEY = key
    with pytest.raises(errors.UpstreamUnauthorized):
        list(ask())
    assert health.state() == "unavailable"
    assert upstream.seen() == []


def test_nothing_is_asked_before_somebody_listens(ask, upstream):
    ask().close()
    assert upstream.requests() == []


def test_a_retry_waits_as_long_as_it_is_told(ask, upstream):
    started = time.monotonic()
    assert "".join(ask(model="fake-429-once")) == ANSWER
    assert 1 <= time.monotonic() - started < 2


def test_a_wait_that_is_too_long_is_left_to_the_asker(ask):
    with pytest.raises(errors.UpstreamRateLimited) as caught:
        list(ask(model="fake-429"))
    assert caught.value.headers == {"Retry-After": "30"}


def test_waits_grow_and_have_jitter(ask, monkeypatch):
    ceilings = []
    monkeypatch.setattr(limits, "BACKOFF_BASE", 0.004)
    monkeypatch.setattr(limits, "BACKOFF_CAP", 8.0)
    monkeypatch.setattr(
        "chat.upstream.client.random.uniform", lambda low, high: ceilings.append((low, high)) or 0
    )
    with pytest.raises(errors.UpstreamFailed):
        list(ask(model="fake-500"))
    assert ceilings == [(0, 0.004), (0, 0.008)]


def test_not_configured(ask, settings):
    settings.OPENAI_BASE_URL = ""
    with pytest.raises(errors.UpstreamUnreachable):
        list(ask())


def test_refused_connection_is_tried_again(ask, settings, caplog):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port}/v1"
    with pytest.raises(errors.UpstreamUnreachable):
        list(ask())
    assert "attempts=3" in caplog.text


def test_url_without_a_host(ask, settings, caplog):
    settings.OPENAI_BASE_URL = "http:///v1"
    with pytest.raises(errors.UpstreamUnreachable):
        list(ask())
    assert "attempts=1" in caplog.text


def test_connect_timeout(ask, settings):
    """A listener whose queue is full answers no SYN."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        settings.OPENAI_BASE_URL = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        settings.UPSTREAM_CONNECT_TIMEOUT = 0.2
        with socket.create_connection(full.getsockname()):
            started = time.monotonic()
            with pytest.raises(errors.UpstreamTimeout):
                list(ask())
    assert 0.2 <= time.monotonic() - started < 0.5


def test_connections_are_used_again(ask, serve):
    connections = []

    def handler(connection):
        connections.append(connection)
        while read_request(connection):
            connection.sendall(response(said("again")))

    serve(handler)
    assert [list(ask()) for _ in range(3)] == [["again"]] * 3
    endpoint.forget()
    assert len(connections) == 1


def test_a_stale_connection_costs_no_attempt(ask, serve, caplog):
    """The server closes kept connections just as the next request arrives."""
    requests = []

    def handler(connection):
        requests.append(read_request(connection))
        connection.sendall(response(said("one")))
        requests.append(read_request(connection))  # and closes without a word

    serve(handler)
    assert [list(ask()), list(ask())] == [["one"], ["one"]]
    assert len(requests) == 3
    assert [record.getMessage().split()[3] for record in caplog.records] == ["attempts=1"] * 2


def test_a_server_that_is_always_stale_is_given_up(ask, monkeypatch):
    monkeypatch.setattr(
        endpoint._Connection, "request", lambda *_, **__: (_ for _ in ()).throw(endpoint.Stale())
    )
    with pytest.raises(errors.UpstreamDisconnected):
        list(ask())


def test_compressed_body_is_refused(ask, serve):
    serve(lambda it: (read_request(it), it.sendall(response(b"..", "Content-Encoding: gzip"))))
    with pytest.raises(errors.UpstreamMalformed):
        list(ask())


def test_an_error_body_that_never_ends_well(ask, serve):
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\n{"
    serve(lambda it: (read_request(it), it.sendall(head)))
    with pytest.raises(errors.UpstreamRejected):
        list(ask())


def test_open_breaker_asks_nobody(ask, upstream):
    for _ in range(limits.BREAKER_FAILURES):
        with pytest.raises(errors.UpstreamFailed):
            list(ask(model="fake-close"))
    upstream.clear()
    with pytest.raises(errors.UpstreamUnavailable) as caught:
        list(ask())
    assert upstream.requests() == []
    assert 1 <= int(caught.value.headers["Retry-After"]) <= limits.BREAKER_SECONDS


def test_a_server_that_refuses_does_not_open_the_breaker(ask):
    for _ in range(limits.BREAKER_FAILURES + 1):
        with pytest.raises(errors.UpstreamUnauthorized):
            list(ask(model="fake-401"))
    assert "".join(ask()) == ANSWER


def test_many_at_once(ask, upstream):
    texts = []
    prompts = [f"[[say: text {number}]] [[chunks: 5]]" for number in range(30)]
    threads = [
        threading.Thread(target=lambda prompt=prompt: texts.append("".join(ask(prompt))))
        for prompt in prompts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == sorted(f"text {number}" for number in range(30))
