"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector. Without it nothing
of OpenTelemetry is imported, and a span costs a call of a function.

Spans have ids, routes, models, codes and counts. `config.otel` lets nothing else out.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings

_OFF: AbstractContextManager[Any] = nullcontext()


def start() -> None:
    """Call it once in a process, after gevent's patching and a fork, before requests are served."""
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from config import otel  # noqa: PLC0415 - an optional dependency

        otel.start()


def span(name: str, **values: str | int | None) -> AbstractContextManager[Any]:
    """A part of the current request, with ids and codes as `daesa.…` attributes. Threads that run
    in a copy of the request's context belong to it.
    """
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return _OFF
    from config import otel  # noqa: PLC0415

    return otel.span(name, values)
