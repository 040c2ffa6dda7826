"""Builds and runs the image on a machine without a container registry or a daemon. buildah builds
the same Dockerfile from bases that debootstrap makes, and it runs in namespaces of the kernel.
Needs root, and Debian's packages buildah, debootstrap and util-linux.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MIRROR = "http://deb.debian.org/debian"
PYTHON, NODE = "localhost/daesa-base:python", "localhost/daesa-base:node"
# The official slim images do not have these either.
_UNNEEDED = [
    *("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man"),
    *("usr/share/locale", "usr/share/info", "var/log"),
]
_PYTHON_BASE = """
FROM scratch
COPY rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""
_NODE_BASE = f"""
FROM {PYTHON}
COPY requirements-node.txt /tmp/
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \\
    --mount=type=secret,id=ca,target=/run/secrets/ca \\
    python3 -m venv /opt/node && \\
    /opt/node/bin/pip install --quiet --require-hashes --requirement /tmp/requirements-node.txt
ENV PATH=/opt/node/bin:/usr/local/bin:/usr/bin:/bin
"""
# As the first process of namespaces of its own: $1 is the image's root, $2 and $3 are the
# directories for DATA_DIR and for secrets; the rest is the command.
_ENTER = """
set -eu
root=$1 data=$2 secrets=$3
shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount -t tmpfs -o mode=755,size=1m tmpfs "$root/run"
mkdir "$root/run/secrets"
mount --bind "$secrets" "$root/run/secrets"
mount --bind "$data" "$root/var/lib/daesa"
mount -o remount,bind,ro "$root/run/secrets"
mount -o remount,ro "$root/run"
mount -o remount,bind,ro "$root"
exec "$@"
"""
# After that: gives up all rights inside of the image's root, and becomes the command. The image
# has no program for it.
_BECOME = """
import ctypes, json, os, sys
given = json.loads(sys.argv[1])
libc = ctypes.CDLL(None)
os.chroot(given["root"])
os.chdir(given["directory"])
for capability in range(64):
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.setgroups([])
os.setresgid(*[given["group"]] * 3)
os.setresuid(*[given["user"]] * 3)
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
os.execvpe(given["command"][0], given["command"], given["env"])
"""


def is_possible() -> bool:
    return os.geteuid() == 0 and all(map(shutil.which, ("buildah", "debootstrap", "unshare")))


class Image:
    """The image `tag`, in a storage of its own below `work`."""

    def __init__(self, work: Path, tag: str, *, secrets: Mapping[str, Path]) -> None:
        self._work, self._tag = work, tag
        self._secrets = [f"--secret=id={name},src={path}" for name, path in secrets.items()]
        self._root = Path()
        self.config: dict[str, Any] = {}

    def build(self) -> None:
        rootfs = self._work / "rootfs"
        if not (rootfs / "usr/bin/python3").exists():
            _debootstrap(rootfs)
        self._build(PYTHON, _PYTHON_BASE, context=self._work)
        node = self._work / "node"
        node.mkdir(exist_ok=True)
        shutil.copy(ROOT / "requirements-node.txt", node)
        self._build(NODE, _NODE_BASE, context=node)
        bases = [f"--build-arg=PYTHON_IMAGE={PYTHON}", f"--build-arg=NODE_IMAGE={NODE}"]
        dockerfile = f"--file={ROOT / 'deploy' / 'Dockerfile'}"
        self._buildah("bud", *bases, dockerfile, *self._how(), f"--tag={self._tag}", str(ROOT))
        container = self._buildah("from", "--pull-never", self._tag, is_read=True)
        self._root = Path(self._buildah("mount", container, is_read=True))
        inspected = self._buildah("inspect", "--type=image", self._tag, is_read=True)
        self.config = json.loads(inspected)["Docker"]["config"]

    def sizes(self) -> tuple[int, int]:
        """In bytes: unpacked, and as it is pulled (layers compressed)."""
        unpacked = sum(path.lstat().st_size for path in self._root.rglob("*") if not path.is_dir())
        archive = self._work / "image"
        shutil.rmtree(archive, ignore_errors=True)
        self._buildah("push", "--quiet", self._tag, f"oci:{archive}:test")
        return unpacked, sum(path.stat().st_size for path in archive.rglob("*") if path.is_file())

    def command(
        self, command: Sequence[str], *, data: Path, secrets: Path, env: Mapping[str, str]
    ) -> list[str]:
        """Runs `command` as the image's user, without capabilities, with a read-only root."""
        user, _, group = self.config["User"].partition(":")
        become = {
            "root": str(self._root),
            "directory": self.config["WorkingDir"],
            "user": int(user),
            "group": int(group),
            "env": dict(one.split("=", 1) for one in self.config["Env"]) | dict(env),
            "command": list(command),
        }
        own = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=SIGTERM"]
        enter = ["sh", "-c", _ENTER, "enter", str(self._root), str(data), str(secrets)]
        return ["unshare", *own, *enter, sys.executable, "-c", _BECOME, json.dumps(become)]

    def stop(self, server: subprocess.Popen[bytes], signal: int) -> None:
        """Signals the process of the command: `unshare` itself ignores signals and waits for it."""
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
        for child in children.split():
            os.kill(int(child), signal)

    def holds(self, path: str) -> bool:
        return (self._root / path.lstrip("/")).exists()

    def _build(self, tag: str, containerfile: str, *, context: Path) -> None:
        path = context / "Containerfile"
        path.write_text(containerfile)
        self._buildah("bud", *self._how(), f"--file={path}", f"--tag={tag}", str(context))

    def _how(self) -> list[str]:
        # Docker's format, because OCI's has no HEALTHCHECK.
        return ["--isolation=chroot", "--format=docker", "--pull-never", *self._secrets]

    def _buildah(self, *arguments: str, is_read: bool = False) -> str:
        storage = [f"--root={self._work / 'storage'}", f"--runroot={self._work / 'run'}"]
        command = ["buildah", *storage, *arguments]
        print("+", shlex.join(command[:1] + command[3:]), flush=True)
        done = subprocess.run(
            command, check=True, text=True, stdout=subprocess.PIPE if is_read else None
        )
        return (done.stdout or "").strip()


def _debootstrap(rootfs: Path) -> None:
    packages = "--include=ca-certificates,python3,python3-venv"
    making = rootfs.with_name("rootfs.part")
    shutil.rmtree(making, ignore_errors=True)
    subprocess.run(
        ["debootstrap", "--variant=minbase", packages, "bookworm", str(making), MIRROR],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for name in _UNNEEDED:
        shutil.rmtree(making / name)
        (making / name).mkdir()
    making.rename(rootfs)
