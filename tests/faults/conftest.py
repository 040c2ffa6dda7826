import shutil

import pytest

from tests.environment import SETTINGS
from tests.faults.parts import own_redis


@pytest.fixture
def services():
    """Skips where there is no PostgreSQL, or no redis-server to start and kill."""
    database = SETTINGS["DATABASE_URL"]
    if not database:
        pytest.skip("needs PostgreSQL")
    if not shutil.which("redis-server"):
        pytest.skip("needs the program redis-server")
    with own_redis() as redis:
        yield database, redis
