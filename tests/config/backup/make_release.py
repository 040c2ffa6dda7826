"""`python -m tests.config.backup.make_release`: writes the archive of this release to `releases/`,
from which every later one is tested to restore it. See "Releasing" in CONTRIBUTING.md.
"""

import os
import sys
import tempfile
from pathlib import Path

RELEASES = Path(__file__).with_name("releases")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        os.environ.update(
            DAESA_DOTENV="",
            DEBUG="true",
            DATA_DIR=directory,
            DJANGO_SETTINGS_MODULE="config.settings",
        )
        import django  # noqa: PLC0415 - reads the environment

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        from chat.models import Reply, Status  # noqa: PLC0415
        from config.backup.manifest import release  # noqa: PLC0415
        from tests.config.backup import sample  # noqa: PLC0415

        path = RELEASES / f"{release()}.zip"
        if path.exists():
            sys.exit(f"{path.name} is there. A released archive is not replaced")
        call_command("migrate", verbosity=0)
        sample.fill()
        # None is being written: a restore would end it, and the rows differ.
        Reply.objects.filter(status=Status.STREAMING).update(status=Status.STOPPED)
        call_command("backup", str(path))
        path.chmod(0o644)


if __name__ == "__main__":
    main()
