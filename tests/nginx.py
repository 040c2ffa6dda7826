"""A real nginx with nginx/daesa.conf on loopback, in front of any server, with a certificate of its
own.
"""

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import live

SITE = live.ROOT / "nginx" / "site.sh"
HOST = "daesa.example"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


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

    def open(self, *, secure: bool = True) -> http.client.HTTPConnection:
        if not secure:
            return http.client.HTTPConnection("127.0.0.1", self.plain, timeout=60)
        context = ssl._create_unverified_context()  # noqa: S323 - the certificate is its own
        return http.client.HTTPSConnection("127.0.0.1", self.secure, context=context, timeout=60)

    def call(
        self, path: str, *, secure: bool = True, body: str | None = None, **headers: str
    ) -> Answer:
        own = {"Host": f"{HOST}:{self.secure}" if secure else HOST, "Accept": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(self.open(secure=secure)) as line:
            line.request("GET" if body is None else "POST", path, body, {**own, **named})
            response = line.getresponse()
            return Answer(response.status, response.headers, response.read())

    def log(self) -> str:
        return (self.directory / "access.log").read_text()


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"there is no {name}")
    return found


def site(directory: Path, **variables: str) -> str:
    """What nginx/site.sh prints, with all paths in this directory."""
    paths = {
        "DOMAIN": HOST,
        "CERTIFICATES": str(directory),
        "WEBROOT": str(directory / "webroot"),
        "DATA_DIR": str(directory / "data"),
        "MAINTENANCE": str(directory / "maintenance"),
        "LOG": str(directory / "access.log"),
        "PATH": os.environ["PATH"],
    }
    command = ["/bin/sh", str(SITE)]
    done = subprocess.run(  # noqa: S603
        command, env={**paths, **variables}, check=True, capture_output=True, text=True
    )
    return done.stdout


def configuration(directory: Path, text: str, changes: Mapping[str, str]) -> str:
    """Nginx's whole configuration, with the ports of this run."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    kept = "".join(
        f"{kind}_temp_path {directory}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {directory}/pid; error_log {directory}/error.log;"
        f"events {{}} http {{ {kept} types {{ text/css css; }}\n{text}\n}}"
    )


def make_certificate(directory: Path) -> None:
    """Where certbot would put it."""
    place = directory / HOST
    place.mkdir()
    make = [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    make += ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    make += ["-keyout", str(place / "privkey.pem"), "-out", str(place / "fullchain.pem")]
    subprocess.run(make, check=True, capture_output=True)  # noqa: S603


@contextlib.contextmanager
def open_directory() -> Iterator[Path]:
    """One that nginx's workers may read: those of pytest are their owner's alone."""
    with tempfile.TemporaryDirectory(prefix="daesa-nginx-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def in_front_of(port: int, directory: Path, **changes: str) -> Iterator[Proxy]:
    """Nginx in front of a server on this port. `changes`: what each text of the file becomes."""
    nginx = program("nginx")
    make_certificate(directory)
    plain, secure = live.free_port(), live.free_port()
    ports = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
    }
    text = site(directory, UPSTREAM=f"127.0.0.1:{port}")
    file = directory / "nginx.conf"
    file.write_text(configuration(directory, text, {**ports, **changes}))
    command = [nginx, "-p", str(directory), "-c", str(file)]
    tried = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)  # noqa: S603
    assert tried.returncode == 0, tried.stderr
    with contextlib.ExitStack() as stack:
        child = subprocess.Popen(command)  # noqa: S603
        stack.callback(child.wait, timeout=20)
        stack.callback(child.terminate)
        for listening in (plain, secure):
            wait_for(listening)
        yield Proxy(plain, secure, directory)


def wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise TimeoutError
