"""Long computations yield, and stop when their time is used up."""

import time

import pytest

from config import budget
from config.budget import Budget, OutOfTime


@pytest.fixture
def clock(monkeypatch):
    """CPU time controlled by the test, and the number of yields."""

    class Clock:
        now = 0.0
        gave_way = 0

        def thread_time(self):
            return self.now

        def sleep(self, seconds):
            assert seconds == 0
            self.gave_way += 1
            self.now += 100.0  # other work runs meanwhile

    clock = Clock()
    monkeypatch.setattr(budget, "time", clock)
    return clock


def test_it_yields_after_each_slice_and_not_before(clock):
    work = Budget()
    for _ in range(100):
        clock.now += budget.SLICE / 10 + 1e-9
        work.give_way()
    assert clock.gave_way == 10
    assert not work.is_exceeded


def test_it_ends_after_its_time_which_is_not_that_of_others(clock):
    work = Budget(seconds=budget.SLICE * 3.5)
    for _ in range(3):
        clock.now += budget.SLICE
        work.check()
    clock.now += budget.SLICE
    assert not work.is_exceeded
    with pytest.raises(OutOfTime):
        work.check()
    assert work.is_exceeded


def test_waiting_is_not_its_time(clock):
    work = Budget(seconds=1.0)
    with work.waiting():
        clock.now += 50.0
    work.check()
    assert not work.is_exceeded


def test_the_clock_is_that_of_the_work_alone():
    work = Budget(seconds=0.02)
    time.sleep(0.05)
    work.check()
    sum(range(2_000_000))
    with pytest.raises(OutOfTime):
        work.check()
