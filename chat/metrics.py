"""The metrics of the chat. `config.metrics` serves them to Prometheus; see docs/metrics.md.

Costs microseconds per turn and nothing per chunk. No label holds a text or identifies a user, and
each has few values: the outcomes, the models offered, the codes of failures.
"""

import threading
import time
from collections.abc import Iterable, Mapping

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# Fewer lines, and the same with one worker as with several.
disable_created_metrics()  # type: ignore[no-untyped-call]

_TURNS = Counter("daesa_turns", "Turns that have ended, by outcome", ["outcome", "model"])
_FIRST_TOKEN = Histogram(
    "daesa_time_to_first_token_seconds",
    "From the stored question to the first piece of its answer",
    ["model"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
_TOKENS_PER_SECOND = Histogram(
    "daesa_tokens_per_second",
    "Tokens of a whole answer by the time from its first piece to its last, as the upstream counts",
    ["model"],
    buckets=(1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000),
)
_UPSTREAM_FAILURES = Counter(
    "daesa_upstream_failures", "Calls of the upstream that failed after their retries", ["code"]
)
_ADAPTED = Counter(
    "daesa_upstream_requests_adapted",
    "Requests sent again in another form, because the upstream refused the first one",
    ["by"],
)
_BREAKERS_OPENED = Counter(
    "daesa_upstream_breakers_opened", "Times that a model's circuit breaker opened", ["model"]
)
_BREAKERS_OF_SERVERS = Counter(
    "daesa_upstream_server_breakers_opened",
    "The same, for each server of UPSTREAMS",
    ["server", "model"],
)
_PASSED_OVER = Counter(
    "daesa_upstream_passed_over",
    "Times that a server of UPSTREAMS could not answer, before the first word, and by what",
    ["server", "reason"],
)
_IN_PROGRESS = Gauge(
    "daesa_upstream_requests_in_progress",
    "Requests that a server of UPSTREAMS is answering",
    ["server"],
    multiprocess_mode="livesum",
)
_QUOTA_REFUSALS = Counter("daesa_quota_refusals", "Questions refused because no unit was left")
_SITE_REFUSALS = Counter(
    "daesa_site_limit_refusals", "Questions refused because the whole site had no unit left"
)
_REFUNDS = Counter("daesa_refunds", "Units given back")
_REFUNDS_REFUSED = Counter(
    "daesa_refunds_refused",
    "Units of failed turns that stayed charged, because too many had been given back",
)
_STORED = Counter(
    "daesa_stored_answers",
    "Questions that a stored answer might answer: same, similar, awaited, or none",
    ["found", "model"],
)
_STORED_AGE = Histogram(
    "daesa_stored_answer_age_seconds",
    "How long ago a stored answer was written when it was given again",
    buckets=(60, 600, 3600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000),
)
_STORED_TOKENS = Counter(
    "daesa_stored_answer_tokens_saved", "Tokens that stored answers took when written", ["model"]
)
_UPLOADS = Counter(
    "daesa_uploads", "Files that were uploaded: image, text, or why they were refused", ["result"]
)
_ASKED_ASIDE = Counter(
    "daesa_asked_aside",
    "Titles and follow-ups that a model was asked for: made, or why there is none",
    ["what", "result"],
)
_REAPED = Counter("daesa_turns_reaped", "Turns ended in place of a writer that had gone silent")

_SITE_UNITS = Gauge(
    "daesa_site_units_used", "Units that all users took today", multiprocess_mode="mostrecent"
)
_SITE_LIMIT = Gauge(
    "daesa_site_units_max", "SITE_DAILY_LIMIT, 0 for none", multiprocess_mode="mostrecent"
)
_ANSWERS = Gauge(
    "daesa_answers_being_written", "Answers being written", multiprocess_mode="livesum"
)
_STREAMS = Gauge("daesa_open_streams", "Streams being followed", multiprocess_mode="livesum")
_LAST_HEARTBEAT = Gauge(
    "daesa_last_heartbeat_timestamp_seconds",
    "When the worker that is furthest behind last stored its heartbeats",
    multiprocess_mode="livemin",
)
_BACKUP = Gauge(
    "daesa_last_backup_timestamp_seconds",
    "When the last backup was made, 0 for never",
    multiprocess_mode="mostrecent",
)
_REHEARSAL = Gauge(
    "daesa_last_restore_rehearsal_timestamp_seconds",
    "When a rehearsed restore last succeeded, 0 for never",
    multiprocess_mode="mostrecent",
)
_CONNECTIONS = Gauge(
    "daesa_database_connections",
    "PostgreSQL connections: used or at rest",
    ["state"],
    multiprocess_mode="livesum",
)
_MOST_CONNECTIONS = Gauge(
    "daesa_database_connections_max",
    "PostgreSQL connections that there may be",
    multiprocess_mode="livesum",
)
_READY = Gauge(
    "daesa_ready",
    "1 if what the server needs answers; of several workers the lowest value",
    ["check"],
    multiprocess_mode="livemin",
)
_DISK_SIZE = Gauge(
    "daesa_data_disk_size_bytes", "Size of the disk of DATA_DIR", multiprocess_mode="mostrecent"
)
_DISK_FREE = Gauge(
    "daesa_data_disk_free_bytes",
    "What may still be written to the disk of DATA_DIR",
    multiprocess_mode="mostrecent",
)
_LEDGER_CHECKED = Gauge(
    "daesa_ledger_checked_timestamp_seconds",
    "When `check_ledger` last ended; 0: never",
    multiprocess_mode="mostrecent",
)
_LEDGER_EXACT = Gauge(
    "daesa_ledger_exact_timestamp_seconds",
    "When `check_ledger` last found no difference; 0: never",
    multiprocess_mode="mostrecent",
)
_POOL_WAITS = Counter(
    "daesa_database_pool_waits", "Times that all connections of a worker were in use"
)
_POOL_TIMEOUTS = Counter(
    "daesa_database_pool_timeouts", "Requests that failed because all connections stayed in use"
)
_counting = threading.Lock()
_counted: dict[Counter, int] = {}  # what the pool had counted when it was last asked


def models_offered(models: Iterable[str]) -> None:
    """Shows zeros from the start: Prometheus sees no increase in a series that begins with 1."""
    for model in models:
        _BREAKERS_OPENED.labels(model)
        for outcome in ("done", "stopped", "failed", "interrupted"):
            _TURNS.labels(outcome, model)


def servers_named(servers: Mapping[str, Iterable[str]]) -> None:
    """Shows zeros for the servers of `UPSTREAMS`, each with its models."""
    for server, models in servers.items():
        _IN_PROGRESS.labels(server)
        for model in models:
            _BREAKERS_OF_SERVERS.labels(server, model)


def turn_ended(*, outcome: str, model: str, refunded: bool | None = None) -> None:
    """Call it only where the UPDATE that ended the turn won, after its commit. `refunded` is None
    where the ending keeps the unit.
    """
    _TURNS.labels(outcome, model).inc()
    if refunded is not None:
        (_REFUNDS if refunded else _REFUNDS_REFUSED).inc()


def answer_written(
    *, model: str, to_first_token: float, writing: float, tokens: int | None
) -> None:
    """Seconds from the stored question to the first piece, and from there to the end. `tokens` is
    None where the upstream gave no count.
    """
    _FIRST_TOKEN.labels(model).observe(to_first_token)
    if tokens and writing > 0:
        _TOKENS_PER_SECOND.labels(model).observe(tokens / writing)


def upstream_failed(code: str) -> None:
    _UPSTREAM_FAILURES.labels(code).inc()


def request_adapted(by: str) -> None:
    """`by` is what was changed: `parameters`, once per model and process, or `fewer_turns`."""
    _ADAPTED.labels(by).inc()


def breaker_opened(model: str, *, server: str = "") -> None:
    _BREAKERS_OPENED.labels(model).inc()
    if server:
        _BREAKERS_OF_SERVERS.labels(server, model).inc()


def passed_over(*, server: str, reason: str) -> None:
    """`reason` is the code of a failure, or what kept the server from being asked."""
    _PASSED_OVER.labels(server, reason).inc()


def request_began(server: str) -> None:
    _IN_PROGRESS.labels(server).inc()


def request_ended(server: str) -> None:
    _IN_PROGRESS.labels(server).dec()


def quota_refused() -> None:
    _QUOTA_REFUSALS.inc()


def site_refused() -> None:
    _SITE_REFUSALS.inc()


def site_units(*, used: int, limit: int) -> None:
    """Of today. Only where the site has a limit."""
    _SITE_UNITS.set(used)
    _SITE_LIMIT.set(limit)


def stored_answer_given(*, model: str, kind: str, answered_at: float, tokens: int) -> None:
    """`kind`: `same`, `similar`, or `awaited` of another turn. `answered_at` is a Unix time."""
    _STORED.labels(kind, model).inc()
    _STORED_AGE.observe(max(0.0, time.time() - answered_at))
    _STORED_TOKENS.labels(model).inc(tokens)


def answer_not_stored(*, model: str) -> None:
    """The model is asked, though a stored answer might have answered."""
    _STORED.labels("none", model).inc()


def uploaded(result: str) -> None:
    _UPLOADS.labels(result).inc()


def asked_aside(what: str, result: str) -> None:
    """`what`: `title` or `follow_ups`. `result`: `made`, or why there is none."""
    _ASKED_ASIDE.labels(what, result).inc()


def reaped() -> None:
    _REAPED.inc()


def answers_and_streams(*, answers: int, streams: int) -> None:
    """Of this process."""
    _ANSWERS.set(answers)
    _STREAMS.set(streams)


def heartbeat_stored(timestamp: float) -> None:
    """The Unix time. A worker that is stuck cannot update an age, so its time is shown instead."""
    _LAST_HEARTBEAT.set(timestamp)


def backups(*, made: float, rehearsed: float) -> None:
    """Unix times, 0 for never."""
    _BACKUP.set(made)
    _REHEARSAL.set(rehearsed)


def database_pool(*, size: int, used: int, idle: int, waits: int, timeouts: int) -> None:
    """The pool of this process, from `connection.pool_stats()`."""
    _MOST_CONNECTIONS.set(size)
    _CONNECTIONS.labels("used").set(used)
    _CONNECTIONS.labels("idle").set(idle)
    with _counting:
        for counter, count in ((_POOL_WAITS, waits), (_POOL_TIMEOUTS, timeouts)):
            counter.inc(count - _counted.get(counter, 0))
            _counted[counter] = count


def is_ready(check: str, value: int) -> None:
    """1 or 0 for `database`, `redis` and `upstream`."""
    _READY.labels(check).set(value)


def disk(*, size: int, free: int) -> None:
    _DISK_SIZE.set(size)
    _DISK_FREE.set(free)


def ledger_checked(*, checked: float, exact: float) -> None:
    """Unix times."""
    _LEDGER_CHECKED.set(checked)
    _LEDGER_EXACT.set(exact)
