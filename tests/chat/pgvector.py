"""Whether the database of a test run can compare vectors itself; then it is made ready for it."""

import pytest
from django.db import connection
from django.test import override_settings

from quotes import nearest


@pytest.fixture(scope="session")
def no_pgvector(django_db_setup, django_db_blocker) -> str:
    """Why not: a reason to skip by, or nothing. The column stays for the tests that follow; what
    uses it is an index, which is a test's own.
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
        nearest.ensure()
        assert nearest.is_there()
        return ""
