"""Validators of the settings for traces and reports of crashes, whose packages are optional."""

import re
from importlib.util import find_spec

from environs import EnvError, ValidationError


def collector(url: str) -> None:
    """The base URL of an OTLP collector; an empty value is valid."""
    if url and not re.fullmatch(r"https?://[^/?#@\s]+(/[^?#\s]*)?", url):
        raise ValidationError("Must be a URL such as http://127.0.0.1:4318, without a password")


def sentry_dsn(dsn: str) -> None:
    """An empty value is valid."""
    if dsn and not re.fullmatch(r"\Ahttps?://[^/?#@:\s]+@[^/?#@\s]+(/[^?#\s]*)?/\d+", dsn):
        raise ValidationError("Must be a DSN such as https://key@sentry.example/1")


_NEEDED = {"OTEL_EXPORTER_OTLP_ENDPOINT": "opentelemetry.sdk", "SENTRY_DSN": "sentry_sdk"}


def check_installed(name: str, value: str) -> None:
    """Raises where a variable is set whose packages are not installed. Imports nothing."""
    try:
        is_there = not value or find_spec(_NEEDED[name]) is not None
    except ModuleNotFoundError:
        is_there = False
    if not is_there:
        raise EnvError(
            f'Environment variable "{name}" needs the packages of requirements-tracing.txt'
        )
