"""Files in the data directory are accessible to their owner only."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.checks import check_database_file
from config.environment import make_private

ROOT: Path = settings.BASE_DIR
# Writes, and prints the modes while the connection is open: the WAL files are deleted later.
PROGRAM = """
import json, os
os.umask(0)  # so that only the code sets modes
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
connection.cursor().execute("UPDATE accounts_user SET nickname = nickname")
directory = settings.DATA_DIR
found = [directory, *directory.iterdir()]
print(json.dumps({path.name: path.stat().st_mode & 0o777 for path in found}))
"""


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def modes_after_a_start(data_dir: Path) -> dict[str, int]:
    environment = {
        "PATH": os.environ["PATH"],
        "DAESA_DOTENV": "",
        "DEBUG": "true",
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_files_of_a_first_start_are_private(tmp_path):
    assert modes_after_a_start(tmp_path / "new" / "var") == {
        "var": 0o700,
        "daesa.sqlite3": 0o600,
        "daesa.sqlite3-wal": 0o600,
        "daesa.sqlite3-shm": 0o600,
        "secret_key": 0o600,
    }


def test_existing_files_are_left_alone(tmp_path):
    (tmp_path / "daesa.sqlite3").touch()
    (tmp_path / "daesa.sqlite3").chmod(0o640)
    tmp_path.chmod(0o755)
    found = modes_after_a_start(tmp_path)
    assert found[tmp_path.name] == 0o755
    assert found["daesa.sqlite3"] == found["daesa.sqlite3-wal"] == 0o640


def test_directories_above_are_ordinary(tmp_path):
    make_private(tmp_path / "a" / "b")
    assert mode(tmp_path / "a" / "b") == 0o700
    (tmp_path / "a").chmod(0o755)
    make_private(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o755


def use(monkeypatch, engine: str, name: object) -> None:
    for key, value in (("ENGINE", engine), ("NAME", name)):
        monkeypatch.setitem(settings.DATABASES["default"], key, value)


@pytest.mark.parametrize(
    ("directory", "file", "warned"),
    [
        (0o755, 0o644, True),
        (0o711, 0o640, True),
        (0o750, 0o606, True),
        (0o755, 0o600, False),
        (0o700, 0o644, False),
        (0o700, 0o600, False),
    ],
)
def test_a_file_that_others_can_open_is_warned_about(
    tmp_path, monkeypatch, directory, file, warned
):
    path = tmp_path / "daesa.sqlite3"
    path.touch()
    path.chmod(file)
    tmp_path.chmod(directory)
    use(monkeypatch, "config.db.sqlite", path)
    messages = check_database_file()
    assert [message.id for message in messages] == (["daesa.W001"] if warned else [])
    assert all(str(path) in str(message.hint) for message in messages)


@pytest.mark.parametrize("name", [":memory:", "/nowhere/at/all.sqlite3", "daesa"])
def test_without_such_a_file_there_is_no_warning(monkeypatch, name):
    engine = "config.db.postgresql" if name == "daesa" else "config.db.sqlite"
    use(monkeypatch, engine, name)
    assert check_database_file() == []
