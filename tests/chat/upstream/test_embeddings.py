"""Vectors from the upstream: one request, within the given time."""

import json
import time

import pytest

from chat.upstream import ClientOptions, errors
from tests.chat.upstream.conftest import ANSWER, read_request, response

MODEL = "fake-embedding"


def embed(upstream, texts=("one", "two"), model=MODEL, seconds=0.5):
    return upstream.embed(texts, model=model, seconds=seconds)


def rows(*vectors):
    return [{"index": at, "embedding": vector} for at, vector in enumerate(vectors)]


def answer_with(data):
    body = json.dumps({"data": data}).encode()
    whole = response(body, content_type="application/json")
    return lambda connection: (read_request(connection), connection.sendall(whole))


def test_what_is_sent(make_upstream, upstream):
    vectors = embed(make_upstream())
    assert len({len(vector) for vector in vectors}) == 1
    (seen,) = upstream.seen()
    assert (seen["method"], seen["path"]) == ("POST", "/v1/embeddings")
    assert seen["authorized"]
    assert seen["body"] == {"model": MODEL, "input": ["one", "two"]}


def test_the_order_is_that_of_the_texts(ask, serve):
    serve(answer_with(rows([1], [2])[::-1]))
    assert embed(ask.upstream) == [[1.0], [2.0]]


@pytest.mark.parametrize(
    "data",
    [
        None,
        rows([1]),
        rows([1], [2], [3]),
        rows([1], [2, 3]),
        rows([], []),
        rows([1], ["x"]),
        [{"embedding": [1]}] * 2,
    ],
)
def test_not_the_vectors(ask, serve, data):
    serve(answer_with(data))
    with pytest.raises(errors.UpstreamMalformed):
        embed(ask.upstream)


def test_not_configured(make_upstream):
    with pytest.raises(errors.UpstreamUnreachable):
        embed(make_upstream(""))


@pytest.mark.parametrize("fault", ["timeout", "timeout-body", "stall"])
def test_the_time_is_limited(make_upstream, fault):
    started = time.monotonic()
    with pytest.raises(errors.UpstreamTimeout):
        embed(make_upstream(), model=f"{MODEL}-{fault}", seconds=0.2)
    assert 0.2 <= time.monotonic() - started < 10


def test_no_retry(make_upstream, upstream, caplog):
    with pytest.raises(errors.UpstreamFailed):
        embed(make_upstream(), model=f"{MODEL}-500")
    assert len(upstream.seen()) == 1
    assert caplog.messages[-1].startswith("upstream_failed status=500 ")
    assert " attempts=1 " in caplog.messages[-1]


def test_the_breaker_is_not_that_of_answers(ask, upstream):
    for _ in range(ClientOptions.breaker_failures):
        with pytest.raises(errors.UpstreamFailed):
            embed(ask.upstream, model=f"{MODEL}-close")
    with pytest.raises(errors.UpstreamUnavailable):
        embed(ask.upstream)
    assert len(upstream.seen()) == ClientOptions.breaker_failures
    assert "".join(ask()) == ANSWER
