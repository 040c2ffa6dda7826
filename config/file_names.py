"""Titles and names that users have given as names of files."""

import re

from config.text import one_line

_REFUSED = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]')  # by one of the usual file systems


def file_name(title: str) -> str:
    """The title in one line, without characters that a name of a file must not have. May be ""."""
    return one_line(_REFUSED.sub(" ", title))
