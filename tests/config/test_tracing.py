"""Traces and reports of crashes: off without an import, and without personal data where they are
on, through gunicorn's workers.
"""

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.config.collectors import Receiver, receiver
from tests.environment import SETTINGS
from tests.faults.prepared import new_database
from tests.live import ROOT, call, environment, server, sign_in

pytestmark = [pytest.mark.live, pytest.mark.django_db]  # the latter: also on PostgreSQL and Redis
OF_A_SERVER = 2  # the kind of a span
QUESTION = "To be, or not to be — hunter2"
# What must be in no span and no report: the question, the address, the query, tokens, the program.
PERSONAL = (
    "hunter2",
    "alice@example.com",
    "127.0.0.1\n",
    "Bearer",
    "Python-urllib",
    "secret-query",
)
OFF = """
import sys, django
from django.conf import settings
import config.wsgi
ours = "config.otel", "sentry_sdk", "opentelemetry.exporter", "opentelemetry.instrumentation"
print(sorted(n for n in sys.modules if n.startswith(ours)))  # redis-py imports the API where it is
print([m for m in settings.MIDDLEWARE if "otel" in m or "AccessLog" in m])
"""


def test_nothing_is_imported_where_both_are_off(tmp_path):
    env = environment(
        DATA_DIR=str(tmp_path), DEBUG="true", DJANGO_SETTINGS_MODULE="config.settings"
    )
    (tmp_path / "static").mkdir()
    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-c", OFF], cwd=ROOT, env=env, check=True, capture_output=True, text=True
    ).stdout
    assert shown.splitlines() == ["[]", "[]"]


@contextlib.contextmanager
def asked(directory: Path) -> Iterator[Receiver]:
    """A server that has answered a question: of two workers, where there are services."""
    with receiver() as collector, new_database(SETTINGS["DATABASE_URL"]) as database:
        services = {"DATABASE_URL": database} if database else {}
        if SETTINGS["REDIS_URL"]:
            services |= {"REDIS_URL": SETTINGS["REDIS_URL"], "WEB_CONCURRENCY": "2"}
        endpoint = f"http://127.0.0.1:{collector.port}"
        with server(directory, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **services) as url:
            token = sign_in(url, "alice@example.com")
            call(f"{url}/chat?secret-query", {"content": QUESTION}, Authorization=f"Bearer {token}")
            with pytest.raises(urllib.error.HTTPError):
                call(f"{url}/nowhere/hunter2")
            spans_named(collector, "answer")
            spans_named(collector, "GET not-found")
        yield collector


def spans_of(collector: Receiver) -> list[Any]:
    found = []
    for path, body in list(collector.bodies):
        assert path == "/v1/traces"
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def spans_named(collector: Receiver, name: str, seconds: float = 60) -> list[Any]:
    end = time.monotonic() + seconds
    while not (found := [span for span in spans_of(collector) if span.name == name]):
        assert time.monotonic() < end, {span.name for span in spans_of(collector)}
        time.sleep(0.1)
    return found


def test_a_question_is_traced_without_its_words(tmp_path):
    """All in one test, since a server takes long to start."""
    with asked(tmp_path) as collector:
        spans = spans_of(collector)
    an_answer_is_a_part_of_its_request(spans)
    every_trace_begins_with_a_request(spans)
    spans_have_no_personal_data(spans)
    systems = {each.value.string_value for span in spans for each in span.attributes}
    assert not SETTINGS["REDIS_URL"] or {"postgresql", "redis"} <= systems


def an_answer_is_a_part_of_its_request(spans: list[Any]) -> None:
    [answer] = [span for span in spans if span.name == "answer"]
    [request] = [span for span in spans if span.name == "POST chat:chats"]
    assert answer.trace_id == request.trace_id
    assert answer.parent_span_id == request.span_id
    values = {each.key: each.value for each in request.attributes}
    assert values["http.route"].string_value == "chat:chats"
    assert values["http.response.status_code"].int_value == 201
    parts = {span.name for span in spans if span.parent_span_id == answer.span_id}
    assert parts >= {"find lines", "judge quotations", "store answer", "POST"}


def every_trace_begins_with_a_request(spans: list[Any]) -> None:
    """Heartbeats and relays begin none."""
    begun = [span for span in spans if not span.parent_span_id]
    assert {span.name.partition(" ")[0] for span in begun} <= {"GET", "POST"}
    assert all(span.kind == OF_A_SERVER for span in begun)


def spans_have_no_personal_data(spans: list[Any]) -> None:
    text = "\n".join(map(str, spans))
    assert not [word for word in PERSONAL if word in text]
    assert not [event for span in spans for event in span.events if event.name != "exception"]
    names = {each.key for span in spans for each in span.attributes}
    assert not {name for name in names if "url" in name or "statement" in name or "agent" in name}


CRASH = """
import logging
import config.wsgi
try:
    raise ValueError("hunter2 of alice@example.com")
except ValueError:
    logging.getLogger("chat.turns.generate").exception("turn %s crashed", "hunter2")
logging.getLogger("django.security.DisallowedHost").error("Invalid host: hunter2")
import sentry_sdk
sentry_sdk.flush(30)
"""


def test_a_crash_is_reported_by_its_type_and_place(tmp_path):
    (tmp_path / "static").mkdir()
    with receiver() as sentry:
        env = environment(
            DATA_DIR=str(tmp_path),
            DEBUG="true",
            DJANGO_SETTINGS_MODULE="config.settings",
            SENTRY_DSN=f"http://key@127.0.0.1:{sentry.port}/1",
            SENTRY_ENVIRONMENT="tests",
        )
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", CRASH], cwd=ROOT, env=env, check=True, capture_output=True
        )
        [(path, body)] = sentry.wait_for(1)
    assert path == "/api/1/envelope/"
    event = json.loads(body.splitlines()[2])
    assert not [word for word in PERSONAL if word.encode() in body]
    [error] = event["exception"]["values"]
    assert (error["type"], error["stacktrace"]["frames"][0]["function"]) == (
        "ValueError",
        "<module>",
    )
    assert event["logentry"] == {"message": "turn %s crashed"}
    assert (event["logger"], event["environment"]) == ("chat.turns.generate", "tests")
    assert set(event) <= {
        *("event_id", "timestamp", "level", "logger", "platform", "release", "environment"),
        *("sdk", "tags", "logentry", "exception"),
    }
