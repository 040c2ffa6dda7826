import pytest

from chat.upstream import errors
from fakeopenai.faults import FAULTS
from tests.chat.upstream.conftest import read_request, response
from tests.upstream import IMPATIENCE


def test_names_of_the_models(upstream, ask):
    names = ask.upstream.list_models()
    assert names == sorted(names)
    assert set(names) == {"fake", "fake-embedding", *(f"fake-{name}" for name in FAULTS)}
    assert upstream.seen()[0]["authorized"]


def test_not_configured(make_upstream):
    with pytest.raises(errors.UpstreamUnreachable):
        make_upstream("").list_models()


def answer_with(data):
    return lambda connection: (read_request(connection), connection.sendall(data))


def test_refused_key(ask, serve):
    serve(answer_with(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(errors.UpstreamUnauthorized):
        ask.upstream.list_models()


@pytest.mark.parametrize("body", [b"<html>", b'{"data": 7}', b'{"data": [7]}', b'{"da'])
@pytest.mark.parametrize("content_type", ["text/html", "application/json"])
def test_not_a_list(ask, serve, body, content_type):
    serve(answer_with(response(body, content_type=content_type)))
    with pytest.raises(errors.UpstreamMalformed):
        ask.upstream.list_models()


def test_silence(ask, serve):
    serve(read_request_twice, chunk_timeout=IMPATIENCE)
    with pytest.raises(errors.UpstreamTimeout):
        ask.upstream.list_models()


def read_request_twice(connection):
    read_request(connection)
    read_request(connection)


def test_no_server(make_upstream):
    with pytest.raises(errors.UpstreamUnreachable):
        make_upstream("http://127.0.0.1:1/v1").list_models()
