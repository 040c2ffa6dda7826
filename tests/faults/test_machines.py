"""Two machines that share PostgreSQL and Redis and nothing else: each has a DATA_DIR of its own,
and the first one's network can be cut. All in one test, since two servers take long to start.
"""

import contextlib
import http.client
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.environment import SETTINGS
from tests.faults.parts import Line, line, own_redis
from tests.faults.reader import Reader, Received, assert_texts, headers_of
from tests.faults.stack import Stack, beside, stack

pytestmark = [pytest.mark.live, pytest.mark.postgres]

TWO_SECONDS = "[[chunks: 40]] [[slow: 0.05]]"
FOUR_SECONDS = "[[chunks: 80]] [[slow: 0.05]]"
A_MINUTE = "[[chunks: 1200]] [[slow: 0.05]]"
# As if the time in which living processes would have stored a heartbeat, and swept, had passed.
AGE = """
UPDATE chat_reply SET heartbeat_at = heartbeat_at - interval '5 minutes' WHERE status = 'streaming';
INSERT INTO chat_lease (name, until) SELECT name, now() - interval '1 minute'
FROM unnest(ARRAY['sweep 1', 'sweep 2', 'sweep 3', 'reaper']) AS name
ON CONFLICT (name) DO UPDATE SET until = EXCLUDED.until
"""


@dataclass
class Machines:
    first: Stack
    second: Stack
    lines: tuple[Line, Line]

    def assert_settled(self, *answers: Received) -> None:
        self.first.wait_until_settled()
        self.first.assert_exact()
        assert_texts(self.first, list(answers))

    def age(self) -> None:
        connection = psycopg2.connect(self.first.database)
        with contextlib.closing(connection), connection, connection.cursor() as cursor:
            cursor.execute(AGE)


@contextlib.contextmanager
def two_machines() -> Iterator[Machines]:
    database = SETTINGS["DATABASE_URL"]
    url = urlsplit(database)
    with (
        own_redis() as redis,
        line(url.hostname, url.port or 5432) as to_database,
        line("127.0.0.1", redis.port) as to_redis,
        stack(
            database_server=database,
            database_port=to_database.port,
            redis=f"redis://127.0.0.1:{to_redis.port}/0",
        ) as first,
        beside(first, DATABASE_URL=first.database, REDIS_URL=redis.url) as second,
    ):
        yield Machines(first, second, (to_database, to_redis))


def test_two_machines():
    with two_machines() as machines:
        their_files_are_their_own(machines)
        readers_wander_between_them(machines)
        an_answer_of_one_is_stopped_at_the_other(machines)
        one_is_cut_off_for_a_moment(machines)
        one_is_silent_for_too_long(machines)


class Wanderer(Reader):
    """Comes back to the other machine each time."""

    def __init__(self, machines: Machines, token: str) -> None:
        super().__init__(machines.first, token)
        self._machines = machines

    def connect(self, received, key, drop_after) -> None:
        super().connect(received, key, drop_after)
        first, second = self._machines.first, self._machines.second
        self._stack = second if self._stack is first else first


def begin(machine: Stack, question: str, token: str) -> Received:
    """Asks, and leaves after the first pieces."""
    received = Received(question)
    Reader(machine, token).connect(received, str(uuid.uuid4()), range(3, 4))
    assert received.text
    return received


def stop(machine: Stack, received: Received, token: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)
    with contextlib.closing(connection):
        connection.request(
            "DELETE", f"/chat/stream/{received.stream_id}", headers=headers_of(token)
        )
        return connection.getresponse().status


def their_files_are_their_own(machines: Machines) -> None:
    assert machines.first.env["DATA_DIR"] != machines.second.env["DATA_DIR"]
    assert "another server" not in machines.second.log.read_text()


def readers_wander_between_them(machines: Machines) -> None:
    answers: list[Received] = []
    reading = [
        Thread(
            target=lambda token=token: answers.append(
                Wanderer(machines, token).ask(TWO_SECONDS, drop_after=range(2, 6))
            )
        )
        for token in machines.first.tokens
    ]
    for thread in reading:
        thread.start()
    for thread in reading:
        thread.join()
    assert [received.outcome for received in answers] == ["done"] * len(machines.first.tokens)
    assert all(received.connections > 2 for received in answers)
    machines.assert_settled(*answers)


def an_answer_of_one_is_stopped_at_the_other(machines: Machines) -> None:
    """Long before its end, and the reader at the other machine hears of it."""
    token = machines.first.tokens[0]
    received = begin(machines.first, A_MINUTE, token)
    following = Thread(target=Reader(machines.second, token).go_on, args=(received, ""))
    following.start()
    assert stop(machines.second, received, token) in {202, 204}
    following.join()
    assert received.outcome == "stopped"
    machines.assert_settled(received)


def one_is_cut_off_for_a_moment(machines: Machines) -> None:
    """Its answers are written to their end, and the other's are not touched."""
    tokens = machines.first.tokens
    here = begin(machines.first, FOUR_SECONDS, tokens[0])
    there = begin(machines.second, FOUR_SECONDS, tokens[1])
    for each in machines.lines:
        each.cut()
    reading = [
        Thread(target=Reader(machines.second, tokens[0]).go_on, args=(here, "")),
        Thread(target=Reader(machines.second, tokens[1]).go_on, args=(there, "")),
    ]
    for thread in reading:
        thread.start()
    # A question to a machine without a database is refused, and costs nothing.
    with pytest.raises(ConnectionError):
        Reader(machines.first, tokens[2]).connect(Received(TWO_SECONDS), str(uuid.uuid4()), None)
    reading[1].join()
    for each in machines.lines:
        each.mend()
    reading[0].join()
    assert (here.outcome, there.outcome) == ("done", "done")
    machines.assert_settled(here, there)


def one_is_silent_for_too_long(machines: Machines) -> None:
    """The other ends its answer, with the text that Redis or the database has, and gives the unit
    back. When the first one is back it does not change that, and stops asking the model.
    """
    token = machines.first.tokens[0]
    received = begin(machines.first, A_MINUTE, token)
    for each in machines.lines:
        each.silence()
    reader = Reader(machines.second, token)
    following = Thread(target=reader.go_on, args=(received, ""))
    following.start()
    machines.age()
    following.join()
    assert received.outcome == "interrupted"
    assert received.lost < 30  # all is kept but the moment between two batches to Redis
    machines.assert_settled(received)
    for each in machines.lines:
        each.mend()
    wait_until_it_stops_asking(machines.first)
    machines.assert_settled(received)
    assert machines.first.status_of(received.stream_id) == "interrupted"


def wait_until_it_stops_asking(machine: Stack, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while machine.upstream_stats()["open"]:
        assert time.monotonic() < end, "it still asks the model"
        time.sleep(0.1)
