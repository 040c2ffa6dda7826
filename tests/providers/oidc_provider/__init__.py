"""`server.mjs`, a certified OpenID provider on loopback, as a process that tests start."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import live

CLIENT_ID, SECRET = "daesa", "a-secret-of-tests"
SERVER = Path(__file__).parent / "server.mjs"
PACKAGE = live.ROOT / "frontend" / "node_modules" / "oidc-provider"
# Where `make` brings Node into .venv, it is beside Python.
_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def missing() -> str:
    """What is missing for the provider, "" if nothing is."""
    lacks = [] if shutil.which("node", path=_PATH) else ["Node"]
    return " and ".join(lacks if PACKAGE.is_dir() else [*lacks, "oidc-provider (make page)"])


@dataclass(frozen=True)
class OidcProvider:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def set_account(self, subject: str, **claims: object) -> None:
        """Also changes one."""
        self._put(f"/accounts/{subject}", claims)

    @contextlib.contextmanager
    def down(self, *paths: str) -> Iterator[None]:
        """Within, it closes connections to these paths (`/token`) without an answer."""
        self._put("/down", paths)
        try:
            yield
        finally:
            self._put("/down", [])

    def _put(self, path: str, value: object) -> None:
        body = json.dumps(value).encode()
        request = urllib.request.Request(self.url + path, body, method="PUT")  # noqa: S310
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


@contextlib.contextmanager
def oidc_provider(redirect_uris: Sequence[str]) -> Iterator[OidcProvider]:
    found = OidcProvider(live.free_port())
    env = {
        "PATH": _PATH,
        "PORT": str(found.port),
        "REDIRECT_URIS": " ".join(redirect_uris),
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": SECRET,
    }
    command = [shutil.which("node", path=_PATH) or "node", str(SERVER)]
    with subprocess.Popen(  # noqa: S603
        command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            assert child.stdout
            if "ready\n" not in iter(child.stdout.readline, ""):
                raise ChildProcessError(f"{SERVER} did not start")
            yield found
        finally:
            child.kill()
