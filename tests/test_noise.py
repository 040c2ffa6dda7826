"""What strangers send to the port: at most a line of it is in the log, without traceback, and none
of their words; each line is JSON with a time of the one form.
"""

import contextlib
import json
import re
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import live

# One server for all tests of this file.
pytestmark = [pytest.mark.live]

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+09:00")
HOST = b"Host: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"
JSON = b"Content-Type: application/json\r\n"
SESSION = b"/_allauth/browser/v1/auth/login"
# `hidden` stands for whatever of a person could be in it.
SENT = {
    "unknown host": b"GET /?q=hidden HTTP/1.1\r\nHost: hidden\r\nX-Forwarded-Proto: https\r\n\r\n",
    "no host name": b"GET / HTTP/1.1\r\nHost: a b{hidden}\r\nX-Forwarded-Proto: https\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02hidden\x00\x01\xfc\r\n\r\n",
    "method": b"hidden^ / HTTP/1.1\r\n\r\n",
    "version": b"GET /hidden HTTP/9.9\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "proxy protocol": b"PROXY TCP4 hidden\r\n",
    "header": b"GET / HTTP/1.1\r\nhidden header\r\n\r\n",
    "header name": b"GET / HTTP/1.1\r\nhid den: x\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nA: b\r\n hidden\r\n\r\n",
    "length": b"POST /accounts/login HTTP/1.1\r\n" + HOST + b"Content-Length: hidden\r\n\r\n",
    "negative length": b"POST /accounts/login HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\n",
    "encoding": b"POST /accounts/login HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: hidden\r\n\r\n",
    "chunk": b"POST /accounts/login HTTP/1.1\r\n"
    + HOST
    + JSON
    + b"Transfer-Encoding: chunked\r\n\r\nhidden\r\n",
    "trailer": b"POST /accounts/login HTTP/1.1\r\n"
    + HOST
    + JSON
    + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nhidden\r\n\r\n",
    "long address": b"GET /" + b"hidden" * 2000 + b" HTTP/1.1\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nA: " + b"hidden" * 20000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n"
    + b"".join(b"hidden%d: 1\r\n" % number for number in range(300))
    + b"\r\n",
    "expectation": b"GET / HTTP/1.1\r\n" + HOST + b"Expect: hidden\r\n\r\n",
    "NUL": b"GET /\x00hidden HTTP/1.1\r\n" + HOST + b"\r\n",
    "escaped NUL": b"GET /%00hidden HTTP/1.1\r\n" + HOST + b"\r\n",
    "no UTF-8": b"GET /%ff%fehidden?q=%ff HTTP/1.1\r\n" + HOST + b"\r\n",
    "cookie": b"GET /accounts/profile HTTP/1.1\r\n"
    + HOST
    + b"Cookie: sessionid=hidden\xff\r\n\r\n",
    "token": b"GET /chat HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff\xffhidden\r\n\r\n",
    "no CSRF token": b"POST "
    + SESSION
    + b"?q=hidden HTTP/1.1\r\n"
    + HOST
    + b"Referer: https://127.0.0.1/hidden\r\nContent-Length: 2\r\n\r\n{}",
    "foreign origin": b"POST /admin/login/ HTTP/1.1\r\n"
    + HOST
    + b"Origin: https://hidden.example\r\nContent-Length: 0\r\n\r\n",
    "plain HTTP": b"GET /hidden HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    "too large": b"POST /accounts/login HTTP/1.1\r\n"
    + HOST
    + JSON
    + b"Content-Length: 1200000\r\n\r\n"
    + b"hidden" * 200_000,
    "no end": b"POST /accounts/login HTTP/1.1\r\n"
    + HOST
    + JSON
    + b"Content-Length: 99\r\n\r\n{hidden",
    "no end for the session": b"POST "
    + SESSION
    + b" HTTP/1.1\r\n"
    + HOST
    + JSON
    + b"Content-Length: 99\r\n\r\n{hidden",
    "no end of a form": b"POST /admin/login/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\na=hidden",
    "no end of the head": b"GET /hidden HTTP",
    "nothing": b"",
}


@dataclass
class Server:
    port: int
    log: Path

    def send(self, data: bytes, *, reset: bool) -> None:
        """Sends, and leaves: with a reset, or when the server has answered or has been silent."""
        address = ("127.0.0.1", self.port)
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=1) as line:
            line.sendall(data)
            if reset:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass

    def settled(self) -> None:
        """One worker answers in order; so what came before this is in the log."""
        for _ in range(3):
            live.call(f"http://127.0.0.1:{self.port}/health/live")
            time.sleep(0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with live.server_of_the_board(LOG_LEVEL="INFO") as (port, log):
        yield Server(port, log)


@pytest.mark.parametrize("reset", [False, True], ids=["answered", "reset"])
@pytest.mark.parametrize("name", SENT)
def test_a_stranger_is_a_line_at_most(server, name, reset):
    server.settled()
    before = server.log.stat().st_size
    server.send(SENT[name], reset=reset)
    server.settled()
    written = server.log.read_bytes()[before:].decode()
    assert len(written.splitlines()) <= 1, written
    assert "hidden" not in written
    assert "127.0.0.1" not in written
    for entry in map(json.loads, written.splitlines()):
        assert entry["level"] == "WARNING"
        assert entry["message"].startswith(("refused: ", "connection lost: "))
        assert not {"exc_info", "request"} & set(entry)


def test_every_line_of_both_loggers_has_a_time_of_one_form(server):
    entries = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {entry["logger"].partition(".")[0] for entry in entries} == {"gunicorn", "django"}
    for entry in entries:
        assert TIME.fullmatch(entry["time"]), entry
