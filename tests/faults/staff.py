"""A member of staff at the administration of a running server, and people who use it meanwhile."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from tests.faults.stack import Stack
from tests.live import PROXY_HEADERS, ROOT, environment

_CSRF = "a" * 32
_BOUNDARY = "between-the-parts"
_SIGN_IN = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from accounts import admin_session
from accounts.models import User
staff, _ = User.objects.get_or_create(
    email="staff@example.com", defaults={"is_staff": True, "is_superuser": True, "password": "!"}
)

session = SessionStore()
session[SESSION_KEY] = str(staff.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
request = HttpRequest()
request.session = session
admin_session.reopen(request)
session.save()
print("KEY", session.session_key, settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
"""


class Staff:
    def __init__(self, daesa: Stack) -> None:
        self._daesa = daesa
        output = manage(daesa, "shell", "-v0", "-c", _SIGN_IN)
        key, session, csrf = output.split("KEY ")[1].split()[:3]
        self._cookies = f"{session}={key}; {csrf}={_CSRF}"

    def post(self, path: str, body: bytes, kind: str = "") -> tuple[int, str]:
        """The status of the answer, and where it leads."""
        host = f"127.0.0.1:{self._daesa.port}"
        connection = http.client.HTTPConnection("127.0.0.1", self._daesa.port, timeout=300)
        headers = {
            **PROXY_HEADERS,
            "Content-Type": kind or "application/x-www-form-urlencoded",
            "Cookie": self._cookies,
            "X-CSRFToken": _CSRF,
            "Referer": f"https://{host}/admin/",
        }
        with contextlib.closing(connection):
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            response.read()
            return response.status, response.headers.get("Location", "")

    def act(self, action: str, keys: list[int], **more: str) -> tuple[int, str]:
        """What the list's form sends with these lines ticked, all of them in review."""
        form = [("action", action), ("index", "0"), *more.items()]
        form += [("_selected_action", str(key)) for key in keys]
        form += [("seen", f"{key}:1:pending") for key in keys]
        return self.post("/admin/quotes/quote/", urlencode(form).encode())

    def upload(self, lines: bytes) -> tuple[int, str]:
        head = 'Content-Disposition: form-data; name="file"; filename="lines.jsonl"\r\n\r\n'
        body = f"--{_BOUNDARY}\r\n{head}".encode() + lines + f"\r\n--{_BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={_BOUNDARY}"
        return self.post("/admin/quotes/quote/import/", body, kind)


def manage(daesa: Stack, *command: str) -> str:
    """A command beside the running server."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment(DATA_DIR=str(Path(daesa.database).parent)),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def lines_of(count: int) -> bytes:
    rows = ({"content": f"A line of its own, number {n}"} for n in range(count))
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def kill_worker(daesa: Stack) -> None:
    os.kill(daesa.workers()[0], signal.SIGKILL)


class Others:
    """Two threads: one asks questions, the other requests /health/live. Each sends its next request
    after the answer to the last one. `answered` returns how many requests were both sent and
    answered between two times.
    """

    def __init__(self, daesa: Stack) -> None:
        self._daesa = daesa
        self._on = True
        self._done: dict[str, list[tuple[float, float, int]]] = {"live": [], "asked": []}
        self._threads = [
            threading.Thread(target=self._go_on, args=(name, call))
            for name, call in (("live", self._probe), ("asked", self._ask))
        ]

    def answered(self, what: str, since: float, until: float) -> int:
        return sum(since < begun and ended < until for begun, ended, _ in self._done[what])

    def statuses(self) -> set[int]:
        return {status for done in self._done.values() for *_, status in done}

    def _go_on(self, name: str, call: Callable[[], int]) -> None:
        while self._on:
            begun = time.monotonic()
            status = call()
            self._done[name].append((begun, time.monotonic(), status))
            time.sleep(0.01)

    def _probe(self) -> int:
        return self._request("GET", "/health/live")

    def _ask(self) -> int:
        headers = {"Authorization": f"Bearer {self._daesa.tokens[0]}"}
        return self._request("POST", "/chat", b'{"content": "Who is there?"}', **headers)

    def _request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._daesa.port, timeout=300)
        with contextlib.closing(connection):
            kind = {"Content-Type": "application/json"}
            connection.request(method, path, body, {**PROXY_HEADERS, **kind, **headers})
            response = connection.getresponse()
            response.read()
            return response.status


@contextlib.contextmanager
def others(daesa: Stack) -> Iterator[Others]:
    made = Others(daesa)
    for thread in made._threads:
        thread.start()
    try:
        yield made
    finally:
        made._on = False
        for thread in made._threads:
            thread.join()
