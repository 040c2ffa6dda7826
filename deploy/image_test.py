"""Builds the image and tests it as it is deployed: `make image-test`, or `python3 -m
deploy.image_test`. Only the standard library is needed.

Docker or Podman builds and runs it where one of them answers; otherwise `deploy.without_registry`.
"""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from deploy import engine, without_registry

TAG = "localhost/daesa:test"
USER = 10001
HOST = "daesa.example"
MEGABYTE = 1_000_000
LARGEST = 250 * MEGABYTE  # unpacked
# Run as the server's process: prints what this process may do, and what it finds of the system.
PROBE = """
import json, os, ssl, zoneinfo
def error(path):
    try:
        with open(os.path.join(path, "probe"), "w"): pass
    except OSError as error:
        return os.strerror(error.errno)
    os.remove(os.path.join(path, "probe"))
    return ""
lines = open("/proc/self/status").read().splitlines()
status = dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
print(json.dumps({
    "user": [os.getuid(), os.getgid(), os.getgroups()],
    "capabilities": [status["CapEff"], status["CapBnd"], status["NoNewPrivs"]],
    "authorities": len(ssl.create_default_context().get_ca_certs()),
    "time zone": zoneinfo.ZoneInfo("Asia/Seoul").key,
    "writes": {path: error(path) for path in
               ("/", "/etc", "/srv/daesa", "/opt/daesa", "/srv/daesa/static", "/var/tmp",
                "/tmp", "/var/lib/daesa")},
}))
"""


class Image(Protocol):
    config: dict[str, Any]

    def build(self) -> None: ...
    def sizes(self) -> tuple[int, int]: ...
    def holds(self, path: str) -> bool: ...
    def stop(self, server: subprocess.Popen[bytes], signal: int) -> None: ...
    def command(
        self, command: Sequence[str], *, data: Path, secrets: Path, env: Mapping[str, str]
    ) -> list[str]: ...


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--work", type=Path, help="keep the bases here, for the next time")
    given = parser.parse_args()
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        work = given.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        work.mkdir(parents=True, exist_ok=True)
        image = chosen(work)
        image.build()
        print(f"built in {time.monotonic() - begun:.0f} s", flush=True)
        check_configuration(image)
        check_run(image, stack.enter_context(run_directory()))
        unpacked, compressed = image.sizes()
    if unpacked > LARGEST:
        sys.exit(f"image-test: the image has {unpacked / MEGABYTE:.0f} MB unpacked")
    print(
        f"image-test: passed in {time.monotonic() - begun:.0f} s; the image has "
        f"{unpacked / MEGABYTE:.0f} MB, {compressed / MEGABYTE:.0f} MB compressed"
    )


def chosen(work: Path) -> Image:
    mounted = engine.registry_configuration(work)
    if program := engine.available():
        return engine.Image(program, TAG, secrets=mounted)
    if without_registry.is_possible():
        return without_registry.Image(work, TAG, secrets=mounted)
    sys.exit("image-test: needs Docker, Podman, or (as root) buildah and debootstrap")


def check_configuration(image: Image) -> None:
    config = image.config
    same(config["User"], f"{USER}:{USER}")
    same(config["StopSignal"], "SIGTERM")
    same(config["Healthcheck"]["Test"][0], "CMD")
    same(config["Labels"]["org.opencontainers.image.licenses"], "MIT")
    # Neither a registry's configuration nor anything of the working tree that is not deployed.
    unwanted = ["/etc/pip.conf", "/root/.npmrc", "/srv/daesa/.env", "/srv/daesa/tests"]
    unwanted += ["/bin/sh", "/usr/bin/apt", "/usr/bin/dpkg", "/opt/daesa/bin/pip"]
    for path in unwanted:
        same((path, image.holds(path)), (path, False))


@contextlib.contextmanager
def run_directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="daesa-image-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "data").mkdir(mode=0o700)
        shutil.chown(directory / "data", USER, USER)
        (directory / "secrets").mkdir()
        (directory / "secrets" / "secret_key").write_text(secrets.token_urlsafe(64))
        (directory / "secrets" / "secret_key").chmod(0o444)
        yield directory


def check_run(image: Image, directory: Path) -> None:
    port = free_port()
    env = {
        "SECRET_KEY_FILE": "/run/secrets/secret_key",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXY_COUNT": "1",
        "PORT": str(port),
        "HOST": "127.0.0.1",
    }
    place = {"data": directory / "data", "secrets": directory / "secrets"}

    def command(*arguments: str) -> list[str]:
        return image.command(arguments, **place, env=env)

    probed = subprocess.run(command("python", "-c", PROBE), check=True, capture_output=True)
    found = json.loads(probed.stdout)
    check_rights(found)
    same((found["authorities"] > 0, found["time zone"]), (True, "Asia/Seoul"))
    subprocess.run(command("python", "manage.py", "prepare"), check=True)
    server = subprocess.Popen(command(*image.config["Cmd"]))
    try:
        ready = wait_until_ready(port, server)
        same(ready["checks"]["database"], "ok")
        check = command(*image.config["Healthcheck"]["Test"][1:])
        same(subprocess.run(check, check=False).returncode, 0)
        check_page(port)
        check_chat(port)
    finally:
        if server.poll() is None:
            image.stop(server, signal.SIGTERM)
        try:
            status = server.wait(timeout=60)
        finally:
            server.kill()
    same(status, 0)
    gone = subprocess.run(check, check=False, capture_output=True)
    same(gone.returncode, 1)


def check_rights(probed: dict[str, Any]) -> None:
    same(probed["user"], [USER, USER, []])
    nothing = "0" * 16
    same(probed["capabilities"], [nothing, nothing, "1"])
    writable = {path for path, error in probed["writes"].items() if not error}
    same(writable, {"/tmp", "/var/lib/daesa"})
    same(set(probed["writes"].values()), {"", "Read-only file system"})


def check_page(port: int) -> None:
    page = fetch(port, "/", accept="text/html").decode()
    if '<div id="root"' not in page:
        sys.exit("image-test: / is not the page")
    docs = fetch(port, "/docs", accept="text/html").decode()
    style = docs.split('href="/static/', 1)[1].split('"', 1)[0]
    fetch(port, f"/static/{style}", accept="*/*")


def check_chat(port: int) -> None:
    person = {"email": "me@example.com", "password": "a long pass phrase"}
    token = json.loads(fetch(port, "/accounts/join", person))["access"]
    question = {"content": "To be, or not to be"}
    reply = json.loads(fetch(port, "/chat", question, token=token))["chat_reply"]
    same((reply["status"], reply["model"]), ("done", "board"))
    same({cited["verdict"] for cited in reply["citations"]}, {"verbatim"})
    print("the board answered:", reply["content"].splitlines()[2], flush=True)


def wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> dict[str, Any]:
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError):
            ready: dict[str, Any] = json.loads(fetch(port, "/health/ready"))
            return ready
        time.sleep(0.2)
    sys.exit("image-test: the server did not become ready")


def fetch(
    port: int, path: str, body: Any = None, *, token: str = "", accept: str = "application/json"
) -> bytes:
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    headers |= {"Accept": accept, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", sent, headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return bytes(response.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def same(found: object, wanted: object) -> None:
    if found != wanted:
        sys.exit(f"image-test: {found!r} is not {wanted!r}")


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    main()
