"""fakeopenai keeps to the protocol, as the official client and plain HTTP see it."""

import asyncio
import base64
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

import openai
import pytest
from django.core.management import CommandError, call_command

from fakeopenai import __main__ as fake
from fakeopenai.faults import FAULTS
from fakeopenai.server import Server
from tests.upstream import ROOT

QUESTION = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hello there"}]


@pytest.fixture(scope="module")
def running():
    """(server, its host and port), on a thread of this process."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=5)

    server = Server()
    try:
        yield server, urlsplit(run(server.start("127.0.0.1", 0))).netloc
    finally:
        run(server.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def server(running):
    record = running[0].record
    end = time.monotonic() + 2
    while record.open and time.monotonic() < end:  # completions of an earlier test
        time.sleep(0.005)
    record.clear()
    return running[0]


@pytest.fixture
def client(server, running):
    with openai.OpenAI(
        base_url=f"http://{running[1]}/v1", api_key="fake", max_retries=0, timeout=5
    ) as client:
        yield client


@pytest.fixture
def call(server, running):
    """(status, body) of one request on a connection of its own."""

    def make(method, path, body=None, timeout=5.0, **headers):
        connection = http.client.HTTPConnection(running[1], timeout=timeout)
        try:
            given = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, given, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    return make


def completion_of(prompt, **given):
    return {"model": "fake", "messages": [{"role": "user", "content": prompt}], **given}


# --- By the official client --------------------------------------------------------------------


def test_models(client):
    names = [model.id for model in client.models.list()]
    assert names == ["fake", "fake-embedding", *(f"fake-{name}" for name in FAULTS)]


def test_completion(client):
    completion = client.chat.completions.create(model="fake", messages=QUESTION)
    assert completion.model_dump(exclude_unset=True) == {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "fake",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "You said: Hello there",
                    "refusal": None,
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 4, "completion_tokens": 4, "total_tokens": 8},
    }


def test_stream_with_usage(client):
    chunks = list(
        client.chat.completions.create(
            model="fake", messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
    )
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert texts == ["", "You ", "said: ", "Hello ", "there", None]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks[-3:-1]] == [None, "stop"]
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 8)


def test_stream_without_usage(client):
    chunks = client.chat.completions.create(model="fake", messages=QUESTION, stream=True)
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_embeddings(client, encoding):
    texts = ["to be or not to be", "not to be or to be", "죽느냐 사느냐"]
    given = client.embeddings.create(
        model="fake-embedding", input=texts, dimensions=256, encoding_format=encoding
    )
    first, second, third = (
        row.embedding
        if encoding == "float"
        else memoryview(openai_decode(row.embedding)).cast("f").tolist()
        for row in given.data
    )
    assert len(first) == 256
    assert sum(number * number for number in first) == pytest.approx(1)
    near = sum(a * b for a, b in zip(first, second, strict=True))
    far = sum(a * b for a, b in zip(first, third, strict=True))
    assert near > 0.7
    assert far < 0.3
    assert given.usage.prompt_tokens == 14


def openai_decode(packed):
    return base64.b64decode(packed)


@pytest.mark.parametrize(
    ("model", "kind", "code"),
    [
        ("fake-401", openai.AuthenticationError, "invalid_api_key"),
        ("fake-404", openai.NotFoundError, "model_not_found"),
        ("fake-context", openai.BadRequestError, "context_length_exceeded"),
        ("fake-429", openai.RateLimitError, "rate_limit_exceeded"),
        ("fake-500", openai.InternalServerError, None),
        ("unknown", openai.NotFoundError, "model_not_found"),
    ],
)
def test_errors(client, model, kind, code):
    with pytest.raises(kind) as caught:
        client.chat.completions.create(model=model, messages=QUESTION)
    assert caught.value.code == code
    assert set(caught.value.body) == {"message", "type", "param", "code"}


# --- Controlled answers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "text", "pieces"),
    [
        ("[[say: exactly this]]", "exactly this", 2),
        ("[[say:]]", "", 0),
        ("[[say: [[12&rbrack;&rbrack; and]]", "[[12]] and", 2),
        ("[[chunks: 3]]", "1 2 3 ", 3),
        ("[[say: abcdef]] [[chunks: 3]]", "abcdef", 3),
        ("[[say: ab]] [[chunks: 5]]", "ab", 2),
        ("[[say: ab ]] [[times: 3]]", "ab ab ab ", 3),
        ("[[say: ab]] [[times: 2]] [[chunks: 2]]", "abab", 2),
        ("[[say: ab]] [[times: 0]]", "", 0),
        ("[[slow: soon]] [[chunks: 1]]", "1 ", 1),
        ("[[chunks: inf]]", "You said: [[chunks: inf]]", 4),
        ("a\n두 줄", "You said: a\n두 줄", 5),
    ],
)
def test_controlled_answers(call, prompt, text, pieces):
    status, body = call("POST", "/v1/chat/completions", completion_of(prompt))
    answer = json.loads(body)
    assert status == 200
    assert answer["choices"][0]["message"]["content"] == text
    assert answer["usage"]["completion_tokens"] == pieces


def test_typed_parts_and_the_last_question(call):
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "[[say: parts]]"}, 7]},
        {"role": "assistant", "content": None},
    ]
    _, body = call("POST", "/v1/chat/completions", {"model": "fake", "messages": messages})
    assert json.loads(body)["choices"][0]["message"]["content"] == "parts"


def test_slow(client):
    started = time.monotonic()
    client.chat.completions.create(**completion_of("[[chunks: 3]] [[slow: 0.05]]"))
    assert time.monotonic() - started >= 0.1


# --- Wrong requests ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("chat/completions", b"{", None),
        ("chat/completions", [], None),
        ("chat/completions", {"messages": []}, "model"),
        ("chat/completions", {"model": "fake"}, "messages"),
        ("chat/completions", {"model": "fake", "messages": [7]}, "messages"),
        ("embeddings", {"input": 7}, "input"),
        ("embeddings", {"input": []}, "input"),
        ("embeddings", {"input": "x", "dimensions": 0}, "dimensions"),
    ],
)
def test_wrong_input(call, path, body, param):
    status, answer = call("POST", f"/v1/{path}", body)
    error = json.loads(answer)["error"]
    assert (status, error["type"], error["param"]) == (400, "invalid_request_error", param)


def test_unknown_path(call):
    status, answer = call("GET", "/v1/nothing")
    assert (status, json.loads(answer)["error"]["code"]) == (404, "unknown_url")


def test_chunked_request(call, server):
    body = b"5\r\n[[say\r\n0\r\nX-Sum: 1\r\n\r\n"
    call("POST", "/v1/embeddings", body, **{"Transfer-Encoding": "chunked"})
    assert server.record.requests[0]["body"] == "[[say"


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"GET /" + b"x" * 200_000,
        b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort",
        b"",
    ],
)
def test_invalid_requests_are_not_answered(running, server, request_):
    host, _, port = running[1].partition(":")
    received = b""
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        received = connection.recv(100)
    assert received == b""
    assert not server.record.requests


# --- Faults, and the record of it --------------------------------------------------------------


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_server_works_after_every_fault(call, server, fault, stream):
    asked = completion_of(f"one two 셋 [[fault: {fault}]]", stream=stream)
    with suppress(OSError, http.client.HTTPException):
        call("POST", "/v1/chat/completions", asked, timeout=0.2)
    status, body = call("POST", "/v1/chat/completions", completion_of("[[say: well]]"))
    assert (status, json.loads(body)["choices"][0]["message"]["content"]) == (200, "well")
    (seen, _) = server.record.requests
    assert seen["body"] == asked


def test_record(call):
    headers = {"Authorization": "Bearer fake", "X-Request-ID": "7"}
    call("POST", "/v1/chat/completions", completion_of("one"), **headers)
    call("POST", "/v1/chat/completions", completion_of("two"), Authorization="Bearer other")
    one, two = json.loads(call("GET", "/_/requests")[1])
    assert (one["method"], one["path"]) == ("POST", "/v1/chat/completions")
    assert (one["authorized"], two["authorized"]) == (True, False)
    assert one["body"] == completion_of("one")
    assert one["headers"]["x-request-id"] == "7"
    assert "authorization" not in one["headers"]
    assert json.loads(call("GET", "/_/stats")[1]) == {"open": 0, "finished": 2, "aborted": 0}
    assert call("DELETE", "/_/requests") == (200, b"{}")
    assert json.loads(call("GET", "/_/requests")[1]) == []
    assert json.loads(call("GET", "/_/stats")[1]) == {"open": 0, "finished": 0, "aborted": 0}


def test_connection_close(call):
    assert call("GET", "/v1/models", Connection="close")[0] == 200


# --- The command -------------------------------------------------------------------------------


def test_it_prints_its_url_first_and_every_fault(capsys):
    async def start_and_stop():
        with suppress(TimeoutError):
            await asyncio.wait_for(fake.serve("127.0.0.1", 0, 0.0), 0.2)

    asyncio.run(start_and_stop())
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("http://127.0.0.1:")
    assert first.endswith("/v1")
    assert [line.split()[0] for line in rest if line.startswith("  ")] == list(FAULTS)


def test_attached_it_exits_with_its_parent():
    command = [sys.executable, "-m", "fakeopenai", "--port", "0", "--attached"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as process:  # noqa: S603
        assert process.stdout.readline().startswith(b"http://")
        process.stdin.close()
        assert process.wait(timeout=5) == 0


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(CommandError, match="address already in use"):
            call_command("fakeopenai", "--port", port)
        with pytest.raises(SystemExit, match=r"fakeopenai: .*address already in use"):
            fake.main(["--port", port])
