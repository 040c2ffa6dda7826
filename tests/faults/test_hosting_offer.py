"""The whole server behind PgBouncer in transaction mode, with Redis by Sentinel, as hosting offers
give them. All in one test, since the servers take long to start.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.environment import SETTINGS
from tests.faults.reader import Load, Reader, Received, assert_texts
from tests.faults.stack import Stack, stack
from tests.fleet.servers import SentinelGroup, pgbouncer, sentinel_group

pytestmark = [pytest.mark.live, pytest.mark.postgres]

TWO_SECONDS = "[[chunks: 40]] [[slow: 0.05]]"


@dataclass
class Offer:
    daesa: Stack
    redis: SentinelGroup
    bouncer: int  # its port


@contextlib.contextmanager
def hosting_offer() -> Iterator[Offer]:
    database = SETTINGS["DATABASE_URL"]
    with (
        pgbouncer(database) as port,
        sentinel_group() as group,
        stack(
            database_server=database,
            database_port=port,
            redis=group.url,
            DATABASE_PGBOUNCER="true",
            DATABASE_POOL="10",
        ) as daesa,
    ):
        yield Offer(daesa, group, port)


def test_hosting_offer():
    with hosting_offer() as offer:
        the_start_says_what_the_role_lacks(offer)
        more_requests_than_connections_to_the_server(offer)
        the_sessions_of_the_server_keep_nothing_of_a_client(offer)
        redis_fails_over_while_answers_are_written(offer)


def the_start_says_what_the_role_lacks(offer: Offer) -> None:
    log = offer.daesa.log.read_text()
    assert "PgBouncer: 2 worker(s) with DATABASE_POOL=10" in log
    assert "ALTER ROLE CURRENT_USER SET lock_timeout = 5000; " in log


def more_requests_than_connections_to_the_server(offer: Offer) -> None:
    """12 readers in two workers of 10 connections each, on 3 connections of the server."""
    with Load(offer.daesa, readers=12, question="[[chunks: 5]] [[slow: 0.02]]") as load:
        while len(load.received) < 24:
            Reader(offer.daesa, offer.daesa.tokens[0]).ask("[[chunks: 2]]")
    offer.daesa.wait_until_settled()
    assert {received.outcome for received in load.received} == {"done"}
    offer.daesa.assert_exact()
    assert_texts(offer.daesa, load.received)


def the_sessions_of_the_server_keep_nothing_of_a_client(offer: Offer) -> None:
    """No prepared statements, and no setting that a next client would inherit."""
    url = urlsplit(offer.daesa.database)
    shared = offer.daesa.database.replace(f":{url.port}/", f":{offer.bouncer}/")
    connection = psycopg2.connect(shared)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT name FROM pg_settings WHERE source = 'session'"
            " AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'TimeZone',"
            " 'standard_conforming_strings', 'IntervalStyle')"  # PgBouncer sets these itself
        )
        assert cursor.fetchall() == []


def redis_fails_over_while_answers_are_written(offer: Offer) -> None:
    """Each reader comes back to the other worker, and has all of its text at the end."""
    answers: list[Received] = []
    reading = [
        Thread(
            target=lambda token=token: answers.append(
                Reader(offer.daesa, token).ask(TWO_SECONDS, drop_after=range(2, 5))
            )
        )
        for token in offer.daesa.tokens
    ]
    for thread in reading:
        thread.start()
    offer.redis.kill_master()
    offer.redis.wait_for_new_master()
    for thread in reading:
        thread.join()
    assert [received.outcome for received in answers] == ["done"] * len(offer.daesa.tokens)
    offer.daesa.assert_exact()
    assert_texts(offer.daesa, answers)
