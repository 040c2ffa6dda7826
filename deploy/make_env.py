"""Writes the settings of a deployment with fresh secrets: `make deploy-env DOMAIN=daesa.example`.

Asks nothing and overwrites nothing. Without FOR: `.env` in the project's root, for a server of this
machine. With FOR=compose: `deploy/.env` and a file for each secret in `deploy/secrets/`.
"""

import argparse
import os
import re
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)

SETTINGS = """\
# Of this site; all settings are in docs/configuration.md.
DEBUG=false
ALLOWED_HOSTS={domain}
CSRF_TRUSTED_ORIGINS=https://{domain}
EMAIL_URL=
OPENAI_API_KEY=
"""
SERVER = """\
SECRET_KEY={secret_key}
JWT_SIGNING_KEYS={jwt_signing_keys}
METRICS_TOKEN={metrics_token}
TRUSTED_PROXY_COUNT=1
DATA_DIR=/var/lib/daesa
# postgres://daesa:PASSWORD@127.0.0.1:5432/daesa and redis://127.0.0.1:6379/0; empty: SQLite
DATABASE_URL=
REDIS_URL=
# One worker per core; more than one needs REDIS_URL.
WEB_CONCURRENCY=1
"""
COMPOSE = """\
DOMAIN={domain}
"""


def fresh() -> dict[str, str]:
    password = secrets.token_urlsafe(32)
    return {
        "secret_key": secrets.token_urlsafe(64),
        "jwt_signing_keys": f"{datetime.now(UTC):%Y%m%d-%H%M}:{secrets.token_urlsafe(48)}",
        "metrics_token": secrets.token_urlsafe(32),
        "database_password": password,
        "database_url": f"postgres://daesa:{password}@database:5432/daesa",
    }


def files(root: Path, domain: str, *, for_compose: bool) -> dict[Path, str]:
    values = fresh()
    if not for_compose:
        return {root / ".env": (SETTINGS + SERVER).format(domain=domain, **values)}
    directory = root / "deploy"
    contents = {directory / "secrets" / name: value + "\n" for name, value in values.items()}
    return {directory / ".env": (COMPOSE + SETTINGS).format(domain=domain), **contents}


def write(contents: Mapping[Path, str]) -> None:
    """Writes all files, or none if one of them exists."""
    if existing := [str(path) for path in contents if path.exists()]:
        sys.exit(f"deploy-env: nothing is written, because {existing[0]} exists")
    for path, content in contents.items():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        # The user of the container, who has no account on this machine, must be able to read the
        # files of secrets. Other users cannot reach them: only the owner may enter the directory.
        mode = 0o444 if path.parent.name == "secrets" else 0o600
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        path.chmod(mode)
        print(f"deploy-env: wrote {path}")


def main(arguments: list[str], root: Path = ROOT) -> None:
    parser = argparse.ArgumentParser(prog="deploy-env")
    parser.add_argument("domain", help="the site's name, such as daesa.example")
    parser.add_argument("--for", dest="target", default="", choices=["", "compose"])
    given = parser.parse_args(arguments)
    domain = given.domain.strip().lower()
    if not DOMAIN.fullmatch(domain):
        sys.exit("deploy-env: DOMAIN must be the site's name: make deploy-env DOMAIN=daesa.example")
    write(files(root, domain, for_compose=given.target == "compose"))


if __name__ == "__main__":
    main(sys.argv[1:])
