"""What is counted and measured. `config.metrics` shows it to Prometheus, docs/metrics.md has more.

Nothing here may cost a turn more than some microseconds, and a chunk anything. No label holds what
people wrote or who they are, and each has few values: the outcomes, the models offered, the codes
of failures.
"""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# Fewer lines, and the same ones with several workers.
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
_QUOTA_REFUSALS = Counter("daesa_quota_refusals", "Questions that found no unit left")
_REFUNDS = Counter("daesa_refunds", "Units given back")
_REAPED = Counter("daesa_turns_reaped", "Turns ended in place of a writer that had gone silent")

_ANSWERS = Gauge(
    "daesa_answers_being_written", "Answers being written", multiprocess_mode="livesum"
)
_STREAMS = Gauge("daesa_open_streams", "Streams being followed", multiprocess_mode="livesum")
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


def turn_ended(*, outcome: str, model: str, refunded: bool = False) -> None:
    """Only for whoever's UPDATE ended it, once that is committed."""
    _TURNS.labels(outcome, model).inc()
    if refunded:
        _REFUNDS.inc()


def answer_written(
    *, model: str, to_first_token: float, writing: float, tokens: int | None
) -> None:
    """Seconds from the stored question to the first piece, and from there to the end. `tokens` is
    None where the upstream has not counted them.
    """
    _FIRST_TOKEN.labels(model).observe(to_first_token)
    if tokens and writing > 0:
        _TOKENS_PER_SECOND.labels(model).observe(tokens / writing)


def upstream_failed(code: str) -> None:
    _UPSTREAM_FAILURES.labels(code).inc()


def quota_refused() -> None:
    _QUOTA_REFUSALS.inc()


def reaped() -> None:
    _REAPED.inc()


def answers_and_streams(*, answers: int, streams: int) -> None:
    """How many there are in this process."""
    _ANSWERS.set(answers)
    _STREAMS.set(streams)


def database_pool(*, size: int, used: int, idle: int) -> None:
    """The pool of this process, as its `stats` say."""
    _MOST_CONNECTIONS.set(size)
    _CONNECTIONS.labels("used").set(used)
    _CONNECTIONS.labels("idle").set(idle)
