from chat.upstream import limits
from chat.upstream.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock=clock)
    for _ in range(limits.BREAKER_FAILURES):
        assert breaker.admit() == 0
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row():
    clock = Clock()
    breaker = opened(clock)
    assert breaker.is_open
    assert breaker.admit() == limits.BREAKER_SECONDS
    clock.now += 5
    assert breaker.admit() == limits.BREAKER_SECONDS - 5


def test_a_success_in_between_keeps_it_closed():
    breaker = Breaker()
    for _ in range(limits.BREAKER_FAILURES * 2):
        breaker.failed()
        breaker.succeeded()
    assert not breaker.is_open
    assert breaker.admit() == 0


def test_one_probe_at_a_time():
    clock = Clock()
    breaker = opened(clock)
    clock.now += limits.BREAKER_SECONDS
    assert breaker.admit() == 0
    assert breaker.admit() == limits.BREAKER_SECONDS


def test_a_probe_that_fails_keeps_it_open():
    clock = Clock()
    breaker = opened(clock)
    clock.now += limits.BREAKER_SECONDS + 3
    assert breaker.admit() == 0
    breaker.failed()
    assert breaker.admit() == limits.BREAKER_SECONDS


def test_a_probe_that_succeeds_closes_it():
    clock = Clock()
    breaker = opened(clock)
    clock.now += limits.BREAKER_SECONDS
    breaker.admit()
    breaker.succeeded()
    assert [breaker.admit() for _ in range(3)] == [0, 0, 0]


def test_a_probe_that_never_reports_blocks_nothing():
    clock = Clock()
    breaker = opened(clock)
    for _ in range(3):
        clock.now += limits.BREAKER_SECONDS
        assert breaker.admit() == 0
