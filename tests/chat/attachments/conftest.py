"""Files are kept in a folder of the test's own, and the model `fake` takes pictures."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where contents are kept."""
    return tmp_path / "attachments"


@pytest.fixture(autouse=True)
def _own_folder(settings, folder):
    options = {"location": folder, "file_permissions_mode": 0o600}
    settings.STORAGES = {
        **django_settings.STORAGES,
        "attachments": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {**options, "directory_permissions_mode": 0o700},
        },
    }


@pytest.fixture(autouse=True)
def _on(upstream, settings):
    settings.VISION_MODELS = ["fake"]
    settings.DAILY_CHAT_LIMIT = 5
