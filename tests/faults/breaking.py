"""What `tests.faults.chaos` breaks: processes and services of a running Daesa, one at a time. Each
fault returns when what it broke runs again.
"""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.parts import OwnPostgreSQL, OwnRedis
from tests.faults.stack import Stack

STARTING_SECONDS = 60


@dataclass
class Breaking:
    daesa: Stack
    database: OwnPostgreSQL | None = None
    redis: OwnRedis | None = None
    done: Counter[str] = field(default_factory=Counter)

    @property
    def where(self) -> str:
        return "PostgreSQL and Redis, two workers" if self.database else "SQLite, one worker"

    def one(self, dice: random.Random) -> str:
        """A fault by chance; returns its name."""
        faults = self._of_processes()
        faults += self._of_redis() if self.redis else []
        faults += self._of_database() if self.database else []
        name, fault = dice.choice(faults)
        fault(dice)
        self.done[name] += 1
        return name

    def _of_processes(self) -> list[tuple[str, Callable[[random.Random], None]]]:
        return [
            ("worker killed", self._kill_a_worker),
            ("worker stopped for a while", self._stop_a_worker),
            ("reload", self._reload),
            ("master killed", self._kill_the_master),
            ("server ended and started", self._restart),
        ]

    def _of_redis(self) -> list[tuple[str, Callable[[random.Random], None]]]:
        return [("Redis killed", self._kill_redis), ("Redis stopped", self._stop_redis)]

    def _of_database(self) -> list[tuple[str, Callable[[random.Random], None]]]:
        return [
            ("PostgreSQL restarted", lambda _: self._database().restart("fast")),
            ("PostgreSQL crashed", lambda _: self._database().restart("immediate")),
            ("PostgreSQL away for a while", self._stop_the_database),
        ]

    def _kill_a_worker(self, dice: random.Random) -> None:
        self._signal_a_worker(dice, signal.SIGKILL)

    def _stop_a_worker(self, dice: random.Random) -> None:
        worker = self._signal_a_worker(dice, signal.SIGSTOP)
        time.sleep(dice.choice((1, 5, 12)))
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGCONT)

    def _signal_a_worker(self, dice: random.Random, number: int) -> int:
        worker = dice.choice(self.daesa.workers() or [0])
        if worker:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, number)
        return worker or self.daesa.master.pid

    def _reload(self, _dice: random.Random) -> None:
        self.daesa.master.send_signal(signal.SIGHUP)

    def _kill_the_master(self, _dice: random.Random) -> None:
        self.daesa.master.kill()
        self._start()

    def _restart(self, _dice: random.Random) -> None:
        self.daesa.master.terminate()
        self._start()

    def _start(self) -> None:
        """As a supervisor does: again, until it listens."""
        self.daesa.master.wait()
        before, end = self._listened(), time.monotonic() + STARTING_SECONDS
        self.daesa.start_master()
        while self._listened() == before:
            assert time.monotonic() < end, "no next master could start"
            if self.daesa.master.poll() is not None:
                self.done["(start refused)"] += 1
                self.daesa.start_master()
            time.sleep(0.05)

    def _listened(self) -> int:
        return self.daesa.log.read_text().count("Listening at")

    def _kill_redis(self, dice: random.Random) -> None:
        redis = self._redis()
        redis.kill()
        time.sleep(dice.choice((0, 2, 6)))
        redis.start()

    def _stop_redis(self, dice: random.Random) -> None:
        """It takes connections and answers nothing."""
        redis = self._redis()
        redis.send(signal.SIGSTOP)
        time.sleep(dice.choice((1, 4)))
        redis.send(signal.SIGCONT)

    def _stop_the_database(self, dice: random.Random) -> None:
        database = self._database()
        database.stop()
        time.sleep(dice.choice((1, 5, 15)))
        database.start()

    def _redis(self) -> OwnRedis:
        assert self.redis
        return self.redis

    def _database(self) -> OwnPostgreSQL:
        assert self.database
        return self.database
