"""The metrics of the chat. `config.metrics` serves them to Prometheus; see docs/metrics.md.

Costs microseconds per turn and nothing per chunk. No label holds a text or identifies a user, and
each has few values: the outcomes, the models offered, the codes of failures.
"""

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
_QUOTA_REFUSALS = Counter("daesa_quota_refusals", "Questions that found no unit left")
_SITE_REFUSALS = Counter(
    "daesa_site_limit_refusals", "Questions that found no unit of the whole site left"
)
_REFUNDS = Counter("daesa_refunds", "Units given back")
_REFUNDS_REFUSED = Counter(
    "daesa_refunds_refused",
    "Units of failed turns that stayed charged, as many came back",
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


def breaker_opened(model: str) -> None:
    _BREAKERS_OPENED.labels(model).inc()


def quota_refused() -> None:
    _QUOTA_REFUSALS.inc()


def site_refused() -> None:
    _SITE_REFUSALS.inc()


def site_units(*, used: int, limit: int) -> None:
    """Of today. Only where the site has a limit."""
    _SITE_UNITS.set(used)
    _SITE_LIMIT.set(limit)


def reaped() -> None:
    _REAPED.inc()


def answers_and_streams(*, answers: int, streams: int) -> None:
    """Of this process."""
    _ANSWERS.set(answers)
    _STREAMS.set(streams)


def heartbeat_stored(timestamp: float) -> None:
    """The Unix time. A worker that is stuck cannot update an age, so its time is shown instead."""
    _LAST_HEARTBEAT.set(timestamp)


def database_pool(*, size: int, used: int, idle: int) -> None:
    """The pool of this process, from `connection.pool_stats()`."""
    _MOST_CONNECTIONS.set(size)
    _CONNECTIONS.labels("used").set(used)
    _CONNECTIONS.labels("idle").set(idle)
