"""Secrets from files, as container runtimes and systemd hand them over: NAME_FILE names the file
that holds the value of NAME.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from environs import EnvError

SUFFIX = "_FILE"
MAX_BYTES = 64 * 1024


def value_of(name: str, read: Callable[[str], str]) -> str:
    """The variable NAME, or what the file of NAME_FILE holds, without white space around it. `read`
    gives a variable, "" where it is not set; so an empty one counts as not set. Raises `EnvError`.
    """
    value, path = read(name), read(name + SUFFIX)
    if not path:
        return value
    if value:
        raise EnvError(f'Environment variables "{name}" and "{name}{SUFFIX}" are both set')
    return content_of(f'Environment variable "{name}{SUFFIX}"', Path(path))


def content_of(names_it: str, path: Path, *, shows_path: bool = True) -> str:
    """What the file holds, without white space around it. `names_it` begins the line of an
    `EnvError`: what names the file. The path ends it, unless it may be a secret itself.
    """
    unusable = partial(_unusable, names_it, path if shows_path else None)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise unusable(f"cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise unusable(f"has more than {MAX_BYTES} bytes")
    try:
        value = content.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise unusable("is not UTF-8 text") from error
    if not value or "\0" in value:
        raise unusable("holds a NUL" if value else "is empty")
    return value


def _unusable(names_it: str, path: Path | None, why: str) -> EnvError:
    return EnvError(f"{names_it} names a file that {why}{f': {path}' if path else ''}")
