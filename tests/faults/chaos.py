"""Breaks a running Daesa at random for a while, and then looks whether anything was lost:
`make chaos`, or `python -m tests.faults.chaos --seconds 120 --seed 7`.

On a PostgreSQL cluster and a Redis of its own, on free ports, where their programs are installed;
otherwise one process on SQLite. Prints the faults and the figures; exit code 1 if an invariant does
not hold:

- units used = answers done and stopped (`manage.py check_ledger --nothing-deleted`);
- each question is stored once, and each answer has ended;
- each reader has exactly what is stored: of a finished answer all, of another one its beginning.
"""

import argparse
import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from shutil import which

from tests.faults.breaking import Breaking
from tests.faults.parts import own_postgresql, own_redis, postgresql_programs
from tests.faults.reader import Reader, Received
from tests.faults.stack import Stack, stack
from tests.live import ROOT

PEOPLE = 12
PATIENCE = 240.0  # seconds in which a reader has its answer, whatever breaks
QUESTION = "[[chunks: {chunks}]] [[slow: 0.05]] question {number}"


@dataclass
class People:
    """Ask one question after the other. One in five leaves an answer and does not come back, and
    one in three breaks the connection and resumes.
    """

    daesa: Stack
    dice: random.Random
    received: list[Received] = field(default_factory=list)
    left: list[Received] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def go_on(self, person: int) -> None:
        reader = Reader(self.daesa, self.daesa.tokens[person % len(self.daesa.tokens)], PATIENCE)
        number = 0
        while not self.enough.is_set():
            number += 1
            chunks = self.dice.choice((5, 20, 60, 120))
            question = QUESTION.format(chunks=chunks, number=f"{person}-{number}")
            try:
                self._ask(reader, question)
            except Exception as error:  # noqa: BLE001 - reported as a violation
                self.failures.append(f"{question}: {error!r}"[:500])

    def _ask(self, reader: Reader, question: str) -> None:
        kind = self.dice.random()
        if kind < 0.2:
            received = Received(question)
            with contextlib.suppress(OSError, HTTPException):
                reader.connect(received, question, range(1, 3))
            self.left.append(received)
            return
        drop_after = range(1, 30) if kind < 0.5 else None
        self.received.append(reader.ask(question, drop_after=drop_after))


@contextlib.contextmanager
def busy(people: People) -> Iterator[None]:
    threads = [threading.Thread(target=people.go_on, args=(one,)) for one in range(PEOPLE)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        people.enough.set()
        for thread in threads:
            thread.join()


def violations(daesa: Stack, people: People) -> list[str]:
    """What is not as it must be, after all has ended."""
    asked = Counter(dict(daesa.rows("SELECT content, count(*) FROM chat_chat GROUP BY content")))
    wrong = [f"no answer: {failure}" for failure in people.failures]
    if unended := daesa.statuses().get("streaming"):
        wrong.append(f"{unended} answers have not ended")
    wrong += [f"stored {n} times: {question}" for question, n in asked.items() if n > 1]
    wrong += [f"lost: {one.question}" for one in people.received if one.question not in asked]
    stored = daesa.texts()
    for one in people.received:
        wrong += _text_violations(one, stored.get(one.stream_id, ""))
    return wrong + _ledger_violations(daesa)


def _text_violations(received: Received, stored: str) -> list[str]:
    is_whole = received.outcome in {"done", "stopped"}
    same = received.text == stored if is_whole else received.text.startswith(stored)
    # Of an answer whose writer was killed, what it had not stored or relayed yet is gone.
    if same:
        return []
    return [f"{received.outcome}, another text: {received.text!r} {stored!r} {received.trouble}"]


def _ledger_violations(daesa: Stack) -> list[str]:
    command = [sys.executable, "manage.py", "check_ledger", "--nothing-deleted"]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=daesa.env, capture_output=True, text=True, check=False
    )
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()


@contextlib.contextmanager
def deployment(*, sqlite: bool) -> Iterator[Breaking]:
    programs = None if sqlite or not which("redis-server") else postgresql_programs()
    if programs is None:
        with stack(database_server="", redis="", workers=1) as daesa:
            yield Breaking(daesa)
        return
    with (
        own_postgresql(programs) as database,
        own_redis() as redis,
        stack(database_server=database.url, redis=redis.url) as daesa,
    ):
        yield Breaking(daesa, database, redis)


def run(seconds: float, seed: int, *, sqlite: bool) -> int:
    dice = random.Random(seed)  # noqa: S311
    with deployment(sqlite=sqlite) as breaking:
        say(f"chaos for {seconds:.0f} s on {breaking.where}, seed {seed}")
        people = People(breaking.daesa, random.Random(seed + 1))  # noqa: S311
        with busy(people):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(dice.uniform(0.5, 4))
                say(f"  {end - time.monotonic():6.1f} s left: {breaking.one(dice)}")
        with contextlib.suppress(AssertionError):  # it is reported
            breaking.daesa.wait_until_settled(120)
        lines, is_well = report(breaking, people)
    for line in lines:  # after the server's log
        say(line)
    return 0 if is_well else 1


def report(breaking: Breaking, people: People) -> tuple[list[str], bool]:
    outcomes = Counter(received.outcome for received in people.received)
    connections = sum(received.connections for received in people.received)
    wrong = violations(breaking.daesa, people)
    lines = [
        f"faults: {dict(breaking.done)}",
        f"answers read: {dict(outcomes)}, over {connections} connections; left: {len(people.left)}",
        f"stored: {breaking.daesa.statuses()}, units used: {breaking.daesa.used()}",
        *(f"VIOLATION {line}" for line in wrong),
        f"violations: {len(wrong)}",
    ]
    return lines, not wrong and bool(outcomes["done"])


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    parser.add_argument("--sqlite", action="store_true", help="one process, no other server")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that all that was started ends
    return run(options.seconds, options.seed, sqlite=options.sqlite)


if __name__ == "__main__":
    sys.exit(main())
