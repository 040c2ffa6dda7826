"""What the environment may say, checked: validators of single variables, and readers of those that
stand for several settings. Each raises with a line that says what the variable must be.
"""

import contextlib
import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import dj_database_url
import dj_email_url
from django.core.management.utils import get_random_secret_key
from environs import EnvError, ValidationError, validate


def one_of(*choices: str) -> validate.OneOf:
    return validate.OneOf(choices, error="Must be one of: {choices}.")


def time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Must be the name of a time zone, such as Asia/Seoul.")


def url_of(*schemes: str) -> Callable[[str], None]:
    """A validator for a URL; none at all is right too."""

    def validator(url: str) -> None:
        if url and not (url.startswith(schemes) and len(url) > url.index("://") + 3):
            raise ValidationError(f"Must be a URL that starts with {' or '.join(schemes)}")

    return validator


web_url = url_of("http://", "https://")


def origins(urls: list[str]) -> None:
    for url in urls:
        if not re.fullmatch(r"https?://[^/?#\s]+", url):
            raise ValidationError("Must be origins such as https://daesa.example, without a path")


def networks(networks: list[str]) -> None:
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ValidationError("Must be networks such as 10.0.0.0/8 or ::1") from error


def check_processes(count: int, redis_url: str) -> None:
    """Without Redis, processes know nothing of each other's streams and sign-in attempts."""
    if count > 1 and not redis_url:
        raise EnvError('Environment variable "WEB_CONCURRENCY" above 1 needs "REDIS_URL"')


def email(url: str) -> dict[str, Any]:
    """Django's mail settings for a URL."""
    try:
        mail: dict[str, Any] = dict(dj_email_url.parse(url))
        mail["EMAIL_BACKEND"]  # missing where the scheme is unknown
    except (KeyError, ValueError) as error:
        raise EnvError(
            'Environment variable "EMAIL_URL" must be like submission://user:password@host:587'
        ) from error
    return mail


def check_review_emails(wanted: bool, email_url: str) -> None:  # noqa: FBT001
    if wanted and not email_url:
        raise EnvError('Environment variable "REVIEW_EMAILS" needs "EMAIL_URL"')


def development_secret(path: Path) -> str:
    """A secret made once per data directory, so that a first run asks nothing and sessions last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(get_random_secret_key())
    return path.read_text()


def production_secret(secret: str) -> str:
    if len(secret) < 50 or len(set(secret)) < 5 or secret.startswith("change-me"):  # noqa: PLR2004
        raise EnvError(
            'Environment variable "SECRET_KEY" must be a random text of at least 50 characters '
            "(or set DEBUG=true on a machine of your own)"
        )
    return secret


def database(url: str, *, data_dir: Path, pool: int) -> dict[str, Any]:
    """Django's database settings for a URL, with what each engine needs to be exact under load."""
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise _bad_database_url() from error
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"] = {"NAME": data_dir / "test.sqlite3"}  # in a file, for tests with threads
        # IMMEDIATE: a transaction that will write takes the lock at its start, where the busy
        # timeout applies, instead of failing with "database is locked" when it upgrades.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif database["ENGINE"] == "django.db.backends.postgresql":
        database["ENGINE"] = "config.postgresql"
        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),
            "POOL_SIZE": pool,
            "POOL_PATIENCE": 30.0,
        }
        suffix = os.environ.get("DAESA_TEST_SUFFIX", "")
        database["TEST"] = {"NAME": f"test_daesa{suffix}"}
    else:
        raise _bad_database_url()
    return database


def _bad_database_url() -> EnvError:
    return EnvError(
        'Environment variable "DATABASE_URL" must be like postgres://user:password@host:5432/name '
        "or sqlite:////path/to/file"
    )
