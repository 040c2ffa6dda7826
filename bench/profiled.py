"""The application with a sampler inside, for `--profile`.

ITIMER_PROF interrupts the worker every so many ms of CPU, whichever greenlet runs, and the Python
stack at that moment is counted for the part of a request that it belongs to: the innermost of its
frames that a line of `PARTS` names. C code counts for its caller. Statements are counted as Django
sends them; a transaction adds BEGIN and COMMIT.
"""

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from bench import load

PATH = "/-/profile"
INTERVAL = 0.002

# (part, end of the file's name, functions; none: all of them), the first that fits a frame.
PARTS = [
    ("logging", "logging/__init__.py", ()),
    ("connection: take, set up, give back", "backends/base/base.py", ("connect", "close")),
    ("connection: take, set up, give back", "chat/turns/generate.py", ("release_connection",)),
    ("authentication", "accounts/authentication.py", ()),
    ("authentication", "rest_framework/views.py", ("perform_authentication",)),
    ("finding", "quotes/search/find.py", ()),
    ("judging", "quotes/verification/verify.py", ("verify",)),
    ("validation", "rest_framework/serializers.py", ("is_valid", "run_validation")),
    ("validation", "rest_framework/serializers.py", ("__new__", "__init__", "many_init")),
    ("validation", "chat/api/inputs.py", ()),
    ("body parsing", "config/api/parsers.py", ()),
    ("reserve a unit", "chat/turns/quota.py", ("reserve",)),
    ("quota status", "chat/turns/quota.py", ("status", "headers")),
    ("start_turn: the rest", "chat/turns/start.py", ("start_turn",)),
    ("finish_turn", "chat/turns/finish.py", ("finish_turn",)),
    ("prompt and history", "chat/answering/prompts.py", ()),
    ("prompt and history", "chat/turns/ancestors.py", ()),
    ("upstream: ask", "chat/upstream/client.py", ()),
    ("upstream: ask", "chat/upstream/http_session.py", ()),
    ("upstream: read", "chat/upstream/answer.py", ()),
    ("judging", "quotes/verification/verify.py", ()),
    ("stream: keep, wake readers, cut events", "chat/live/streams.py", ()),
    ("stream: the reader's loop", "chat/api/responses.py", ()),
    ("stream: the reader's loop", "chat/api/sse.py", ()),
    ("stream: the reader's loop", "chat/live/follow.py", ()),
    ("relay", "chat/live/redis_relay.py", ()),
    ("heartbeat", "chat/turns/heartbeat.py", ()),
    ("citations", "chat/answering/citations.py", ()),
    ("generation: the rest", "chat/turns/generate.py", ()),
    ("representation", "chat/api/outputs.py", ("to_representation",)),
    ("representation", "quotes/api/serializers.py", ("to_representation",)),
    ("representation", "rest_framework/serializers.py", ("data", "to_representation")),
    ("pages", "config/api/pagination.py", ()),
    ("JSON out", "config/api/renderers.py", ()),
    ("response: render", "django/template/response.py", ()),
    ("middleware", "/middleware.py", ()),
    ("middleware", "config/api/request_id.py", ()),
    ("middleware", "django/middleware/", ()),
    ("middleware", "django/utils/deprecation.py", ()),
    ("view: negotiation, throttle, permission", "rest_framework/views.py", ("initial",)),
    ("view: request, response, the rest", "rest_framework/views.py", ("dispatch", "view")),
    ("URL and handler", "django/core/handlers/", ()),
    ("gunicorn", "gunicorn/", ()),
    ("event loop", "gevent/", ()),
]  # fmt: skip


class Sampler:
    def __init__(self) -> None:
        self.parts: Counter[str] = Counter()
        self.leaves: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        signal.signal(signal.SIGPROF, self._sample)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        leaf = frame
        while frame:
            if part := _part_of(frame.f_code.co_filename, frame.f_code.co_name):
                break
            frame = frame.f_back
        self.parts[part if frame else "elsewhere"] += 1
        if leaf:
            code = leaf.f_code
            self.leaves[f"{'/'.join(code.co_filename.split('/')[-2:])} {code.co_qualname}"] += 1

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, *more: Any) -> Any:
        self.counts["statements"] += 1
        return execute(sql, params, *more)

    def take(self) -> bytes:
        taken = [self.parts, self.leaves, self.counts]
        report = json.dumps([dict(counter) for counter in taken]).encode()
        for counter in taken:
            counter.clear()
        return report


def _part_of(file: str, function: str) -> str:
    for part, end, functions in PARTS:
        fits = end in file if end.endswith("/") else file.endswith(end)
        if fits and (not functions or function in functions):
            return part
    return ""


def sampled() -> Callable[..., Iterable[bytes]]:
    """The WSGI application; `PATH` answers with the samples since the last time."""
    from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: PLC0415
    from django.db.backends.signals import connection_created  # noqa: PLC0415

    from config.wsgi import application as inner  # noqa: PLC0415

    sampler, commit = Sampler(), BaseDatabaseWrapper.commit

    def counted_commit(self: BaseDatabaseWrapper) -> None:
        sampler.counts["transactions"] += 1
        commit(self)

    def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
        sampler.counts["connections taken"] += 1
        if sampler.statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(sampler.statement)

    BaseDatabaseWrapper.commit = counted_commit  # type: ignore[method-assign]
    connection_created.connect(watch, weak=False)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return inner(environ, start_response)
        sampler.start()
        report = sampler.take()
        start_response("200 OK", [("Content-Length", str(len(report)))])
        return [report]

    return application


def __getattr__(name: str) -> Any:
    """Made when gunicorn asks for it: the driver imports this module without Django."""
    if name == "application":
        return sampled()
    raise AttributeError(name)


def collect(port: int) -> list[dict[str, int]]:
    return list(json.loads(load.ask(port, load.request("GET", PATH))[1]))


def tell(seen: list[dict[str, int]], *, cpu: float, count: int) -> None:
    parts, leaves, counts = seen
    samples = sum(parts.values())
    print(", ".join(f"{name} {n / count:.2f}" for name, n in counts.items()), "per request")
    print(f"{samples} samples\n\n| part | ms | share |\n|---|---|---|")
    for part, n in sorted(parts.items(), key=lambda row: -row[1]):
        print(f"| {part} | {n / samples * cpu:.3f} | {n / samples:.1%} |")
    print("\nthe innermost functions:")
    for name, n in sorted(leaves.items(), key=lambda row: -row[1])[:15]:
        print(f"  {n / samples * cpu:.3f} ms  {name}")
