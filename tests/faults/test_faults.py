"""Faults of real processes under load: whatever breaks, every question is stored, every answer
ends, each reader has exactly what is stored, and units used = answers done and stopped.
"""

import os
import random
import signal
import time
from threading import Thread
from urllib.parse import urlsplit

import pytest

from chat.turns.recover import LOST_AFTER
from tests.chat.asking import said
from tests.faults.parts import line, own_postgresql, postgresql_programs
from tests.faults.reader import Load, Reader, Received, assert_texts
from tests.faults.stack import Stack, stack

pytestmark = pytest.mark.live

HALF_A_SECOND = "[[chunks: 15]] [[slow: 0.03]]"
TWO_SECONDS = "[[chunks: 40]] [[slow: 0.05]]"
FOUR_SECONDS = "[[chunks: 80]] [[slow: 0.05]]"
RESUMES = int(os.environ.get("FAULTS_RESUMES", "2000"))


def assert_all_done_or_failed(daesa: Stack, answers: list[Received]) -> None:
    daesa.wait_until_settled()
    outcomes = {received.outcome for received in answers}
    assert outcomes <= {"done", "failed"}
    assert "done" in outcomes
    daesa.assert_exact()
    assert_texts(daesa, answers)


def test_killed_workers(services):
    """Twenty times, at random moments."""
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        with Load(daesa, readers=12, question=HALF_A_SECOND) as load:
            for _ in range(20):
                time.sleep(random.uniform(0.2, 1.2))  # noqa: S311
                os.kill(random.choice(daesa.workers()), signal.SIGKILL)  # noqa: S311
            before, end = len(load.received), time.monotonic() + 60
            while "done" not in {received.outcome for received in load.received[before:]}:
                assert time.monotonic() < end, "it does not recover"
                time.sleep(0.1)
        daesa.wait_until_settled()
        assert {received.outcome for received in load.received} <= {"done", "interrupted"}
        assert daesa.value("SELECT count(*) FROM chat_chat") >= len(load.received)
        daesa.assert_exact()
        # Also of those interrupted: a reader that had more than was kept has begun again.
        assert_texts(daesa, load.received)
        # All is kept but the moment between two batches to Redis.
        assert all(received.lost < 30 for received in load.received)


def test_end_of_the_server_lets_answers_end(services):
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        load = Load(daesa, readers=20, question=FOUR_SECONDS)
        with load:
            time.sleep(1.5)
            load._enough.set()
            daesa.master.terminate()
            daesa.master.wait(30)
        assert {received.outcome for received in load.received} == {"done"}
        assert daesa.statuses() == {"done": len(load.received)}
        daesa.assert_exact()
        assert_texts(daesa, load.received)


def test_end_of_the_server_with_nobody_listening(services):
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        for token in daesa.tokens:
            reader = Reader(daesa, token)
            with pytest.raises(AssertionError):
                Reader(daesa, token, patience=-1).ask(FOUR_SECONDS)
            received = Received(FOUR_SECONDS)
            reader.connect(received, "key", range(1, 2))
        daesa.master.terminate()
        daesa.master.wait(30)
        assert daesa.statuses() == {"done": len(daesa.tokens)}
        daesa.assert_exact()


def test_end_of_the_server_cuts_what_takes_too_long(services):
    database, redis = services
    with stack(database_server=database, redis=redis.url, GRACEFUL_TIMEOUT="10") as daesa:
        load = Load(daesa, readers=10, question="[[chunks: 1000]] [[slow: 0.05]]")
        with load:
            time.sleep(1)
            load._enough.set()
            daesa.master.terminate()
            daesa.master.wait(12)
        assert {received.outcome for received in load.received} == {"interrupted"}
        assert {
            received.last and received.last["problem"]["code"] for received in load.received
        } == {"interrupted"}
        assert daesa.statuses() == {"interrupted": 10}
        assert daesa.used() == 0
        assert all(received.text for received in load.received)
        assert_texts(daesa, load.received)


def test_reload_loses_nothing(services):
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        with Load(daesa, readers=12, question=TWO_SECONDS) as load:
            for _ in range(2):
                time.sleep(2.5)
                daesa.master.send_signal(signal.SIGHUP)
            time.sleep(3)
        daesa.wait_until_settled()
        assert {received.outcome for received in load.received} == {"done"}
        daesa.assert_exact()
        assert_texts(daesa, load.received)


def test_redis_dies_and_comes_back_empty(services):
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        with Load(daesa, readers=12, question=TWO_SECONDS) as load:
            for _ in range(2):
                time.sleep(1.2)
                redis.kill()
                time.sleep(1.5)
                redis.start()
            time.sleep(2)
        assert {received.outcome for received in load.received} == {"done"}
        assert max(received.connections for received in load.received) == 1, "readers here go on"
        daesa.assert_exact()
        assert_texts(daesa, load.received)


def test_line_to_redis_is_cut_within_a_batch(services):
    database, redis = services
    with (
        line("127.0.0.1", redis.port) as cuttable,
        stack(database_server=database, redis=f"redis://127.0.0.1:{cuttable.port}/0") as daesa,
    ):
        answers: list[Received] = []
        reading = [
            Thread(
                target=lambda token=token: answers.append(
                    Reader(daesa, token).ask(FOUR_SECONDS, drop_after=range(1, 4))
                )
            )
            for token in daesa.tokens
        ]
        for thread in reading:
            thread.start()
        for size in (700, 1301, 2503):
            time.sleep(0.7)
            cuttable.cut_after(size)
            time.sleep(0.3)
            cuttable.mend()
        for thread in reading:
            thread.join()
        assert [received.outcome for received in answers] == ["done"] * len(daesa.tokens)
        daesa.assert_exact()
        assert_texts(daesa, answers)


def test_database_goes_away_and_comes_back(services):
    database, redis = services
    url = urlsplit(database)
    with (
        line(url.hostname, url.port or 5432) as cuttable,
        stack(database_server=database, redis=redis.url, database_port=cuttable.port) as daesa,
    ):
        with Load(daesa, readers=12, question=TWO_SECONDS) as load:
            for _ in range(2):
                time.sleep(1.5)
                cuttable.cut()
                time.sleep(2)
                cuttable.mend()
            time.sleep(3)
        assert_all_done_or_failed(daesa, load.received)


def test_database_is_restarted_and_crashes(services):
    """Under load: a restart that ends all connections, then one without a shutdown."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("needs PostgreSQL's programs initdb and pg_ctl")
    _, redis = services
    with (
        own_postgresql(programs) as postgresql,
        stack(database_server=postgresql.url, redis=redis.url) as daesa,
    ):
        with Load(daesa, readers=12, question=TWO_SECONDS) as load:
            for how in ("fast", "immediate"):
                time.sleep(2)
                postgresql.restart(how)
            time.sleep(3)
        assert_all_done_or_failed(daesa, load.received)


def test_machine_sleeps(services):
    """For longer than a writer may be silent. Who wakes up first ends nobody's answers."""
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        load = Load(daesa, readers=8, question=FOUR_SECONDS)
        with load:
            time.sleep(LOST_AFTER.total_seconds() + 5)  # by now each worker would end lost turns
            for worker in daesa.workers():
                os.kill(worker, signal.SIGSTOP)
            time.sleep(LOST_AFTER.total_seconds() + 3)
            for worker in daesa.workers():
                os.kill(worker, signal.SIGCONT)
                time.sleep(1)
            load._enough.set()
        assert {received.outcome for received in load.received} == {"done"}
        daesa.assert_exact()


def test_resuming_on_any_worker(services):
    """Readers that leave after a few events and come back, on whichever worker answers."""
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        answers: list[Received] = []

        def read(token: str) -> None:
            while sum(received.connections for received in answers) < RESUMES:
                question = "[[chunks: 60]] [[slow: 0.05]] 가나다"
                answers.append(Reader(daesa, token).ask(question, drop_after=range(1, 3)))

        reading = [Thread(target=read, args=(token,)) for token in daesa.tokens * 3]
        for thread in reading:
            thread.start()
        for thread in reading:
            thread.join()
        assert sum(received.connections for received in answers) >= RESUMES
        assert {received.outcome for received in answers} == {"done"}
        daesa.assert_exact()
        assert_texts(daesa, answers)


def test_readers_hold_no_connection_to_the_database(services):
    """Else a few tabs that were opened again would leave none for those who ask and write."""
    database, redis = services
    with stack(database_server=database, redis=redis.url, workers=1, DATABASE_POOL="2") as daesa:
        received = [Received(FOUR_SECONDS) for _ in range(12)]
        first = Reader(daesa, daesa.tokens[0])
        first.connect(received[0], "key", range(1, 2))

        def follow(mine: Received) -> None:
            mine.stream_id = received[0].stream_id
            first.connect(mine, "key", None)

        reading = [Thread(target=follow, args=(mine,)) for mine in received[1:]]
        for thread in reading:
            thread.start()
        time.sleep(1)
        while_they_read = Reader(daesa, daesa.tokens[1]).ask("[[chunks: 2]]")
        for thread in reading:
            thread.join()
        ended = [mine.last["chat"]["chat_reply"]["status"] for mine in received[1:] if mine.last]
        assert ended == ["done"] * 11
        assert while_they_read.outcome == "done"
        assert while_they_read.trouble == []
        assert_texts(daesa, received[1:])


def test_a_mended_answer_is_the_same_on_any_worker(services):
    """What was written is what the events tell, wherever a reader comes back; END corrects it."""
    invented = "“Nobody has ever said this at all.”"
    answer = said(f"👑 He says {invented} and so on. " * 3)
    question = f"Any line? [[say: {answer}]] [[chunks: 40]] [[slow: 0.05]]"
    database, redis = services
    with stack(database_server=database, redis=redis.url, QUOTE_POLICY="strict") as daesa:
        answers: list[Received] = []

        def read(token: str) -> None:
            reader = Reader(daesa, token)
            answers.extend(reader.ask(question, drop_after=range(1, 3)) for _ in range(3))

        reading = [Thread(target=read, args=(token,)) for token in daesa.tokens]
        for thread in reading:
            thread.start()
        for thread in reading:
            thread.join()
        stored = daesa.texts()
    assert len(answers) == 3 * len(reading)
    assert max(received.connections for received in answers) > 3
    for received in answers:
        assert received.last
        assert received.text.count(invented) == 3
        mended = received.text
        for one in reversed(received.last["corrections"]):
            assert mended[one["start"] : one["end"]] == one["from"]
            mended = mended[: one["start"]] + one["to"] + mended[one["end"] :]
        assert "“" not in mended
        assert mended == received.last["full_content"] == stored[received.stream_id]


def test_two_tabs_have_the_same(services):
    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        token = daesa.tokens[0]
        first = Received(TWO_SECONDS)
        Reader(daesa, token).connect(first, "key", range(1, 2))
        tabs: list[Received] = []

        def open_tab() -> None:
            tab = Received(TWO_SECONDS, stream_id=first.stream_id)
            Reader(daesa, token).connect(tab, "key", None)
            tabs.append(tab)

        threads = [Thread(target=open_tab) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({tab.text for tab in tabs}) == 1
        assert_texts(daesa, tabs)


def test_stop_reaches_the_other_worker(services):
    """Ten times, so that both workers are met; within a second, and the upstream is left."""
    import http.client  # noqa: PLC0415

    database, redis = services
    with stack(database_server=database, redis=redis.url) as daesa:
        for number in range(10):
            received = Received("[[chunks: 1000]] [[slow: 0.05]]")
            Reader(daesa, daesa.tokens[0]).connect(received, f"key{number}", range(1, 3))
            connection = http.client.HTTPConnection("127.0.0.1", daesa.port)
            headers = {
                "Authorization": f"Bearer {daesa.tokens[0]}",
                "X-Forwarded-Proto": "https",
            }
            started = time.monotonic()
            connection.request("DELETE", f"/chat/stream/{received.stream_id}", headers=headers)
            assert connection.getresponse().status == 204
            connection.close()
            while daesa.upstream_stats()["open"]:
                assert time.monotonic() - started < 1
                time.sleep(0.01)
            assert time.monotonic() - started < 1
            rest = Received(
                "", stream_id=received.stream_id, after=received.after, text=received.text
            )
            Reader(daesa, daesa.tokens[0]).connect(rest, "", None)
            assert rest.outcome == "stopped"
            assert_texts(daesa, [rest])
        assert daesa.upstream_stats()["aborted"] == 10
        daesa.assert_exact()
