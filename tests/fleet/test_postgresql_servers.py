"""PostgreSQL by TLS, with the URLs that hosting offers show."""

from itertools import product
from pathlib import Path

import psycopg2
import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from config.db.postgresql.base import pools
from config.environment import database
from tests.fleet.servers import PASSWORD, WRITTEN, authority, postgresql_with_tls

pytestmark = [pytest.mark.live, pytest.mark.any_database]
HOW = "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture
def made():
    with authority() as found:
        yield found


@pytest.fixture
def port(made):
    with postgresql_with_tls(made) as cluster:
        connection = psycopg2.connect(cluster.url)
        with connection, connection.cursor() as cursor:
            cursor.execute('CREATE ROLE "da esa@x" LOGIN PASSWORD %s', [PASSWORD])
        connection.close()
        yield cluster.port


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker):
    """The database is another than the tests'."""
    with django_db_blocker.unblock():
        yield


def asked(url: str) -> tuple[str, bool]:
    """The user and whether the connection is encrypted, by the backend of a server."""
    options = database(url, data_dir=Path("/"), pool=1, limits="-c lock_timeout=5000")
    connection = ConnectionHandler({"default": options})["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute(HOW)
            return cursor.fetchone()
    finally:
        connection.close()
        pools.pop("postgres").close()


def test_tls(port, made, monkeypatch):
    """All in one test, since the cluster takes long to start."""
    of = f"da%20esa%40x:{WRITTEN}@"
    for scheme, host in product(["postgres", "postgresql"], ["127.0.0.1", "localhost"]):
        url = f"{scheme}://{of}{host}:{port}/postgres?sslmode=verify-full"
        assert asked(f"{url}&sslrootcert={made.ca}") == ("da esa@x", True)
    url = f"postgres://{of}127.0.0.1:{port}/postgres"
    with pytest.raises(OperationalError, match=r"no pg_hba\.conf entry"):
        asked(f"{url}?sslmode=disable")
    with (
        authority() as other,
        pytest.raises(OperationalError, match="certificate verify failed"),
    ):
        asked(f"{url}?sslmode=verify-full&sslrootcert={other.ca}")
    monkeypatch.setenv("PGSSLROOTCERT", made.ca)
    assert asked(f"{url}?sslmode=verify-full") == ("da esa@x", True)
