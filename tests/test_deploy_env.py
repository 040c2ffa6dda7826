"""`make deploy-env`: what it writes starts a server, and nothing is overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy import make_env
from tests.live import ROOT

READ = '''
import json
from config import settings
names = """DEBUG ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS TRUSTED_PROXY_COUNT JWT_SIGNING_KEYS
METRICS_TOKEN SECRET_KEY""".split()
print(json.dumps({name: getattr(settings, name) for name in names}))
'''


def made(root: Path, *arguments: str) -> dict[str, str]:
    make_env.main(list(arguments), root=root)
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file()
    }


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def settings_of(directory: Path, **variables: str) -> dict[str, Any]:
    own = {"PATH": os.environ["PATH"], "DATA_DIR": str(directory / "data")}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env={**own, **variables},
        check=True,
        capture_output=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_settings_of_a_server(tmp_path):
    assert set(made(tmp_path, "Daesa.Example")) == {".env"}
    assert mode(tmp_path / ".env") == 0o600
    read = settings_of(tmp_path, DAESA_DOTENV=str(tmp_path / ".env"))
    assert read["DEBUG"] is False
    assert read["ALLOWED_HOSTS"] == ["daesa.example"]
    assert read["CSRF_TRUSTED_ORIGINS"] == ["https://daesa.example"]
    assert read["TRUSTED_PROXY_COUNT"] == 1
    [(_kid, key)] = read["JWT_SIGNING_KEYS"]
    assert len({key, read["SECRET_KEY"], read["METRICS_TOKEN"]}) == 3


def test_settings_and_secrets_of_containers(tmp_path):
    files = made(tmp_path, "daesa.example", "--for", "compose")
    secrets = {name.removeprefix("deploy/secrets/") for name in files} - {"deploy/.env"}
    assert secrets == {
        "secret_key",
        "jwt_signing_keys",
        "metrics_token",
        "database_url",
        "database_password",
    }
    directory = tmp_path / "deploy" / "secrets"
    assert (mode(directory), mode(tmp_path / "deploy" / ".env")) == (0o700, 0o600)
    assert {mode(path) for path in directory.iterdir()} == {0o444}
    assert not any(
        files[f"deploy/secrets/{name}"].strip() in files["deploy/.env"] for name in secrets
    )
    assert files["deploy/secrets/database_password"].strip() in files["deploy/secrets/database_url"]
    read = settings_of(
        tmp_path,
        DAESA_DOTENV=str(tmp_path / "deploy" / ".env"),
        **{
            f"{name.upper()}_FILE": str(directory / name)
            for name in secrets - {"database_password"}
        },
    )
    assert read["SECRET_KEY"] == files["deploy/secrets/secret_key"].strip()


def test_secrets_are_fresh(tmp_path):
    one, other = ({**made(tmp_path / name, "daesa.example")} for name in ("one", "other"))
    lines = [set(files[".env"].splitlines()) for files in (one, other)]
    assert {line.split("=")[0] for line in lines[0] - lines[1]} == {
        "SECRET_KEY",
        "JWT_SIGNING_KEYS",
        "METRICS_TOKEN",
    }


@pytest.mark.parametrize("name", ["deploy/.env", "deploy/secrets/metrics_token"])
def test_nothing_is_overwritten(tmp_path, name):
    kept = tmp_path / name
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    with pytest.raises(SystemExit) as stopped:
        make_env.main(["daesa.example", "--for", "compose"], root=tmp_path)
    assert stopped.value.code == f"deploy-env: nothing is written, because {kept} exists"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    assert kept.read_text() == "mine"


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "daesa",
        "https://daesa.example",
        "a b.example",
        "-a.example",
        "a..example",
        "x\ny.example",
    ],
)
def test_what_is_no_domain(tmp_path, domain):
    with pytest.raises(SystemExit):
        make_env.main([domain], root=tmp_path)
    assert list(tmp_path.iterdir()) == []
