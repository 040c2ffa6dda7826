"""A PostgreSQL that accepts no more connections: who waits, for how long, and what is logged at
start.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections

from accounts.models import User
from config.db.postgresql import base
from config.db.postgresql.capacity import compare
from config.db.postgresql.pool import Pool
from config.environment import pool_share
from tests.environment import SUFFIX

ROOT: Path = settings.BASE_DIR
# A role belongs to the whole server, which other workers and runs use at the same time.
ROLE = "daesa_few" + SUFFIX


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def few(transactional_db):
    """A role with three connections and no more privileges than in a deployment."""
    execute(
        f"DROP OWNED BY {ROLE}" if role_exists() else "SELECT 1",
        f"DROP ROLE IF EXISTS {ROLE}",
        f"CREATE ROLE {ROLE} LOGIN CONNECTION LIMIT 3",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
    )
    yield ROLE
    execute(f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}")


def role_exists() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        return cursor.fetchone() is not None


@pytest.fixture
def pool_of():
    """Gives the threads of a test another pool than the test's own thread. That one is back before
    other fixtures of the test end, since a closed pool may still refuse.
    """
    kept = connections.settings["default"]
    made = []

    def use(*, size: int, patience: float, **server: object) -> Pool:
        connection.close()  # into its own pool
        pool = Pool(size=size, patience=patience)
        made.append(pool)
        patch.setitem(connections.settings, "default", {**kept, **server})
        patch.setitem(base.pools, kept["NAME"], pool)
        return pool

    with pytest.MonkeyPatch.context() as patch:
        yield use
        connection.close()
    for pool in made:
        pool.close()


def together(count: int, work) -> list:
    """The results of `work` in this many threads at once."""
    results, start = [], threading.Barrier(count)

    def run() -> None:
        start.wait()
        try:
            results.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    assert len(results) == count
    return results


# --- The server is full -------------------------------------------------------------------------


@pytest.mark.postgres
def test_twenty_requests_share_the_three_connections_that_the_server_gives(
    few, pool_of, alice, client_for
):
    pool = pool_of(size=20, patience=30, USER=few)

    def ask() -> list[int]:
        client = client_for(alice)
        seen = []
        for _ in range(10):
            seen.append(client.get("/quote").status_code)
            connections.close_all()  # as at the end of a request
        return seen

    answers = together(20, ask)
    assert answers == [[200] * 10] * 20
    assert pool.stats()["used"] == 0
    assert 1 <= pool.stats()["idle"] <= 3


@pytest.mark.postgres
def test_a_server_that_stays_full_is_503_with_retry_after(
    few, pool_of, alice, client_for, client, staff
):
    client.force_login(staff)
    client.raise_request_exception = False
    as_alice = client_for(alice)
    held = [psycopg2.connect(**{**params(), "user": few}) for _ in range(3)]
    pool_of(size=20, patience=0.3, USER=few)
    try:
        [api, page] = together(
            1, lambda: (as_alice.get("/quote"), client.get("/admin/quotes/quote/"))
        )[0]
    finally:
        for one in held:
            one.close()
    for response in (api, page):
        assert response.status_code == 503
        assert response["Retry-After"] == "5"
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "database_unavailable"


@pytest.mark.postgres
def test_a_refused_caller_takes_a_slot_that_another_deployment_frees(few, pool_of):
    held = [psycopg2.connect(**{**params(), "user": few}) for _ in range(3)]
    pool_of(size=20, patience=30, USER=few)
    refused = threading.Event()
    real = base.base.DatabaseWrapper.get_new_connection  # type: ignore[attr-defined]

    def let_go() -> None:
        refused.wait(timeout=30)
        held.pop().close()

    def look(wrapper, conn_params):
        try:
            return real(wrapper, conn_params)
        except psycopg2.OperationalError:
            refused.set()
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base.base.DatabaseWrapper, "get_new_connection", look)  # type: ignore[attr-defined]
        other = threading.Thread(target=let_go)
        other.start()
        assert together(1, User.objects.count) == [0]
        other.join()
    for one in held:
        one.close()


def params() -> dict[str, object]:
    return {**connection.get_connection_params(), "connect_timeout": 5}


# --- The server is reachable and refuses --------------------------------------------------------

REFUSALS = [
    ("FATAL", "57P03", "the database system is starting up", True),
    ("FATAL", "57P03", "the database system is shutting down", True),
    ("FATAL", "53300", "sorry, too many clients already", True),
    ("FATAL", "53300", "remaining connection slots are reserved for roles with…", True),
    ("치명적오류", "53300", "최대 동시 접속자 수를 초과했습니다.", True),
    ("ERROR", "08P01", "no more connections allowed (max_client_conn)", True),
    ("FATAL", "28P01", 'password authentication failed for user "x"', False),
    ("FATAL", "3D000", 'database "x" does not exist', False),
    ("FATAL", "28000", 'no pg_hba.conf entry for host "127.0.0.1"', False),
]


class Porter:
    """A proxy in front of PostgreSQL that refuses the first connections in its protocol and
    forwards the others, one at a time.
    """

    def __init__(self, severity: str, code: str, text: str, *, times: int) -> None:
        self._answer = _error(severity, code, text)
        self._times, self.refused = times, 0
        server = connection.settings_dict
        self._server = (server["HOST"], int(server["PORT"] or 5432))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.refused < self._times:
                    self.refused += 1
                    client.recv(4096)
                    client.sendall(self._answer)
                    client.close()
                else:
                    threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def at(porter: Porter) -> dict[str, object]:
    """Without TLS, so that one attempt is one connection."""
    options = {**connection.settings_dict["OPTIONS"], "sslmode": "disable"}
    return {"HOST": "127.0.0.1", "PORT": porter.port, "OPTIONS": options}


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def _error(severity: str, code: str, text: str) -> bytes:
    fields = f"S{severity}\0VFATAL\0C{code}\0M{text}\0\0".encode()
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("severity", "code", "text", "passes"), REFUSALS)
def test_what_passes_is_waited_for_and_what_lasts_is_not(pool_of, severity, code, text, passes):
    porter = Porter(severity, code, text, times=3)
    pool = pool_of(size=5, patience=30, **at(porter))

    def ask():
        try:
            return User.objects.count()
        except OperationalError as error:
            return error

    [found] = together(1, ask)
    porter.close()
    if passes:
        assert (found, porter.refused) == (0, 3)
    else:
        assert isinstance(found, OperationalError)
        assert porter.refused == 1
    assert pool.stats()["used"] == 0
    pool.close()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_all_that_wait_share_the_pauses_between_the_attempts(pool_of):
    """Otherwise twenty callers would retry a full server independently."""
    porter = Porter("FATAL", "57P03", "the database system is starting up", times=10**6)
    pool_of(size=20, patience=2, **at(porter))

    def ask() -> bool:
        with pytest.raises(OperationalError):
            User.objects.count()
        return True

    assert all(together(20, ask))
    porter.close()
    assert porter.refused < 20 * 3  # each once at first, then one of them per pause


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_away_is_reported_at_once(pool_of, alice, client_for):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = client_for(alice)
        pool = pool_of(size=5, patience=10**6, HOST="127.0.0.1", PORT=unused.getsockname()[1])
        [response] = together(1, lambda: client.get("/quote"))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert pool.stats()["used"] == 0


# --- Connections of a deployment ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("workers", "share"), [(1, 20), (4, 20), (5, 16), (6, 13), (8, 10), (80, 1), (200, 1)]
)
def test_the_default_leaves_connections_on_a_server_with_a_hundred(workers, share):
    assert pool_share(workers) == share
    assert workers > 80 or workers * share <= 80


@pytest.mark.parametrize(
    ("workers", "pool", "allowed", "fits", "advice"),
    [
        (4, 20, 97, True, ""),
        (1, 96, 97, True, ""),
        (1, 97, 97, False, "Set DATABASE_POOL=76 or less"),
        (6, 20, 97, False, "Set DATABASE_POOL=11 or less"),
        (2, 20, 3, False, "Set DATABASE_POOL=1 or less"),
    ],
)
def test_the_start_compares_pool_and_server(workers, pool, allowed, fits, advice):
    is_fitting, message = compare(workers=workers, pool=pool, allowed=allowed)
    assert is_fitting is fits
    for number in (workers, pool, workers * (pool + 1), allowed):
        assert str(number) in message
    assert advice in message


def said_at_a_start(**variables: str) -> tuple[bool, str]:
    kept = ("PATH", "HOME", "DATA_DIR", "DEBUG", "SECRET_KEY", "DAESA_DOTENV")
    output = subprocess.run(
        [sys.executable, "-m", "config.db.postgresql.capacity"],
        cwd=ROOT,
        env={**{name: os.environ[name] for name in kept}, **variables},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(json.loads(output))


@pytest.mark.postgres
def test_the_server_is_asked_what_it_gives_to_the_role(few):
    server = urlsplit(os.environ["DATABASE_URL"])
    url = f"postgres://{few}@{server.hostname}:{server.port or 5432}/{params()['dbname']}"
    fits, message = said_at_a_start(DATABASE_URL=url)
    assert not fits
    assert message.startswith(
        "PostgreSQL connections: 1 worker(s) with DATABASE_POOL=20, and one each for heartbeats,"
        " open 21 at"
    )
    assert "the server gives 3. Set DATABASE_POOL=1" in message
    assert said_at_a_start(DATABASE_URL=url, DATABASE_POOL="2")[0]
    execute(f"ALTER ROLE {few} CONNECTION LIMIT -1")
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        most = int(cursor.fetchone()[0])
    fits, message = said_at_a_start(DATABASE_URL=url)
    assert fits
    assert int(message.rpartition(" ")[2]) == most - reserved()


def reserved() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(setting::int) FROM pg_settings WHERE name IN"
            " ('superuser_reserved_connections', 'reserved_connections')"
        )
        return int(cursor.fetchone()[0])


def test_a_server_that_is_away_stops_no_start():
    fits, message = said_at_a_start(DATABASE_URL="postgres://x@127.0.0.1:1/x")
    assert (fits, message) == (
        False,
        "PostgreSQL did not say its connection limit: OperationalError",
    )
