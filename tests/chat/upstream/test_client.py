"""What is sent, and how often."""

import socket
import threading
import time

import pytest
from urllib3.exceptions import ProtocolError

from chat.upstream import ClientOptions, errors
from chat.upstream.connection import StaleConnection
from chat.upstream.model_state import MAX_MODELS
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


def test_without_a_key_none_is_sent(ask, make_upstream, upstream):
    ask.upstream = make_upstream(key="")
    list(ask())
    assert not upstream.seen()[0]["authorized"]


@pytest.mark.parametrize("key", ["열쇠", "two\nlines"])
def test_a_key_that_cannot_be_sent(ask, make_upstream, upstream, key):
    ask.upstream = make_upstream(key=key)
    with pytest.raises(errors.UpstreamUnauthorized):
        list(ask())
    assert ask.upstream.health() == "unavailable"
    assert upstream.seen() == []


def test_nothing_is_sent_before_the_answer_is_read(ask, upstream):
    ask().close()
    assert upstream.requests() == []


def test_a_retry_waits_for_retry_after(ask, upstream):
    started = time.monotonic()
    assert "".join(ask(model="fake-429-once")) == ANSWER
    assert 1 <= time.monotonic() - started < 10


def test_a_long_retry_after_is_passed_on(ask):
    with pytest.raises(errors.UpstreamRateLimited) as caught:
        list(ask(model="fake-429"))
    assert caught.value.headers == {"Retry-After": "30"}


@pytest.mark.parametrize(("cap", "second"), [(8.0, 0.008), (0.006, 0.006)])
def test_waits_grow_and_have_jitter(ask, make_upstream, cap, second):
    bounds = []
    ask.upstream = make_upstream(
        backoff_base=0.004,
        backoff_cap=cap,
        jitter=lambda low, high: bounds.append((low, high)) or 0,  # type: ignore[func-returns-value]
    )
    with pytest.raises(errors.UpstreamFailed):
        list(ask(model="fake-500"))
    assert bounds == [(0, 0.004), (0, second)]


def test_not_configured(ask, make_upstream):
    ask.upstream = make_upstream("")
    with pytest.raises(errors.UpstreamUnreachable):
        list(ask())


def test_refused_connection_is_retried(ask, make_upstream, caplog):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    ask.upstream = make_upstream(f"http://127.0.0.1:{port}/v1")
    with pytest.raises(errors.UpstreamUnreachable):
        list(ask())
    assert "attempts=3" in caplog.text


def test_url_without_a_host(ask, make_upstream, caplog):
    ask.upstream = make_upstream("http:///v1")
    with pytest.raises(errors.UpstreamUnreachable):
        list(ask())
    assert "attempts=1" in caplog.text


def test_connect_timeout(ask, make_upstream):
    """The kernel does not accept connections for a listener whose queue is full."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        url = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
        ask.upstream = make_upstream(url, connect_timeout=0.2)
        with socket.create_connection(full.getsockname()):
            started = time.monotonic()
            with pytest.raises(errors.UpstreamTimeout):
                list(ask())
    assert 0.2 <= time.monotonic() - started < 10


@pytest.mark.parametrize(("silence", "opened"), [(0, 1), (3600, 3)])
def test_connections_are_reused_after_silence(ask, serve, silence, opened):
    connections = []

    def handler(connection):
        connections.append(connection)
        if read_request(connection):
            connection.sendall(response(said("again")))
        while not silence and read_request(connection):
            connection.sendall(response(said("again")))

    serve(handler, silence_before_reuse=silence)
    assert [list(ask()) for _ in range(3)] == [["again"]] * 3
    ask.upstream.close()
    assert len(connections) == opened


def test_a_stale_connection_is_not_counted_as_an_attempt(ask, serve, caplog):
    """The server closes kept connections just as the next request arrives."""
    requests = []

    def handler(connection):
        requests.append(read_request(connection))
        connection.sendall(response(said("one")))
        requests.append(read_request(connection))  # and closes without a response

    serve(handler, silence_before_reuse=0)
    assert [list(ask()), list(ask())] == [["one"], ["one"]]
    assert len(requests) == 3
    assert [record.getMessage().split()[3] for record in caplog.records] == ["attempts=1"] * 2


class AlwaysStale:
    """A transport whose connections are all stale."""

    def __init__(self) -> None:
        self.requests = 0

    def request(self, *_args, **_options):
        self.requests += 1
        raise ProtocolError("Connection aborted.", StaleConnection())

    def close(self) -> None:
        pass


def test_it_gives_up_when_connections_are_always_stale(ask, make_upstream):
    transport = AlwaysStale()
    ask.upstream = make_upstream(transport=transport, retries=1)
    with pytest.raises(errors.UpstreamDisconnected):
        list(ask())
    assert transport.requests == 2 * 3


def test_compressed_body_is_refused(ask, serve):
    serve(lambda it: (read_request(it), it.sendall(response(b"..", "Content-Encoding: gzip"))))
    with pytest.raises(errors.UpstreamMalformed):
        list(ask())


def test_an_error_body_that_is_truncated(ask, serve):
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\n{"
    serve(lambda it: (read_request(it), it.sendall(head)))
    with pytest.raises(errors.UpstreamRejected):
        list(ask())


def test_open_breaker_sends_nothing(ask, upstream):
    for _ in range(ClientOptions.breaker_failures):
        with pytest.raises(errors.UpstreamFailed):
            list(ask(model="fake-close"))
    upstream.clear()
    with pytest.raises(errors.UpstreamUnavailable) as caught:
        list(ask(model="fake-close"))
    assert upstream.requests() == []
    assert 1 <= int(caught.value.headers["Retry-After"]) <= ClientOptions.breaker_seconds


def test_each_model_has_its_own_breaker(ask):
    for _ in range(ClientOptions.breaker_failures):
        with pytest.raises(errors.UpstreamFailed):
            list(ask(model="fake-close"))
    assert "".join(ask()) == ANSWER
    assert ask.upstream.breaker_of("fake-close").is_open


@pytest.mark.parametrize("fault", ["500", "close", "timeout", "die"])
def test_one_person_opens_no_breaker(ask, make_upstream, fault):
    ask.upstream = make_upstream(retries=0, first_byte_timeout=0.1, breaker_failures=3)
    for person in [1] * 4:
        with pytest.raises(errors.UpstreamFailed):
            list(ask(model=f"fake-{fault}", person=person))
    assert not ask.upstream.breaker_of(f"fake-{fault}").is_open
    if fault != "die":  # which sends a part of an answer, as a server does that is running
        with pytest.raises(errors.UpstreamFailed):
            list(ask(model=f"fake-{fault}", person=2))
        assert ask.upstream.breaker_of(f"fake-{fault}").is_open


def test_a_server_that_cannot_be_reached_is_nobody_s_fault(ask, make_upstream, caplog):
    ask.upstream = make_upstream("http://127.0.0.1:1/v1", retries=0)
    for _ in range(ClientOptions.breaker_failures):
        with pytest.raises(errors.UpstreamUnreachable):
            list(ask(person=1))
    assert ask.upstream.breaker_of("fake").is_open
    assert caplog.text.count("opened model=fake code=upstream_unreachable") == 1


def test_the_states_of_models_are_bounded(make_upstream):
    upstream = make_upstream()
    first, *_others, last = [upstream.breaker_of(str(n)) for n in range(MAX_MODELS)]
    assert upstream.breaker_of("0") is first
    upstream.breaker_of("one more")
    assert upstream.breaker_of("0") is not first
    assert upstream.breaker_of(str(MAX_MODELS - 1)) is last


def test_a_server_that_refuses_does_not_open_the_breaker(ask):
    for _ in range(ClientOptions.breaker_failures + 1):
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


def test_each_upstream_has_its_own_breaker(ask, make_upstream):
    ask.upstream = make_upstream("http://127.0.0.1:1/v1", retries=0)
    for _ in range(ClientOptions.breaker_failures):
        with pytest.raises(errors.UpstreamUnreachable):
            list(ask())
    with pytest.raises(errors.UpstreamUnavailable):
        list(ask())
    ask.upstream = make_upstream()
    assert "".join(ask()) == ANSWER
