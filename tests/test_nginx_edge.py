"""What nginx/daesa.conf does by itself: TLS, buffering, limits and its own answers, in front of a
server that waits until the test lets it go on.
"""

import contextlib
import http.server
import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import live
from tests.nginx import BROWSER, HOST, Answer, Proxy, in_front_of, open_directory, program, site

pytestmark = pytest.mark.live

SECONDS = 60  # of patience; a passing test does not wait for it


class Held(http.server.BaseHTTPRequestHandler):
    """Sends a first piece, and the second one only after the test has read the first."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()
    seen: dict[str, str] = {}

    def do_GET(self) -> None:
        Held.seen = dict(self.headers.items())
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        if self.path.startswith("/unbuffered"):
            self.send_header("X-Accel-Buffering", "no")
        self.end_headers()
        self._send(b"data: first\n\n")
        if self.path.endswith("/held"):
            Held.go_on.wait(SECONDS)
        self._send(b"data: second\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _send(self, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()

    def log_message(self, *_arguments: object) -> None:
        pass


@contextlib.contextmanager
def held_server() -> Iterator[int]:
    Held.go_on = threading.Event()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Held) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        Held.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def place() -> Iterator[Path]:
    with open_directory() as directory:
        yield directory


@pytest.fixture
def edge(place: Path) -> Iterator[Proxy]:
    with held_server() as port, in_front_of(port, place) as proxy:
        yield proxy


def problem(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.headers.get_all("Content-Type") == ["application/problem+json"]
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert answer.headers["Cache-Control"] == "no-store"
    body = json.loads(answer.body)
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id"}
    assert (body["type"], body["status"]) == (f"urn:daesa:problem:{code}", status)
    assert body["code"] == code
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", body["request_id"])


# --- Streams -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/chat/stream/held", "/unbuffered/held"])
def test_a_piece_arrives_before_the_next_one_is_written(edge, path):
    with contextlib.closing(edge.open()) as line:
        line.request("GET", path, headers={"Host": HOST})
        response = line.getresponse()
        assert response.readline() == b"data: first\n"
        assert not Held.go_on.is_set()
        Held.go_on.set()
        assert response.read() == b"\ndata: second\n\n"
    assert response.headers["X-Accel-Buffering"] == ("no" if "unbuffered" in path else None)


def test_the_caller_is_who_connected(edge):
    lies = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "ftp", "X-Request-ID": "mine"}
    assert edge.call("/", **lies).status == 200
    assert Held.seen["X-Forwarded-For"] == "127.0.0.1"
    assert Held.seen["X-Forwarded-Proto"] == "https"
    assert Held.seen["X-Request-ID"] != "mine"


# --- TLS -----------------------------------------------------------------------------------------


def s_client(edge: Proxy, *options: str) -> str:
    command = [program("openssl"), "s_client", "-connect", f"127.0.0.1:{edge.secure}"]
    command += ["-servername", HOST, *options]
    done = subprocess.run(command, input=b"", capture_output=True, check=False)  # noqa: S603
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.mark.parametrize("version", ["1_2", "1_3"])
def test_these_versions_of_tls_are_spoken(edge, version):
    said = s_client(edge, f"-tls{version}")
    assert f"TLSv{version.replace('_', '.')}, Cipher is " in said
    assert "alert" not in said


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_older_versions_are_refused_by_the_server(edge, option):
    # At this level the client itself would speak them, so the alert is the server's.
    said = s_client(edge, option, "-cipher", "ALL:@SECLEVEL=0")
    assert "alert protocol version" in said
    assert "Cipher is (NONE)" in said


@pytest.mark.parametrize("cipher", ["ECDHE-RSA-AES128-SHA256", "AES128-GCM-SHA256"])
def test_ciphers_without_forward_secrecy_or_with_cbc_are_refused(edge, cipher):
    said = s_client(edge, "-tls1_2", "-cipher", cipher)
    assert "alert handshake failure" in said


def test_http_2_is_offered(edge):
    assert "ALPN protocol: h2" in s_client(edge, "-alpn", "h2,http/1.1")
    assert "ALPN protocol: http/1.1" in s_client(edge, "-alpn", "http/1.1")


# --- Its own answers -----------------------------------------------------------------------------


def test_a_body_that_is_too_large_is_a_problem(edge):
    with contextlib.closing(edge.open()) as line:
        line.putrequest("POST", "/chat", skip_host=True)
        for name, value in {"Host": HOST, "Content-Length": str(2 * 1024 * 1024)}.items():
            line.putheader(name, value)
        line.endheaders()
        response = line.getresponse()
        problem(Answer(response.status, response.headers, response.read()), 413, "too_large")
    assert edge.call("/chat", body="x" * 1024 * 1000).status == 200


def test_too_many_requests_are_a_problem(place):
    slow = {"rate=30r/s": "rate=1r/m", "burst=120": "burst=3"}
    with held_server() as port, in_front_of(port, place, **slow) as edge:
        answers = [edge.call(path) for path in ("/", "/chat", "/static/none.css", "/quote") * 3]
    assert [answer.status for answer in answers[:4]] == [200] * 4
    refused = [answer for answer in answers if answer.status != 200]
    assert len(refused) >= 6  # a minute may pass meanwhile
    for answer in refused:
        problem(answer, 429, "throttled")
        assert answer.headers["Retry-After"] == "5"


def test_too_many_requests_at_once_are_a_problem(place):
    few = {"limit_conn daesa_connections 200": "limit_conn daesa_connections 2"}
    with (
        held_server() as port,
        in_front_of(port, place, **few) as edge,
        contextlib.ExitStack() as stack,
    ):
        lines = [stack.enter_context(contextlib.closing(edge.open())) for _ in range(2)]
        streams = []
        for line in lines:
            line.request("GET", "/chat/held", headers={"Host": HOST})
            streams.append(line.getresponse())
            assert streams[-1].readline() == b"data: first\n"
        problem(edge.call("/quote"), 503, "unavailable")
        Held.go_on.set()
        for stream in streams:
            assert stream.read().endswith(b"second\n\n")


def test_maintenance_is_switched_by_a_file(edge):
    switch = edge.directory / "maintenance"
    switch.touch()
    for path in ("/", "/chat", "/static/none.css"):
        answer = edge.call(path)
        problem(answer, 503, "unavailable")
        assert answer.headers["Retry-After"] == "30"
        for body in (None, "a=b"):
            page = edge.call(path, Accept=BROWSER, body=body)
            assert page.status == 503
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert page.headers["Retry-After"] == "30"
            assert "잠시 서비스를 이용할 수 없습니다" in page.body.decode()
            assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert edge.call("/", secure=False).status == 503
    switch.unlink()
    assert edge.call("/").status == 200


def test_a_server_that_does_not_run_is_a_problem_or_a_page(place):
    with in_front_of(live.free_port(), place) as edge:
        problem(edge.call("/chat"), 503, "unavailable")
        problem(edge.call("/static/none.css"), 503, "unavailable")
        assert edge.call("/", Accept=BROWSER).body.startswith(b"<!doctype html>")
        plain = edge.call("/", secure=False)
        assert plain.status == 503
        # Browsers ignore it over plain HTTP, and RFC 6797 says not to send it.
        assert "Strict-Transport-Security" not in plain.headers


def test_a_server_that_says_nothing_is_a_problem(place):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with in_front_of(port, place, **{"read_timeout 75s": "read_timeout 1s"}) as edge:
            problem(edge.call("/quote"), 504, "timeout")


def test_the_path_of_acme_is_open_over_plain_http(edge):
    challenges = edge.directory / "webroot" / ".well-known" / "acme-challenge"
    challenges.mkdir(parents=True)
    (challenges / "token").write_text("token.thumbprint")
    (edge.directory / "maintenance").touch()
    answer = edge.call("/.well-known/acme-challenge/token", secure=False)
    assert (answer.status, answer.body) == (200, b"token.thumbprint")
    assert edge.call("/.well-known/acme-challenge/other", secure=False).status == 404


# --- nginx/site.sh -------------------------------------------------------------------------------


def test_before_the_certificate_there_is_only_plain_http(tmp_path):
    text = site(tmp_path)
    assert "acme-challenge" in text
    assert "443" not in text
    assert text.count("server_name daesa.example;") == 1
    assert text.count("{") == text.count("}")


def test_a_name_of_containers_is_looked_up_again(tmp_path):
    text = site(tmp_path, UPSTREAM="web:8000", DOMAIN="chat.example")
    assert "resolver 127.0.0.11 valid=10s;\n    server web:8000 resolve;" in text
    assert "daesa.example" not in text
    assert "server 127.0.0.1:8000" not in text


@pytest.mark.parametrize("variables", [{"DOMAIN": ""}, {"DOMAIN": "a b"}, {"UPSTREAM": "a|b"}])
def test_what_is_no_name_is_refused(tmp_path, variables):
    with pytest.raises(subprocess.CalledProcessError) as failed:
        site(tmp_path, **variables)
    assert failed.value.stdout == ""
    assert failed.value.stderr.startswith("site.sh: ")
