import pytest

from chat.upstream import errors, list_models
from chat.upstream.fake.faults import FAULTS
from tests.chat.upstream.conftest import read_request, response


def test_names_of_the_models(upstream):
    names = list_models()
    assert names == sorted(names)
    assert set(names) == {"fake", "fake-embedding", *(f"fake-{name}" for name in FAULTS)}
    assert upstream.seen()[0]["authorized"]


def test_not_configured(settings):
    settings.OPENAI_BASE_URL = ""
    with pytest.raises(errors.UpstreamUnreachable):
        list_models()


def answer_with(data):
    return lambda connection: (read_request(connection), connection.sendall(data))


def test_refused_key(serve):
    serve(answer_with(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(errors.UpstreamUnauthorized):
        list_models()


@pytest.mark.parametrize("body", [b"<html>", b'{"data": 7}', b'{"data": [7]}', b'{"da'])
@pytest.mark.parametrize("content_type", ["text/html", "application/json"])
def test_something_else(serve, body, content_type):
    serve(answer_with(response(body, content_type=content_type)))
    with pytest.raises(errors.UpstreamMalformed):
        list_models()


def test_silence(serve):
    serve(read_request_twice)
    with pytest.raises(errors.UpstreamTimeout):
        list_models()


def read_request_twice(connection):
    read_request(connection)
    read_request(connection)


def test_nobody_there(upstream, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    with pytest.raises(errors.UpstreamUnreachable):
        list_models()
