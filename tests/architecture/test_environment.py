"""Every environment variable is in `.env.example`, with its default, and in the tables of
docs/configuration.md.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests import environment

ROOT: Path = settings.BASE_DIR
# A test run's own, which no site sets.
INTERNAL = {"DAESA_DOTENV", "DAESA_TEST_SUFFIX"}
READ = """
import json
from pathlib import Path
from config import settings
named = {name: value for name, value in vars(settings).items() if name.isupper()}
print(json.dumps(named, default=lambda v: str(v) if isinstance(v, Path) else type(v).__name__))
"""


def names_in_settings() -> set[str]:
    """The first argument of each `env.…("NAME")`."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    return {
        str(ast.literal_eval(call.args[0]))
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    } - INTERNAL


def test_settings_are_read_by_env_alone():
    text = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    assert set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', text)) <= INTERNAL
    assert len(names_in_settings()) > 30


def test_every_variable_is_in_the_example():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)) == names_in_settings()


def names_in_tables() -> set[str]:
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    settings_alone = text.split("## Variables of the commands")[0]
    first_columns = re.findall(r"^\|(.*?)\|", settings_alone, re.MULTILINE)
    return set(re.findall(r"`([A-Z][A-Z0-9_]*)`", "".join(first_columns)))


@pytest.mark.parametrize("name", sorted(names_in_settings()))
def test_every_variable_is_in_the_tables(name):
    assert name in names_in_tables()


def test_the_tables_name_nothing_else():
    assert names_in_tables() <= names_in_settings()


def test_no_variable_of_a_developer_gets_into_a_test_run():
    kept_out = {*environment.SETTINGS, *environment.OWN.split()}
    assert names_in_settings() <= kept_out


def settings_with(directory: Path, dotenv: str) -> dict[str, object]:
    """All settings of a production start with this `.env` and a secret."""
    (directory / "env").write_text(dotenv, encoding="utf-8")
    variables = {
        "PATH": os.environ["PATH"],
        "DAESA_DOTENV": str(directory / "env"),
        "DATA_DIR": str(directory),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    output = subprocess.run(  # noqa: S603
        [sys.executable, "-c", READ], cwd=ROOT, env=variables, capture_output=True, check=True
    ).stdout
    return json.loads(output)


def test_the_values_of_the_example_are_the_defaults(tmp_path):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    uncommented = re.sub(r"^# (?=[A-Z_]+=)", "", example, flags=re.MULTILINE)
    assert uncommented.count("\nPORT=8000\n") == 1
    assert settings_with(tmp_path, uncommented) == settings_with(tmp_path, "")
