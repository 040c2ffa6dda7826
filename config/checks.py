"""System checks."""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004 - its name there

OTHERS = stat.S_IRWXG | stat.S_IRWXO


@register()
def check_database_file(**_kwargs: Any) -> list[CheckMessage]:
    """Warns if other users of the machine can read the SQLite file. New files are private; files
    of earlier releases may not be, and only the site's operator may change them.
    """
    database = settings.DATABASES["default"]
    path = Path(str(database["NAME"]))
    if not database["ENGINE"].endswith(".sqlite") or not path.is_file():
        return []
    if not (path.stat().st_mode & OTHERS and path.parent.stat().st_mode & OTHERS):
        return []
    return [
        Warning(
            "Other users of this machine can open the database file.",
            hint=f"chmod 600 {path}*",
            id="daesa.W001",
        )
    ]
