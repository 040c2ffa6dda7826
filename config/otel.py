"""OpenTelemetry: what `config.tracing` needs of it. Imported only where traces are on.

Requests have a middleware of their own: OpenTelemetry's for Django puts addresses, paths and user
agents into spans, ends a stream's span with its first byte, and refuses unknown hosts before ours
do. PostgreSQL, Redis and HTTP clients are instrumented by the libraries for them; what they record
beside names and codes is dropped before it is exported (`_ALLOWED`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import (
    Decision,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from config.api.request_id import request_id_of
from config.api.responses import route_of, user_id_of, when_sent

_OWN = "daesa."
_ALLOWED = {
    "db.name",
    "db.namespace",
    "db.operation",
    "db.operation.name",
    "db.system",
    "db.system.name",
    "error.type",
    "http.method",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "http.status_code",
    "server.address",
    "server.port",
}
_tracer = trace.get_tracer("daesa")


def start() -> None:
    """Sends spans from now on. Tests may call this again: the first provider stays in use."""
    resource = Resource.create({"service.name": "daesa", "service.version": settings.VERSION})
    provider = TracerProvider(
        sampler=ParentBased(root=_RequestsOnly(settings.OTEL_TRACES_SAMPLER_ARG)),
        resource=resource,
    )
    endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip("/") + "/v1/traces"
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=10)
    provider.add_span_processor(BatchSpanProcessor(_CleanExporter(exporter)))
    trace.set_tracer_provider(provider)
    # Ids of traces go to the collector alone: not to the model's server or to providers.
    propagate.set_global_textmap(CompositePropagator([]))
    for instrumentor in (Psycopg2Instrumentor(), RedisInstrumentor(), URLLib3Instrumentor()):
        instrumentor.instrument(tracer_provider=provider, skip_dep_check=True)


def span(name: str, values: Mapping[str, Any]) -> AbstractContextManager[Span]:
    attributes = {_OWN + key: value for key, value in values.items() if value is not None}
    made: AbstractContextManager[Span] = _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    )
    return made


class TracingMiddleware:
    """The span of a request, until the last byte of its response."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # No parent from a header: with it, callers could decide which traces are kept.
        current = _tracer.start_span(
            str(request.method),
            context=trace.set_span_in_context(trace.INVALID_SPAN),
            kind=SpanKind.SERVER,
        )
        try:
            with trace.use_span(current, record_exception=False, set_status_on_exception=False):
                response: HttpResponseBase = self.get_response(request)
        except BaseException:
            current.end()
            raise
        when_sent(response, lambda _size: _end(current, request, response))
        return response


def _end(current: Span, request: HttpRequest, response: HttpResponseBase) -> None:
    if current.is_recording():
        route = route_of(request)
        current.update_name(f"{request.method} {route}")
        current.set_attributes(
            {
                "http.request.method": str(request.method),
                "http.route": route,
                "http.response.status_code": response.status_code,
                f"{_OWN}request_id": request_id_of(request),
            }
        )
        if user_id := user_id_of(request):
            current.set_attribute(f"{_OWN}user", user_id)
        if response.status_code >= 500:  # noqa: PLR2004
            current.set_status(StatusCode.ERROR)
    current.end()


class _RequestsOnly(Sampler):  # type: ignore[misc]  # no types
    """Only requests begin a trace: the loops of heartbeats and relays would never end one."""

    def __init__(self, share: float) -> None:
        self._ratio = TraceIdRatioBased(share)

    def should_sample(
        self,
        parent_context: Any,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        *context: Any,
        **more: Any,
    ) -> SamplingResult:
        if kind is not SpanKind.SERVER:
            return SamplingResult(Decision.DROP)
        return self._ratio.should_sample(parent_context, trace_id, name, kind, *context, **more)

    def get_description(self) -> str:
        return f"RequestsOnly({self._ratio.get_description()})"


class _CleanExporter(SpanExporter):  # type: ignore[misc]  # no types
    """Passes on names, times and allowed attributes. It drops what later releases of the libraries
    add, and the messages of exceptions, which quote values.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export(list(map(_clean, spans)))

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return bool(self._exporter.force_flush(timeout_millis))


def _clean(found: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=found.name,
        context=found.context,
        parent=found.parent,
        resource=found.resource,
        attributes=dict(_allowed(found.attributes)),
        events=[_clean_event(event) for event in found.events if event.name == "exception"],
        kind=found.kind,
        instrumentation_scope=found.instrumentation_scope,
        status=Status(found.status.status_code),
        start_time=found.start_time,
        end_time=found.end_time,
    )


def _clean_event(event: Event) -> Event:
    kind = str((event.attributes or {}).get("exception.type", ""))
    return Event(event.name, {"exception.type": kind}, timestamp=event.timestamp)


def _allowed(attributes: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    for name, value in (attributes or {}).items():
        if name in _ALLOWED or name.startswith(_OWN):
            yield name, value
