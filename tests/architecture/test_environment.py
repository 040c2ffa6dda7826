"""Every environment variable is where people look for it: `.env.example` and the README's table."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests import environment

ROOT: Path = settings.BASE_DIR
# A test run's own, which no site sets.
INTERNAL = {"DAESA_DOTENV", "DAESA_TEST_SUFFIX"}


def names_in_settings() -> set[str]:
    """The first argument of each `env.…("NAME")`."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    return {
        call.args[0].value
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


@pytest.mark.parametrize("name", sorted(names_in_settings()))
def test_every_variable_is_in_the_table_of_the_readme(name):
    table = re.findall(r"^\|(.*?)\|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert any(f"`{name}`" in first_column for first_column in table)


def test_no_variable_of_a_developer_gets_into_a_test_run():
    kept_out = {*environment.SETTINGS, *environment.OWN.split()}
    assert names_in_settings() <= kept_out
