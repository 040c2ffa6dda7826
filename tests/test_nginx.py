"""nginx/daesa.conf, in a real nginx in front of the server as it is deployed."""

import contextlib
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import live

pytestmark = pytest.mark.live

CONFIG = (live.ROOT / "nginx" / "daesa.conf").read_text(encoding="utf-8")
HOST = "daesa.example"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
LIES = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "192.0.2.1",
    "Forwarded": "host=evil.example;proto=https",
}


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Proxy:
    plain: int
    secure: int
    directory: Path

    def call(
        self, path: str, *, secure: bool = True, body: str | None = None, **headers: str
    ) -> Answer:
        line: http.client.HTTPConnection
        if secure:
            context = ssl._create_unverified_context()  # noqa: S323 - the certificate is its own
            line = http.client.HTTPSConnection(
                "127.0.0.1", self.secure, context=context, timeout=20
            )
        else:
            line = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=20)
        own = {"Host": f"{HOST}:{self.secure}" if secure else HOST, "Accept": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(line):
            line.request("GET" if body is None else "POST", path, body, {**own, **named})
            response = line.getresponse()
            return Answer(response.status, response.headers, response.read())

    def log(self) -> str:
        return (self.directory / "access.log").read_text()


def configuration(directory: Path, *, app: int, plain: int, secure: int) -> str:
    """The site's file with the paths and ports of this run."""
    changes = {
        "server 127.0.0.1:8000": f"server 127.0.0.1:{app}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "/etc/letsencrypt/live/daesa.example/fullchain.pem": str(directory / "certificate.pem"),
        "/etc/letsencrypt/live/daesa.example/privkey.pem": str(directory / "key.pem"),
        "/var/log/nginx/daesa.log": str(directory / "access.log"),
        "/var/lib/daesa/static/": f"{directory}/data/static/",
    }
    text = CONFIG
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    kept = "".join(
        f"{kind}_temp_path {directory}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {directory}/pid; error_log {directory}/error.log;"
        f"events {{}} http {{ {kept} types {{ text/css css; }}\n{text}\n}}"
    )


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    openssl = shutil.which("openssl")
    if not nginx or not openssl:
        pytest.skip("there is no nginx or no openssl")
    with (
        tempfile.TemporaryDirectory(prefix="daesa-nginx-") as name,
        contextlib.ExitStack() as stack,
    ):
        directory = Path(name)
        directory.chmod(0o755)
        app, plain, secure = live.free_port(), live.free_port(), live.free_port()
        make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        make += [
            "-subj",
            f"/CN={HOST}",
            "-keyout",
            f"{name}/key.pem",
            "-out",
            f"{name}/certificate.pem",
        ]
        subprocess.run(make, check=True, capture_output=True)  # noqa: S603
        env = live.environment(
            DATA_DIR=f"{name}/data",
            PORT=str(app),
            ALLOWED_HOSTS=HOST,
            DEFAULT_MODEL="board",
        )
        prepare = [sys.executable, "manage.py", "prepare", "--verbosity", "0"]
        subprocess.run(prepare, cwd=live.ROOT, env=env, check=True, capture_output=True)  # noqa: S603
        (directory / "nginx.conf").write_text(
            configuration(directory, app=app, plain=plain, secure=secure)
        )
        command = [nginx, "-p", name, "-c", f"{name}/nginx.conf"]
        tried = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)  # noqa: S603
        assert tried.returncode == 0, tried.stderr
        gunicorn = ("-m", "gunicorn", "-c", "config/gunicorn.conf.py")
        stack.enter_context(live.process(*gunicorn, env=env, log=directory / "gunicorn.log"))
        child = subprocess.Popen(command)  # noqa: S603
        stack.callback(child.wait, timeout=20)
        stack.callback(child.terminate)
        for port in (app, plain, secure):
            wait_for(port)
        yield Proxy(plain, secure, directory)


def wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise TimeoutError


def test_links_keep_the_port_and_nobody_else_says_the_host(proxy):
    for headers in ({}, LIES):
        links = json.loads(proxy.call("/", **headers).body)["links"]
        hrefs = {link["href"] for link in links}
        assert all(href.startswith(f"https://{HOST}:{proxy.secure}/") for href in hrefs)


def test_another_host_is_not_answered(proxy):
    assert proxy.call("/", Host="evil.example").status == 400


@pytest.mark.parametrize("headers", [{}, LIES], ids=["plain", "lies"])
def test_calls_over_plain_http_are_refused(proxy, headers):
    for path, body in (("/accounts/login", "{}"), ("/chat", None), ("/", None)):
        answer = proxy.call(path, secure=False, body=body, **headers)
        assert (answer.status, json.loads(answer.body)["code"]) == (403, "https_required")
        assert "Location" not in answer.headers


def test_a_browser_is_sent_to_https(proxy):
    answer = proxy.call("/login?next=/c/1", secure=False, Accept=BROWSER)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/login?next=/c/1")


def test_hsts_binds_this_host_alone(proxy):
    style = proxy.call(style_of(proxy))
    for answer in (proxy.call("/"), style):
        assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]


def style_of(proxy: Proxy) -> str:
    page = proxy.call("/docs", Accept=BROWSER).body.decode()
    found = re.search(r'href="(/static/drf_spectacular_sidecar/[^"]+\.css)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("mode", [0o700, 0o711])
def test_static_files_come_whether_or_not_nginx_may_read_them(proxy, mode):
    (proxy.directory / "data").chmod(mode)
    answer = proxy.call(style_of(proxy))
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert proxy.call("/static/nothing.css").status == 404


@pytest.mark.parametrize("secure", [True, False])
def test_metrics_are_not_there(proxy, secure):
    assert proxy.call("/metrics", secure=secure).status == 404


def test_the_log_has_neither_queries_nor_keys(proxy):
    for secure in (True, False):
        for path in (
            "/quote?q=hidden",
            "/reset/hidden",
            "/verify-email/hidden:1:x?a=hidden",
            "/login",
        ):
            proxy.call(path, secure=secure, Accept=BROWSER, Referer=f"https://{HOST}/hidden")
    text = proxy.log()
    assert "hidden" not in text
    assert "127.0.0.1" not in text
    assert {" /reset ", " /verify-email ", " /quote ", " /login "} <= set(
        re.findall(r" /[\w-]+ ", text)
    )
