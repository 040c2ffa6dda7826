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
    watch.look()
    assert (ready("database"), ready("upstream")) == (1, 1)
    size = REGISTRY.get_sample_value("daesa_data_disk_size_bytes")
    free = REGISTRY.get_sample_value("daesa_data_disk_free_bytes")
    assert 0 < free < size


def test_redis_is_away(upstream, settings):
    settings.REDIS_URL = f"redis://{NOWHERE}/0"
    watch.look()
    assert (ready("database"), ready("redis")) == (1, 0)


def test_a_full_database_is_not_ready(upstream, monkeypatch):
    monkeypatch.setattr("config.readiness.probe.failure", lambda: "DiskFull")
    watch.look()
    assert ready("database") == 0


def test_nothing_is_looked_at_where_nobody_asks(tmp_path, monkeypatch, client):
    monkeypatch.setattr(watch, "_ASKED", tmp_path / "asked")
    assert not watch.is_asked()
    client.get("/health/live")
    assert not watch.is_asked()
    client.get("/metrics")
    assert watch.is_asked()
    monkeypatch.setattr(watch, "_ASKED_WITHIN", 0)
    assert not watch.is_asked()


def test_what_may_increase_is_shown_from_the_start():
    """Prometheus sees no increase in a series that begins with 1."""
    metrics.models_offered(["never-asked"])
    opened = "daesa_upstream_breakers_opened_total"
    assert REGISTRY.get_sample_value(opened, {"model": "never-asked"}) == 0
    failed = {"model": "never-asked", "outcome": "failed"}
    assert REGISTRY.get_sample_value("daesa_turns_total", failed) == 0
