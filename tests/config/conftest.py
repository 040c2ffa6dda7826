"""Reading the settings as a start does."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests import environment

ROOT: Path = settings.BASE_DIR
SECRET = "x9-Qw3-eR7-tY1-uI5-oP8-aS2-dF6-gH4-jK0-lZ3-xC7-vB1-nM5"
PRODUCTION = {"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "daesa.example"}


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Reads the settings as at a start, with these variables and no others."""
    for name in {*environment.SETTINGS, *environment.OWN.split(), *environment.PROXIES}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    def read(**variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return read


def complaint(start, **variables: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        start(**variables)
    return str(stopped.value.code)
