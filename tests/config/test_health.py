"""/health, /health/live and /health/ready, with each service available and away."""

import threading

import pytest
from django.conf import settings as current
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from chat.models import Lease
from config.db.postgresql import base
from config.readiness import WriteProbe

NOWHERE = "127.0.0.1:1"  # a port without a listener

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
    """New connections fail because the database is missing."""
    away = {**connection.settings_dict, "NAME": "/nowhere/daesa"}
    monkeypatch.setitem(connections.settings, "default", away)
    yield
    base.pools.pop("/nowhere/daesa", None)


def answer_in_a_thread(path: str):
    """The response, with a new database connection."""
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
    assert anonymous.get("/").status_code == 403


def test_an_expired_token_is_ignored():
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert client.get("/health/live").status_code == 200


# --- A database that reads, and takes no writes --------------------------------------------------

NOT_WRITABLE = {
    "status": "unavailable",
    "checks": {
        "database": "not_writable",
        "redis": redis_state(),
        "upstream": "not_configured",
    },
}


@pytest.fixture
def read_only():
    """As on a standby, or where the file or the disk cannot be written."""
    on, off = {
        "postgresql": ("SET TRANSACTION READ ONLY", ""),
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(on)
        yield
        if off:
            cursor.execute(off)


def test_a_database_that_takes_no_writes_is_not_ready(read_only, anonymous, settings, caplog):
    settings.OPENAI_BASE_URL = ""
    response = anonymous.get("/health/ready")
    assert (response.status_code, response.json()) == (503, NOT_WRITABLE)
    assert len(caplog.records) == 1


def test_one_write_is_tried_in_a_while_however_often_it_is_asked(anonymous, settings):
    settings.OPENAI_BASE_URL = ""
    first = writes_of(lambda: anonymous.get("/health"))
    more = writes_of(lambda: [anonymous.get("/health") for _ in range(5)])
    later = writes_of(WriteProbe(seconds=0).failure)
    assert (first, more, later) == (2, 0, 1)  # the first creates the row
    assert Lease.objects.count() == 1


@pytest.mark.parametrize("seconds", [3600, 0])
def test_a_failed_write_is_remembered_as_long(seconds):
    probe = WriteProbe(seconds)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chat_lease RENAME TO gone")
        failed = probe.failure()
        cursor.execute("ALTER TABLE gone RENAME TO chat_lease")
    assert failed
    assert probe.failure() == (failed if seconds else "")


def writes_of(work) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return sum(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries)
