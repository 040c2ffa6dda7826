"""What a start of the server says of what it will need."""

import pytest

from tests.faults.stack import stack

pytestmark = [pytest.mark.live, pytest.mark.postgres]


def test_a_start_says_how_many_connections_the_workers_may_open(services):
    database, redis = services
    with stack(database_server=database, redis=redis.url, DATABASE_POOL="7") as daesa:
        log = daesa.log.read_text()
    line = "PostgreSQL connections: 2 worker(s) with DATABASE_POOL=7, and one each for heartbeats, "
    assert log.count(f"{line}open 16 at most") == 1
