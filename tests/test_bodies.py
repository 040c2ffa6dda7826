"""How bodies come over the wire, to gunicorn as it is deployed: chunks, lengths, codings."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests import live

# One server for all tests of this file.
pytestmark = [pytest.mark.live]

CHUNKED = {"Transfer-Encoding": "chunked"}
LIMIT = 1024 * 1024
SESSION = "/_allauth/browser/v1/auth/login"
CSRF = "a" * 32
BROWSER = {
    "Cookie": f"__Host-csrftoken={CSRF}",
    "X-CSRFToken": CSRF,
    "Referer": "https://127.0.0.1/",
}


class Client:
    def __init__(self, port: int) -> None:
        self.port = port
        self.token = live.sign_in(f"http://127.0.0.1:{port}", "alice@example.com")

    def exchange(self, method: str, path: str, body: bytes, **fields: str) -> tuple[int, Any]:
        """The status and JSON of the response to a request with just this framing."""
        with self.open() as line:
            line.sendall(self.head(method, path, **fields) + body)
            with contextlib.suppress(OSError):  # a refusal may come before the end of the body
                line.shutdown(socket.SHUT_WR)
            return read(line)

    def head(self, method: str, path: str, **fields: str) -> bytes:
        all_fields = {
            "Host": "127.0.0.1",
            "X-Forwarded-Proto": "https",
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
            **fields,
        }
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {all_fields[name]}" for name in all_fields),
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def nickname(self) -> str:
        url = f"http://127.0.0.1:{self.port}/accounts/profile"
        return str(live.call(url, Authorization=f"Bearer {self.token}")["nickname"])


def read(line: socket.socket) -> tuple[int, Any]:
    response = http.client.HTTPResponse(line)
    response.begin()
    body = response.read()
    return response.status, json.loads(body) if "json" in response.headers["Content-Type"] else body


def chunks(*parts: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + end


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with live.server_of_the_board(WRITES_PER_MINUTE="0") as (port, _log):
        yield Client(port)


NAMED = b'{"nickname":"%b"}'
READ = {
    "one": chunks(NAMED % b"one"),
    "many": chunks(*(b"%c" % byte for byte in NAMED % b"many")),
    "extension": b'18;a=b;c="d"\r\n%b\r\n0;e\r\n\r\n' % (NAMED % b"extension"),
    "trailer": chunks(NAMED % b"trailer", end=b"0\r\nDigest: x\r\n\r\n"),
    "longest": chunks(NAMED % b"longest", b" " * (LIMIT - len(NAMED % b"longest"))),
}


@pytest.mark.parametrize("name", READ)
def test_chunks_are_read(client, name):
    status, profile = client.exchange("PATCH", "/accounts/profile", READ[name], **CHUNKED)
    assert (status, profile["nickname"], client.nickname()) == (200, name, name)


def test_chunks_at_every_kind_of_route(client):
    question = {"content": "To be, or not to be", "system_prompt": "Short"}
    status, chat = client.exchange(
        "POST", "/chat", chunks(json.dumps(question).encode()), **CHUNKED
    )
    assert (status, chat["content"]) == (201, question["content"])
    replies = f"/chat/{chat['id']}/replies"
    for method, path, given, field in (
        ("POST", replies, b'{"model":"another"}', "model"),
        ("PUT", "/accounts/profile", b'{"nickname":null}', "nickname"),
        ("DELETE", "/accounts/profile", b'{"password":"not this one"}', "password"),
        ("POST", "/quote/similar", b'{"content":"x","besides":"y"}', "besides"),
    ):
        status, problem = client.exchange(method, path, chunks(given), **CHUNKED)
        assert (status, problem["errors"][0]["field"]) == (400, field), path
    refused = client.exchange("POST", SESSION, chunks(b'{"email":'), **CHUNKED, **BROWSER)
    assert (refused[0], refused[1]["code"]) == (400, "malformed_json")


def test_a_connection_is_kept_after_chunks(client):
    with client.open() as line:
        for name in ("first", "second"):
            head = client.head("PATCH", "/accounts/profile", **CHUNKED)
            line.sendall(head + chunks(b'{"nickname":"%b"}' % name.encode()))
            assert read(line)[1]["nickname"] == name


def test_a_client_that_waits_for_100_continue(client):
    with client.open() as line:
        fields = {**CHUNKED, "Expect": "100-continue"}
        line.sendall(client.head("PATCH", "/accounts/profile", **fields))
        assert line.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(chunks(b'{"nickname":"patient"}'))
        assert read(line)[1]["nickname"] == "patient"


WHOLE = b'{"nickname":"cut"}'
REFUSED = {
    "too long": (chunks(b" " * LIMIT, b" "), CHUNKED, 413, "too_large"),
    "no size": (b"x\r\n{}\r\n0\r\n\r\n", CHUNKED, 400, "malformed_body"),
    "a wrong size": (b"1\r\n{}\r\n0\r\n\r\n", CHUNKED, 400, "malformed_body"),
    "no last chunk": (chunks(WHOLE, end=b""), CHUNKED, 400, "malformed_body"),
    "no end of a chunk": (b"ff\r\n" + WHOLE, CHUNKED, 400, "malformed_body"),
    "no end of the trailer": (chunks(WHOLE, end=b"0\r\n"), CHUNKED, 400, "malformed_body"),
    "a wrong trailer": (chunks(WHOLE, end=b"0\r\nHost: x\r\n\r\n"), CHUNKED, 400, "malformed_body"),
    "compressed chunks": (
        chunks(WHOLE),
        {"Transfer-Encoding": "gzip, chunked"},
        501,
        "unsupported_transfer_encoding",
    ),
    "a compressed body": (
        chunks(WHOLE),
        {**CHUNKED, "Content-Encoding": "gzip"},
        415,
        "unsupported_content_encoding",
    ),
    "less than its length": (WHOLE, {"Content-Length": str(len(WHOLE) + 9)}, 400, "bad_request"),
    "more than its length": (WHOLE, {"Content-Length": "5"}, 400, "malformed_json"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_is_refused(client, name):
    body, fields, status, code = REFUSED[name]
    answered = client.exchange("PATCH", "/accounts/profile", body, **fields)
    assert (answered[0], answered[1]["code"]) == (status, code)
    assert client.nickname() != "cut"


UNREADABLE = {
    (400, "malformed_request"),
    (400, "malformed_body"),
    (501, "unsupported_transfer_encoding"),
}


@pytest.mark.parametrize(
    "fields",
    [{**CHUNKED, "Content-Length": "5"}, {"Content-Length": "x"}, {"Transfer-Encoding": "gzip"}],
)
def test_contradictory_framing(client, fields):
    status, problem = client.exchange("PATCH", "/accounts/profile", chunks(WHOLE), **fields)
    assert (status, problem["code"]) in UNREADABLE
    assert client.nickname() != "cut"


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (f"GET /quotes?q={'x' * 9000} HTTP/1.1", 414, "uri_too_long"),
        ("GET / HTTP/1.1\r\nX-Long: " + "x" * 9000, 431, "headers_too_large"),
        ("GET / HTTP/1.1" + "\r\nX-Many: x" * 101, 431, "headers_too_large"),
        ("GET / HTTP/1.1\r\nExpect: <b>nothing</b>", 417, "expectation_failed"),
        ("GET / HTTP/9.9", 400, "malformed_request"),
        ("<script> / HTTP/1.1", 400, "malformed_request"),
        ("GET / HTTP/1.1\r\n<script>: x", 400, "malformed_request"),
        ("GET / HTTP/1.1\r\nX-Name: a\0b", 400, "malformed_request"),
    ],
)
def test_what_is_no_request_is_a_problem_that_repeats_nothing(client, head, status, code):
    with client.open() as line:
        line.sendall(f"{head}\r\nHost: 127.0.0.1\r\n\r\n".encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        body = answer.read()
        assert line.recv(1) == b""  # closed
    problem = json.loads(body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"urn:daesa:problem:{code}"
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert b"<" not in body


def test_without_framing_there_is_no_body(client):
    """RFC 9112, 6.3: what follows is not a part of this request."""
    status, problem = client.exchange("POST", "/accounts/login", b"")
    assert (status, problem["code"]) == (400, "invalid")
    client.exchange("PATCH", "/accounts/profile", WHOLE)
    assert client.nickname() != "cut"
