"""deploy/systemd/: units that systemd understands, hardened, and what their scripts do."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.live import ROOT

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
TIMERS = sorted(path.name for path in UNITS.glob("*.timer"))
MOST_EXPOSED = 2.0  # of 10


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    found = shutil.which("systemd-analyze")
    if found is None:
        assert not os.environ.get("REQUIRE_SERVICES"), "systemd is not installed"
        pytest.skip("there is no systemd-analyze")
    return subprocess.run([found, *arguments], check=False, capture_output=True, text=True)  # noqa: S603


def copies(directory: Path) -> list[str]:
    """The units with programs that exist here: `verify` looks for them."""
    for path in UNITS.glob("daesa*"):
        text = path.read_text(encoding="utf-8").replace("/srv/daesa/.venv/bin/", "/bin/true ")
        (directory / path.name).write_text(text.replace("/srv/daesa", str(ROOT)))
    return [str(path) for path in sorted(directory.iterdir())]


def test_systemd_finds_nothing_wrong(tmp_path):
    done = analyze("verify", "--man=no", *copies(tmp_path))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_wrong_unit_is_found(tmp_path):
    units = copies(tmp_path)
    service = tmp_path / "daesa.service"
    service.write_text(service.read_text().replace("ProtectSystem=strict", "ProtectSystem=stric"))
    assert "protect system" in analyze("verify", "--man=no", *units).stderr


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name):
    done = analyze("security", "--offline=true", str(UNITS / name))
    [level] = re.findall(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(level) < MOST_EXPOSED


def test_every_timer_has_a_service_and_every_job_a_timer():
    jobs = {name.removesuffix(".service") for name in SERVICES} - {"daesa"}
    assert {name.removesuffix(".timer") for name in TIMERS} == jobs
    for name in TIMERS:
        text = (UNITS / name).read_text(encoding="utf-8")
        [when] = re.findall(r"^OnCalendar=(.+)$", text, re.MULTILINE)
        assert analyze("calendar", when).returncode == 0


def test_a_stop_waits_for_running_answers():
    text = (UNITS / "daesa.service").read_text(encoding="utf-8")
    [seconds] = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    [default] = re.findall(r"GRACEFUL_TIMEOUT=(\d+)", (ROOT / ".env.example").read_text("utf-8"))
    assert int(seconds) > int(default)


# --- backup.sh -----------------------------------------------------------------------------------

# Stands for Python with manage.py: writes what it was asked into the file, or fails.
MANAGE = """#!/bin/sh
[ "$2" = backup ] && { [ -z "${FAIL-}" ] || exit 1; echo "$*" >"$3"; }
[ "$2" = rehearse_restore ] && echo "rehearsed $3"
exit 0
"""


@pytest.fixture
def run(tmp_path: Path):
    manage = tmp_path / "python"
    manage.write_text(MANAGE)
    manage.chmod(0o755)
    (tmp_path / "backups").mkdir()

    def call(verb: str, **variables: str) -> subprocess.CompletedProcess[str]:
        own = {"PATH": os.environ["PATH"], "BACKUPS": f"{tmp_path}/backups", "PYTHON": str(manage)}
        return subprocess.run(  # noqa: S603
            ["/bin/sh", str(UNITS / "backup.sh"), verb],
            env={**own, **variables},
            check=False,
            capture_output=True,
            text=True,
        )

    return call


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "backups").iterdir())


def test_a_backup_is_added_and_the_oldest_are_deleted(run, tmp_path):
    old = [f"daesa-202601{day:02}-000000.zip" for day in range(1, 5)]
    for name in [*old, "other.zip", "daesa-20260101-000000.zip.part"]:
        (tmp_path / "backups" / name).touch()
    assert run("backup", KEEP="3").returncode == 0
    [new] = set(kept(tmp_path)) - {*old, "other.zip"}
    assert re.fullmatch(rf"daesa-{time.gmtime().tm_year}\d{{4}}-\d{{6}}\.zip", new)
    assert kept(tmp_path) == sorted([*old[2:], new, "other.zip"])


def test_a_failed_backup_deletes_nothing(run, tmp_path):
    old = [f"daesa-202601{day:02}-000000.zip" for day in range(1, 5)]
    for name in old:
        (tmp_path / "backups" / name).touch()
    assert run("backup", KEEP="3", FAIL="yes").returncode == 1
    assert kept(tmp_path) == old


def test_the_newest_backup_is_rehearsed(run, tmp_path):
    assert run("rehearse").returncode == 1
    for name in ("daesa-20260101-000000.zip", "daesa-20260102-000000.zip"):
        (tmp_path / "backups" / name).touch()
    done = run("rehearse")
    assert (done.returncode, done.stdout) == (
        0,
        f"rehearsed {tmp_path}/backups/daesa-20260102-000000.zip\n",
    )
