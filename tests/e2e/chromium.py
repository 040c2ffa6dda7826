"""The system's Chromium. None is ever downloaded."""

import os
import shutil

from tests import live

PAGE = live.ROOT / "frontend" / "dist" / "index.html"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Its path: `CHROMIUM`, or the first of the usual names."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def missing() -> str:
    """What the tests in a browser lack here, "" for nothing."""
    lacks = [] if chromium() else ["Chromium (on Debian: apt install chromium)"]
    return " and ".join(lacks if PAGE.is_file() else [*lacks, "the built page (make page)"])
