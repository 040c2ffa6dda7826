"""`python -m config.healthcheck`, with a real server."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from config.healthcheck import host_name
from tests import live


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("daesa.example", "daesa.example"),
        (" , .daesa.example,other.example", "daesa.example"),
        ("*", "localhost"),
        ("", "localhost"),
        ("[::1]", "[::1]"),
    ],
)
def test_the_host_is_one_that_the_server_accepts(allowed, host):
    assert host_name(allowed) == host


class Ready(http.server.BaseHTTPRequestHandler):
    status = 200
    asked: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        Ready.asked.append((self.path, self.headers["Host"]))
        self.send_response(Ready.status)
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Ready.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ready) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def check(port: int, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PORT": str(port), "ALLOWED_HOSTS": "daesa.example"}
    return subprocess.run(
        [sys.executable, "-m", "config.healthcheck"],
        cwd=live.ROOT,
        env={**env, **variables},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (400, 1)])
def test_what_the_server_says_decides(port, status, code, monkeypatch):
    monkeypatch.setattr(Ready, "status", status)
    done = check(port, HOST="0.0.0.0")  # noqa: S104
    assert (done.returncode, done.stdout, done.stderr) == (code, '{"status":"ok"}\n', "")
    assert Ready.asked == [("/health/ready", "daesa.example")]


def test_nobody_answers():
    done = check(live.free_port())
    assert (done.returncode, done.stdout) == (1, "no answer: ConnectionRefusedError\n")
