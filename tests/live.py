"""The server as deployed, in child processes on loopback: gunicorn, SQLite, production settings,
in a temporary directory. For the fuzzer and other live checks.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The header of a proxy: the production settings refuse plain HTTP.
PROXY_HEADERS = {"X-Forwarded-Proto": "https"}
STAFF = {"email": "staff@example.com", "password": "a pass phrase of the staff"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**values: str) -> dict[str, str]:
    """Only what the server needs, without the developer's shell and .env."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "DAESA_DOTENV": "",
        "SECRET_KEY": "live-server-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
        "TRUSTED_PROXY_COUNT": "1",
        "LOG_LEVEL": "WARNING",
        **values,
    }


@contextlib.contextmanager
def process(*command: str, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, *command], cwd=ROOT, env=dict(env), stdout=output, stderr=output
        )
        try:
            yield child
        finally:
            child.terminate()
            child.wait(timeout=40)


@contextlib.contextmanager
def server(under: Path | None = None, /, **settings: str) -> Iterator[str]:
    """A running Daesa with `fakeopenai` as its upstream, and `STAFF`. Yields its URL. Its files are
    in a folder of their own, `under` this one.
    """
    with contextlib.ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="daesa-live-", dir=under))
        directory, upstream_port, port = Path(name), free_port(), free_port()
        env = environment(
            DATA_DIR=name,
            PORT=str(port),
            OPENAI_BASE_URL=f"http://127.0.0.1:{upstream_port}/v1",
            OPENAI_API_KEY="fake",
            DEFAULT_MODEL="fake",
            **settings,
        )
        admin = {"ADMIN_EMAIL": STAFF["email"], "ADMIN_PASSWORD": STAFF["password"]}
        for command in ("prepare", "create_admin"):
            manage = [sys.executable, "manage.py", command]
            subprocess.run(manage, cwd=ROOT, env=env | admin, check=True)  # noqa: S603
        fake = ("manage.py", "fakeopenai", "--port", str(upstream_port))
        stack.enter_context(process(*fake, env=env, log=directory / "fakeopenai.log"))
        log = directory / "gunicorn.log"
        gunicorn = ("-m", "gunicorn", "-c", "config/gunicorn.conf.py")
        child = stack.enter_context(process(*gunicorn, env=env, log=log))
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until_ready(url, child)
            yield url
        finally:
            sys.stderr.write(log.read_text()[-4000:])


@contextlib.contextmanager
def server_of_the_board(**settings: str) -> Iterator[tuple[int, Path]]:
    """A running Daesa in which the board answers. Yields its port and its log."""
    with tempfile.TemporaryDirectory(prefix="daesa-live-") as name:
        directory, port = Path(name), free_port()
        env = environment(
            DATA_DIR=str(directory / "data"),
            PORT=str(port),
            ALLOWED_HOSTS="127.0.0.1",
            DEFAULT_MODEL="board",
            **settings,
        )
        prepare = [sys.executable, "manage.py", "prepare", "--verbosity", "0"]
        subprocess.run(prepare, cwd=ROOT, env=env, check=True, capture_output=True)  # noqa: S603
        log = directory / "log"
        gunicorn = ("-m", "gunicorn", "-c", "config/gunicorn.conf.py")
        with process(*gunicorn, env=env, log=log) as child:
            end = time.monotonic() + 60
            while time.monotonic() < end and child.poll() is None:
                with contextlib.suppress(OSError):
                    call(f"http://127.0.0.1:{port}/health/live")
                    break
                time.sleep(0.1)
            yield port, log


def wait_until_ready(url: str, child: subprocess.Popen[bytes], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and child.poll() is None:
        with contextlib.suppress(OSError):
            if call(f"{url}/health")["checks"]["upstream"] == "ok":
                return
        time.sleep(0.2)
    raise TimeoutError(f"{url} did not become ready")


def call(url: str, body: Any = None, **headers: str) -> Any:
    """Sends one request (POST if there is a body) and returns its JSON."""
    request = urllib.request.Request(  # noqa: S310
        url,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", **PROXY_HEADERS, **headers},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return json.load(response)


def sign_in(url: str, email: str, password: str = "correct horse battery") -> str:  # noqa: S107
    """Joins and returns an access token."""
    person = {"email": email, "password": password}
    call(f"{url}/accounts/join", person)
    return token_of(url, person)


def token_of(url: str, person: Mapping[str, str]) -> str:
    return str(call(f"{url}/accounts/login", dict(person))["access"])
