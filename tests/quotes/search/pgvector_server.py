"""Whether the test database can compare vectors; if so, prepares it."""

import pytest
from django.db import connection
from django.test import override_settings

from quotes.search import pgvector


@pytest.fixture(scope="session")
def no_pgvector(django_db_setup, django_db_blocker) -> str:
    """The reason to skip the tests, or "". The column stays for the following tests; the index that
    uses it is created by each test.
    """
    with django_db_blocker.unblock(), override_settings(EMBEDDING_MODEL="any"):
        if connection.vendor != "postgresql":
            return "pgvector needs PostgreSQL"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
                " AND string_to_array(default_version, '.')::int[] >= '{0,8}'"
            )
            if not cursor.fetchone():
                return "NOT TESTED: this PostgreSQL has no pgvector (0.8 or newer)"
        pgvector.ensure_column()
        assert pgvector.has_column()
        return ""
