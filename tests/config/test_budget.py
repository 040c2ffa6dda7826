"""Long computations yield, and stop when their time is used up."""

import time

import pytest

from config.budget import SLICE, Budget, OutOfTime


class Clock:
    """CPU time controlled by the test, and the number of yields."""

    now = 0.0
    gave_way = 0

    def thread_time(self):
        return self.now

    def sleep(self, seconds):
        assert seconds == 0
        self.gave_way += 1
        self.now += 100.0  # other work runs meanwhile


def test_it_yields_after_each_slice_and_not_before():
    clock = Clock()
    work = Budget(clock=clock)
    for _ in range(100):
        clock.now += SLICE / 10 + 1e-9
        work.give_way()
    assert clock.gave_way == 10
    assert not work.is_exceeded


def test_it_ends_after_its_time_which_is_not_that_of_others():
    clock = Clock()
    work = Budget(SLICE * 3.5, clock=clock)
    for _ in range(3):
        clock.now += SLICE
        work.check()
    clock.now += SLICE
    assert not work.is_exceeded
    with pytest.raises(OutOfTime):
        work.check()
    assert work.is_exceeded


def test_waiting_is_not_its_time():
    clock = Clock()
    work = Budget(1.0, clock=clock)
    with work.waiting():
        clock.now += 50.0
    work.check()
    assert not work.is_exceeded


def test_the_clock_is_that_of_the_work_alone():
    work = Budget(seconds=0.02)
    time.sleep(0.05)
    work.check()
    began = time.thread_time()
    while time.thread_time() - began < 0.03:
        pass
    with pytest.raises(OutOfTime):
        work.check()
