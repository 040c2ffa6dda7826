"""A board for a measurement: in the empty database at `url`, or in a temporary SQLite file."""

import contextlib
import os
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def board(url: str = "") -> Iterator[None]:
    """Sets Django up and creates the tables. Only once in a process."""
    with tempfile.TemporaryDirectory() as directory:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            DEBUG="false",
            SECRET_KEY="bench-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLM",
            DATA_DIR=directory,
            DATABASE_URL=url,
            DAESA_DOTENV="",
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield
