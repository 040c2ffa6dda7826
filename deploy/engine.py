"""Builds and runs the image with Docker or Podman."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def available() -> str:
    """The program whose engine answers, or "". DAESA_ENGINE=none chooses none."""
    wanted = os.environ.get("DAESA_ENGINE", "")
    for program in [wanted] if wanted else ["docker", "podman"]:
        if shutil.which(program):
            info = subprocess.run([program, "info"], check=False, capture_output=True)
            if info.returncode == 0:
                return program
    return ""


def registry_configuration(work: Path) -> dict[str, Path]:
    """How this machine reaches PyPI and npm, as files that a build mounts and does not keep: the
    certificates it trusts, and indexes of its own.
    """
    files = {"pip": work / "pip.conf", "npmrc": work / "npmrc"}
    pip, npm = ["[global]"], []
    if CERTIFICATES.exists():
        files["ca"] = CERTIFICATES
        pip, npm = ["[global]", "cert = /run/secrets/ca"], ["cafile=/run/secrets/ca"]
    if index := os.environ.get("PIP_INDEX_URL"):
        pip.append(f"index-url = {index}")
    if registry := os.environ.get("NPM_CONFIG_REGISTRY"):
        npm.append(f"registry={registry}")
    for name, lines in (("pip", pip), ("npmrc", npm)):
        files[name].write_text("\n".join([*lines, ""]))
        files[name].chmod(0o600)
    return files


class Image:
    def __init__(self, program: str, tag: str, *, secrets: Mapping[str, Path]) -> None:
        self._program, self._tag = program, tag
        self._secrets = [f"--secret=id={name},src={path}" for name, path in secrets.items()]
        self.config: dict[str, Any] = {}

    def build(self) -> None:
        dockerfile = f"--file={ROOT / 'deploy' / 'Dockerfile'}"
        form = ["--format=docker"] if self._program == "podman" else []
        command = [self._program, "build", dockerfile, *form, *self._secrets, f"--tag={self._tag}"]
        subprocess.run([*command, str(ROOT)], check=True)
        self.config = self._inspect()["Config"]

    def sizes(self) -> tuple[int, int]:
        """In bytes: unpacked, and compressed as one archive."""
        save = [self._program, "save", self._tag]
        with subprocess.Popen(save, stdout=subprocess.PIPE) as saved:
            gzip = subprocess.run(
                ["gzip", "--stdout"], stdin=saved.stdout, check=True, capture_output=True
            )
        return int(self._inspect()["Size"]), len(gzip.stdout)

    def holds(self, path: str) -> bool:
        look = f"import os, sys; sys.exit(not os.path.exists({path!r}))"
        command = [self._program, "run", "--rm", "--user=0", self._tag, "python", "-c", look]
        return subprocess.run(command, check=False).returncode == 0

    def command(
        self, command: Sequence[str], *, data: Path, secrets: Path, env: Mapping[str, str]
    ) -> list[str]:
        return [
            *(self._program, "run", "--rm", "--network=host", "--read-only", "--tmpfs=/tmp"),
            *("--cap-drop=ALL", "--security-opt=no-new-privileges"),
            f"--volume={data}:/var/lib/daesa",
            f"--volume={secrets}:/run/secrets:ro",
            *(f"--env={name}={value}" for name, value in env.items()),
            self._tag,
            *command,
        ]

    def stop(self, server: subprocess.Popen[bytes], signal: int) -> None:
        """The program passes the signal on to the container."""
        server.send_signal(signal)

    def _inspect(self) -> dict[str, Any]:
        command = [self._program, "image", "inspect", self._tag]
        found: dict[str, Any] = json.loads(
            subprocess.run(command, check=True, capture_output=True).stdout
        )[0]
        return found
