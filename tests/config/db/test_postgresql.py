"""The bounded pool of PostgreSQL connections, against a real server."""

import threading
import time

import psycopg2
import pytest
from django.db import OperationalError, connection, connections

from config.db.postgresql import base
from config.db.postgresql.pool import Pool

pytestmark = pytest.mark.postgres


@pytest.fixture
def connect():
    """Makes real connections and closes them at the end."""
    settings = connection.settings_dict
    made = []

    def make():
        made.append(
            psycopg2.connect(
                host=settings["HOST"],
                port=settings["PORT"] or None,
                user=settings["USER"],
                password=settings["PASSWORD"] or None,
                dbname="postgres",
            )
        )
        return made[-1]

    make.made = made  # type: ignore[attr-defined]
    yield make
    for one in made:
        one.close()


@pytest.fixture
def pool():
    pool = Pool(size=2, patience=0.2)
    yield pool
    pool.close()


def server_pid(taken) -> int:
    return taken.info.backend_pid


def end_on_the_server(pid: int, connect) -> None:
    """Breaks a connection like a restart or a failover."""
    other = connect()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    time.sleep(0.1)


def test_a_connection_comes_back_and_is_taken_again(pool, connect):
    first = pool.take(connect)
    assert pool.stats() == {"size": 2, "used": 1, "idle": 0}
    pool.give_back(first)
    assert pool.stats() == {"size": 2, "used": 0, "idle": 1}
    assert pool.take(connect) is first
    assert len(connect.made) == 1


def test_the_newest_returned_comes_first(pool, connect):
    first, second = pool.take(connect), pool.take(connect)
    pool.give_back(first)
    pool.give_back(second)
    assert pool.take(connect) is second


def test_waits_are_counted(pool, connect):
    """Of those that found no connection free, and those that waited in vain."""
    taken = [pool.take(connect), pool.take(connect)]
    assert (pool.waits, pool.timeouts) == (0, 0)
    with pytest.raises(OperationalError):
        pool.take(connect)
    assert (pool.waits, pool.timeouts) == (1, 1)
    pool._patience = 30
    waiting = threading.Thread(target=lambda: taken.append(pool.take(connect)))
    waiting.start()
    while pool.waits < 2:
        time.sleep(0.01)
    pool.give_back(taken[0])
    waiting.join()
    assert (pool.waits, pool.timeouts) == (2, 1)


def test_no_more_than_its_size_and_patience_ends(pool, connect):
    taken = [pool.take(connect), pool.take(connect)]
    start = time.monotonic()
    with pytest.raises(OperationalError, match="all 2 database connections are busy"):
        pool.take(connect)
    assert 0.15 < time.monotonic() - start < 2
    pool.give_back(taken[0])
    assert pool.take(connect) is taken[0]


def test_a_waiting_caller_gets_the_next_connection(connect):
    pool = Pool(size=1, patience=5)
    first = pool.take(connect)
    got = []
    waiting = threading.Thread(target=lambda: got.append(pool.take(connect)))
    waiting.start()
    time.sleep(0.1)
    assert got == []
    pool.give_back(first)
    waiting.join(timeout=5)
    assert got == [first]


def test_a_failed_connect_takes_no_place(pool, connect):
    def fail():
        raise psycopg2.OperationalError("no route")

    for _ in range(3):
        with pytest.raises(psycopg2.OperationalError):
            pool.take(fail)
    assert pool.take(connect)
    assert pool.take(connect)


def test_a_connection_that_the_server_ended_at_rest_is_thrown_away(pool, connect):
    first = pool.take(connect)
    pool.give_back(first)
    end_on_the_server(server_pid(first), connect)
    second = pool.take(connect)
    assert second is not first
    assert first.closed
    with second.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_connection_closed_at_rest_is_thrown_away(pool, connect):
    first = pool.take(connect)
    pool.give_back(first)
    first.close()
    assert pool.take(connect) is not first


def test_a_connection_inside_a_transaction_is_closed(pool, connect):
    first = pool.take(connect)
    with first.cursor() as cursor:
        cursor.execute("SELECT 1")
    pool.give_back(first)
    assert first.closed
    assert pool.stats()["idle"] == 0
    assert pool.take(connect)
    assert pool.take(connect)


def test_a_broken_connection_gives_its_place_back(pool, connect):
    for _ in range(3):
        broken = pool.take(connect)
        broken.close()
        pool.give_back(broken)
    assert pool.stats()["idle"] == 0
    assert pool.take(connect)


def test_closing_leaves_those_in_use(pool, connect):
    used, idle = pool.take(connect), pool.take(connect)
    pool.give_back(idle)
    pool.close()
    assert idle.closed
    assert not used.closed


def test_threads_share_a_few_connections(connect):
    pool = Pool(size=3, patience=30)
    in_use, most, lock, start = set(), [], threading.Lock(), threading.Barrier(12)

    def work():
        start.wait()
        for _ in range(10):
            taken = pool.take(connect)
            with lock:
                assert taken not in in_use
                in_use.add(taken)
                most.append(len(in_use))
            taken.autocommit = True
            with taken.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.001)")
            with lock:
                in_use.remove(taken)
            pool.give_back(taken)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(most) == 120
    assert max(most) <= 3
    assert len(connect.made) <= 3
    assert pool.stats()["idle"] == len(connect.made)


# --- Django's connections ----------------------------------------------------------------------


def in_a_thread(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join(timeout=30)
    return results[0]


def pid_of_a_query() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def one_request() -> int:
    try:
        return pid_of_a_query()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_threads_one_after_another_use_one_connection():
    connection.close()
    assert len({in_a_thread(one_request) for _ in range(5)}) == 1


@pytest.mark.django_db(transaction=True)
def test_closing_twice_gives_back_once():
    pid_of_a_query()
    pool = connection._pool()  # type: ignore[attr-defined]
    connection.close()
    idle = pool.stats()["idle"]
    connection.close()
    assert pool.stats()["idle"] == idle
    assert pid_of_a_query()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_restarted_is_noticed_before_the_next_request(connect):
    pid = in_a_thread(one_request)
    end_on_the_server(pid, connect)
    assert in_a_thread(one_request) != pid


@pytest.mark.django_db(transaction=True)
def test_the_time_zone_and_isolation_of_a_connection_are_those_of_the_settings():
    def ask():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW timezone")
                return cursor.fetchone()[0]
        finally:
            connection.close()

    assert {in_a_thread(ask) for _ in range(2)} == {"UTC"}  # also for one from the pool


@pytest.mark.django_db(transaction=True)
def test_a_busy_pool_is_reported_as_database_unavailable(monkeypatch, as_alice, alice):
    name = connection.settings_dict["NAME"]
    connection.close()
    monkeypatch.setitem(base.pools, name, Pool(size=1, patience=0.1))

    def ask_while_it_is_taken():
        pid_of_a_query()
        answer = in_a_thread(ask)
        connection.close()
        return answer

    def ask():
        try:
            response = as_alice.get("/quote")
            return response.status_code, response.json()["code"]
        finally:
            connections.close_all()

    assert in_a_thread(ask_while_it_is_taken) == (503, "database_unavailable")
    base.pools[name].close()
