"""`server.mjs`, a certified OpenID provider on loopback, as a process that tests start and stop."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests import live

SERVER = Path(__file__).parent / "server.mjs"
PACKAGE = live.ROOT / "frontend" / "node_modules" / "oidc-provider"
# Where `make` brings Node into .venv, it is beside Python.
_PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def missing() -> str:
    """What is missing for the provider, "" if nothing is."""
    lacks = [] if shutil.which("node", path=_PATH) else ["Node"]
    return " and ".join(lacks if PACKAGE.is_dir() else [*lacks, "oidc-provider (make page)"])


@dataclass
class OidcProvider:
    """`environment` is what a site that uses it sets."""

    port: int
    redirect_uris: Sequence[str]
    environment: dict[str, str] = field(init=False)
    _child: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        self.environment = {
            "OIDC_ISSUER": self.url,
            "OIDC_CLIENT_ID": "daesa",
            "OIDC_CLIENT_SECRET": "a-secret-of-tests",
            "OIDC_NAME": "Example ID",
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def set_account(self, subject: str, **claims: object) -> None:
        """Also changes one. Accounts and sessions are lost when the provider stops."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/accounts/{subject}", json.dumps(claims).encode(), method="PUT"
        )
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310

    def start(self) -> None:
        env = {
            "PATH": _PATH,
            "PORT": str(self.port),
            "REDIRECT_URIS": " ".join(self.redirect_uris),
            "CLIENT_ID": self.environment["OIDC_CLIENT_ID"],
            "CLIENT_SECRET": self.environment["OIDC_CLIENT_SECRET"],
        }
        self._child = subprocess.Popen(  # noqa: S603
            [shutil.which("node", path=_PATH) or "node", str(SERVER)],
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._child.stdout
        if "ready\n" not in iter(self._child.stdout.readline, ""):
            raise ChildProcessError(f"{SERVER} ended with {self._child.wait()}")

    def stop(self) -> None:
        if self._child and self._child.stdout:
            self._child.kill()
            self._child.wait()
            self._child.stdout.close()
        self._child = None


@contextlib.contextmanager
def oidc_provider(redirect_uris: Sequence[str]) -> Iterator[OidcProvider]:
    found = OidcProvider(live.free_port(), redirect_uris)
    found.start()
    try:
        yield found
    finally:
        found.stop()
