"""deploy/compose.yaml and deploy/compose.sqlite.yaml: valid by the published schema of compose
files, and as hardened as docs/deployment.md says.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import make_env
from tests.architecture.test_environment import names_in_settings
from tests.config.test_secret_files import names_read_as_secrets
from tests.live import ROOT

DEPLOY = ROOT / "deploy"
NAMES = ["compose.yaml", "compose.sqlite.yaml"]
# Variables of the images of nginx, PostgreSQL and certbot, and of our own script.
OTHERS = {
    *("DOMAIN", "UPSTREAM", "WEBROOT", "MAINTENANCE", "LOG"),
    *("POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"),
}
CAPABILITIES = {"nginx": {"CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"}}


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return content


SERVICES = [
    pytest.param(name, service, id=f"{name}-{service}")
    for name in NAMES
    for service in read(name)["services"]
]


def complaints(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    return subprocess.run([*command, str(file)], check=False, capture_output=True, text=True)  # noqa: S603


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid(name):
    done = complaints(DEPLOY / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_file_is_not(tmp_path):
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(
        (DEPLOY / "compose.yaml").read_text("utf-8").replace("read_only:", "readonly:")
    )
    assert complaints(wrong).returncode == 1


@pytest.mark.parametrize(("name", "service"), SERVICES)
def test_every_container_is_hardened(name, service):
    of_service = read(name)["services"][service]
    assert of_service["read_only"] is True
    assert of_service["cap_drop"] == ["ALL"]
    assert set(of_service.get("cap_add", [])) == CAPABILITIES.get(service, set())
    assert of_service["security_opt"] == ["no-new-privileges:true"]
    assert any(place.startswith(("/tmp:", "/data:")) for place in of_service["tmpfs"])  # noqa: S108
    assert not {"privileged", "pid", "ipc"} & set(of_service)
    assert "max-size" in of_service["logging"]["options"]
    assert not any("docker.sock" in volume for volume in of_service.get("volumes", []))


@pytest.mark.parametrize(("name", "service"), SERVICES)
def test_every_variable_is_known_and_none_is_a_secret(name, service):
    given = set(read(name)["services"][service].get("environment", {}))
    files = {f"{secret}_FILE" for secret in names_read_as_secrets()}
    assert given <= names_in_settings() | files | OTHERS
    # An address without a password, within the containers' network.
    assert not given & (names_read_as_secrets() - {"REDIS_URL"})


@pytest.mark.parametrize("name", NAMES)
def test_secrets_are_files_that_deploy_env_writes(name, tmp_path):
    declared = read(name)["secrets"]
    made = make_env.files(tmp_path, "daesa.example", for_compose=True)
    written = {path.relative_to(tmp_path / "deploy").as_posix() for path in made}
    assert {secret["file"] for secret in declared.values()} <= written
    for service in read(name)["services"].values():
        files = {
            value.removeprefix("/run/secrets/")
            for variable, value in service.get("environment", {}).items()
            if variable.endswith("_FILE")
        }
        assert files == set(service.get("secrets", []))
        assert files <= set(declared)


@pytest.mark.parametrize("name", NAMES)
def test_what_starts_waits_for_what_it_needs(name):
    services = read(name)["services"]
    for service in services.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":  # the image of `web` has a check of its own
                assert other == "web" or "test" in services[other]["healthcheck"]
            else:
                assert how["condition"] == "service_completed_successfully"
                assert services[other]["restart"] == "no"
    assert "prepare" in services["web"]["depends_on"]


def test_only_the_proxy_is_reached_from_outside():
    services = read("compose.yaml")["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert read("compose.yaml")["networks"]["front"] == {"internal": True}
    assert services["database"]["networks"] == services["redis"]["networks"] == ["back"]
    [port] = read("compose.sqlite.yaml")["services"]["web"]["ports"]
    assert port.startswith("127.0.0.1:")


def test_a_stop_waits_for_running_answers():
    default = re.search(r"GRACEFUL_TIMEOUT=(\d+)", (ROOT / ".env.example").read_text("utf-8"))
    assert default
    for name in NAMES:
        period = read(name)["services"]["web"]["stop_grace_period"]
        assert int(period.removesuffix("s")) > int(default[1])


def test_the_user_of_the_volumes_is_the_one_of_the_image():
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    [uid] = re.findall(r"^USER (\d+):\1$", dockerfile, re.MULTILINE)
    [data] = [
        place
        for place in read("compose.yaml")["services"]["web"]["tmpfs"]
        if place.startswith("/var/lib/daesa:")
    ]
    assert f"uid={uid},gid={uid},mode=0700" in data
