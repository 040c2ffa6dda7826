"""What a worker sees of its surroundings is in the metrics."""

import pytest
from prometheus_client import REGISTRY

from chat import metrics
from config import watch
from tests.config.test_health import NOWHERE

pytestmark = pytest.mark.django_db


def ready(check: str) -> float | None:
    return REGISTRY.get_sample_value("daesa_ready", {"check": check})


def test_all_is_well(upstream):
    watch.measure()
    assert (ready("database"), ready("upstream")) == (1, 1)
    size = REGISTRY.get_sample_value("daesa_data_disk_size_bytes")
    free = REGISTRY.get_sample_value("daesa_data_disk_free_bytes")
    assert 0 < free < size


def test_redis_is_away(upstream, settings):
    settings.REDIS_URL = f"redis://{NOWHERE}/0"
    watch.measure()
    assert (ready("database"), ready("redis")) == (1, 0)


def test_a_full_database_is_not_ready(upstream, monkeypatch):
    monkeypatch.setattr("config.readiness.probe.failure", lambda: "DiskFull")
    watch.measure()
    assert ready("database") == 0


def test_nothing_is_measured_where_nobody_requests_the_metrics(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert not watch.is_requested()
    client.get("/health/live")
    assert not watch.is_requested()
    client.get("/metrics")
    assert watch.is_requested()
    assert not watch.is_requested(within=0)


def test_what_may_increase_is_shown_from_the_start():
    """Prometheus sees no increase in a series that begins with 1."""
    metrics.models_offered(["never-asked"])
    opened = "daesa_upstream_breakers_opened_total"
    assert REGISTRY.get_sample_value(opened, {"model": "never-asked"}) == 0
    failed = {"model": "never-asked", "outcome": "failed"}
    assert REGISTRY.get_sample_value("daesa_turns_total", failed) == 0
