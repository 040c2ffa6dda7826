"""Finds the system's Chromium; none is downloaded."""

import os
import shutil

from tests import live

PAGE = live.ROOT / "frontend" / "dist" / "index.html"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Its path: `CHROMIUM`, or the first of the usual names."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def missing() -> str:
    """What is missing for the tests in a browser, "" if nothing is."""
    lacks = [] if chromium() else ["Chromium (on Debian: apt install chromium)"]
    return " and ".join(lacks if PAGE.is_file() else [*lacks, "the built page (make page)"])
