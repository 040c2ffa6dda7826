"""A board for a measurement: in an empty database that `url` names, or in SQLite for this run."""

import contextlib
import os
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def board(url: str = "") -> Iterator[None]:
    """Sets Django up with the tables in that database. Once in a process."""
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
