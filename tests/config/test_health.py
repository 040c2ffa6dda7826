"""/health, /health/live and /health/ready, with each service there and away."""

import threading

import pytest
from django.conf import settings as current
from django.db import connection, connections
from rest_framework.test import APIClient

from config.postgresql import base

NOWHERE = "127.0.0.1:1"  # a port on which nobody listens

pytestmark = pytest.mark.django_db


def redis_state() -> str:
    return "ok" if current.REDIS_URL else "not_configured"


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_all_is_well_without_an_upstream(anonymous, settings, path):
    settings.OPENAI_BASE_URL = ""
    response = anonymous.get(path)
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "redis": redis_state(), "upstream": "not_configured"},
    }


def test_all_is_well_with_an_upstream(anonymous, upstream):
    response = anonymous.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "redis": redis_state(), "upstream": "ok"},
    }


def test_without_the_upstream_it_is_degraded(anonymous, settings):
    settings.OPENAI_BASE_URL = f"http://{NOWHERE}/v1"
    response = anonymous.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "checks": {"database": "ok", "redis": redis_state(), "upstream": "unavailable"},
    }


def test_without_redis_it_is_degraded(anonymous, settings, caplog):
    settings.OPENAI_BASE_URL = ""
    settings.REDIS_URL = f"redis://:hidden@{NOWHERE}/0"
    response = anonymous.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "checks": {"database": "ok", "redis": "unavailable", "upstream": "not_configured"},
    }
    assert [record.getMessage() for record in caplog.records] == ["health: ConnectionError"]


@pytest.fixture
def no_database(monkeypatch):
    """What a new connection finds: the database is not there."""
    away = {**connection.settings_dict, "NAME": "/nowhere/daesa"}
    monkeypatch.setitem(connections.settings, "default", away)
    yield
    base._pools.pop("/nowhere/daesa", None)


def answer_in_a_thread(path: str):
    """The answer over a database connection of its own."""
    responses = []

    def ask():
        responses.append(APIClient().get(path))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join(timeout=20)
    return responses[0]


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_without_the_database_it_is_not_ready(no_database, settings, caplog, path):
    settings.OPENAI_BASE_URL = ""
    response = answer_in_a_thread(path)
    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "checks": {"database": "unavailable", "redis": redis_state(), "upstream": "not_configured"},
    }
    assert [record.getMessage() for record in caplog.records] == ["health: OperationalError"]


def test_without_the_database_it_lives(no_database, django_assert_num_queries):
    response = answer_in_a_thread("/health/live")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_a_probe_in_plain_http_is_answered_where_https_is_demanded(anonymous, settings):
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/health", "/health/live", "/health/ready"):
        assert anonymous.get(path).status_code == 200
    assert anonymous.get("/").status_code == 301
    assert anonymous.get("/healthy").status_code in {301, 404}


def test_a_stale_token_is_in_nobodys_way():
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert client.get("/health/live").status_code == 200
