"""How long a statement may wait or run on PostgreSQL, and who has a connection in any case."""

import threading

import psycopg2
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from config.db.connections import reserve_connection
from config.db.postgresql import base
from config.db.postgresql.pool import Pool
from config.environment import as_options, time_limits
from quotes.search.find import find
from tests.factories import make_quote

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NAMES = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture
def made_with(monkeypatch):
    """Sets options of the connections that are made from now on, and returns their pool."""

    def use(*, serving: bool, size: int = 5, patience: float = 5, **options: object) -> Pool:
        connections.close_all()
        kept = connections.settings["default"]
        changed = {**kept, "OPTIONS": {**kept["OPTIONS"], **options}}
        pool = Pool(size=size, patience=patience)
        monkeypatch.setitem(connections.settings, "default", changed)
        monkeypatch.setitem(base.pools, kept["NAME"], pool)
        base.limit_time(is_limited=serving)
        del connections["default"]
        return pool

    yield use
    base.limit_time(is_limited=False)
    connections.close_all()
    base.pools[connection.settings_dict["NAME"]].close()
    del connections["default"]


def limits() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in NAMES)}")
        return list(cursor.fetchone())


def in_a_thread(work):
    results = []

    def run():
        try:
            results.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    return results[0]


SOME = as_options(time_limits(lock=5, statement=30.5, idle=60))


def test_a_server_has_limits_and_a_command_has_none(made_with):
    made_with(serving=True, TIME_LIMITS=SOME)
    assert limits() == ["5s", "30500ms", "1min"]
    made_with(serving=False, TIME_LIMITS=SOME)
    assert limits() == ["0", "0", "0"]


def cost_of_a_page() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW random_page_cost")
        return str(cursor.fetchone()[0])


def test_a_server_plans_for_disks_that_do_not_turn(made_with):
    made_with(serving=False, TIME_LIMITS=SOME)
    of_the_database = cost_of_a_page()
    made_with(serving=True, TIME_LIMITS=SOME)
    assert cost_of_a_page() == "1.1" != of_the_database
    made_with(serving=True, TIME_LIMITS=SOME, options="-c random_page_cost=3")
    assert cost_of_a_page() == "3"


@pytest.mark.parametrize(("cost", "has_index"), [("1.1", True), ("4", False)])
def test_a_small_board_is_read_by_its_index(made_with, alice, cost, has_index):
    """PostgreSQL knows how many lines there are; with its own default it reads all of them."""
    for number in range(130):
        make_quote(alice, f"Line {number} of a small board.", is_apply=True)
    make_quote(alice, "The time has come, the walrus said.", is_apply=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE quotes_quote")
    made_with(serving=True, TIME_LIMITS=SOME, options=f"-c random_page_cost={cost}")
    with CaptureQueriesContext(connection) as queries:
        find(question="walrus")
    [asked] = [query["sql"] for query in queries if "@@" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked.replace('%', '%%')}", ())
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert ("on quote_search" in plan) is has_index


def test_options_of_the_url_take_precedence(made_with):
    made_with(serving=True, TIME_LIMITS=SOME, options="-c statement_timeout=7s")
    assert limits() == ["5s", "7s", "1min"]


def test_without_limits_no_options_are_sent(made_with):
    """PgBouncer may refuse them."""
    made_with(serving=True, TIME_LIMITS=as_options(time_limits(lock=0, statement=0, idle=0)))
    assert "options" not in connection.get_connection_params()


def test_a_question_that_waits_for_a_lock_is_refused(made_with, alice, client_for):
    client = client_for(alice)
    pool = made_with(
        serving=True, TIME_LIMITS=as_options(time_limits(lock=0.1, statement=0, idle=0))
    )
    other = psycopg2.connect(**connection.get_connection_params())
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_user WHERE id = %s FOR UPDATE", [alice.pk])
    response = in_a_thread(lambda: client.post("/chat", {"content": "Hello"}, format="json"))
    other.close()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["code"] == "database_unavailable"
    assert pool.stats()["used"] == 0


def test_a_reserved_connection_waits_for_no_request(made_with):
    pool = made_with(serving=False, size=1, patience=0)
    assert limits()  # this thread has the only connection now

    def beat_twice() -> list[int]:
        reserve_connection()
        pids = []
        for _ in range(2):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            connection.close()
        return pids

    first, second = in_a_thread(beat_twice)
    assert first == second
    assert pool.stats() == {"size": 1, "used": 1, "idle": 0}
