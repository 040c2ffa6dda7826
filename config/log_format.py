"""The format of Django's and gunicorn's log lines: ISO 8601 times in the site's time zone. This
module does not import Django, because gunicorn's first process must not.
"""

import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pythonjsonlogger.json import JsonFormatter


class _Times(logging.Formatter):
    zone: ZoneInfo

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return datetime.fromtimestamp(record.created, self.zone).isoformat(timespec="milliseconds")


class Text(_Times):
    def __init__(self, *, fmt: str, zone: str) -> None:
        super().__init__(fmt, style="{")
        self.zone = ZoneInfo(zone)


class Json(_Times, JsonFormatter):
    """`fmt` names the record's attributes, as for `Text`."""

    def __init__(self, *, fmt: str, zone: str) -> None:
        names = {"asctime": "time", "levelname": "level", "name": "logger"}
        JsonFormatter.__init__(self, fmt, style="{", rename_fields=names)
        self.zone = ZoneInfo(zone)


def formatters(*, zone: str, also: str = "") -> dict[str, dict[str, Any]]:
    """`text` and `json`, for logging's `dictConfig`. `also` names a further attribute to log."""
    request = f"[{{{also}}}] " if also else ""
    return {
        "text": {
            "()": "config.log_format.Text",
            "fmt": f"{{asctime}} {{levelname:7}} {{name}} {request}{{message}}",
            "zone": zone,
        },
        "json": {
            "()": "config.log_format.Json",
            "fmt": "{asctime}{levelname}{name}{message}" + (f"{{{also}}}" if also else ""),
            "zone": zone,
        },
    }


def django_logging(*, level: int, form: str, zone: str) -> dict[str, Any]:
    """Django's `LOGGING`; `form` is `text` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "config.api.request_id.RequestIdFilter"},
            "database_details": {"()": "config.logs.DatabaseDetailFilter"},
            "refused_requests": {"()": "config.logs.RefusedRequestFilter"},
            "crashes": {
                "()": "django.utils.log.CallbackFilter",
                "callback": lambda record: record.exc_info is not None,
            },
        },
        "formatters": formatters(zone=zone, also="request_id"),
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["request_id", "database_details", "refused_requests"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # Refused requests are not logged. Failures of API views have been logged with their
            # cause before Django logs their status.
            "django.request": {"level": "ERROR", "filters": ["crashes"]},
        },
    }
