from chat.upstream.breaker import Breaker

FAILURES, SECONDS = 5, 15.0


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(FAILURES, SECONDS, clock=clock)
    for _ in range(FAILURES):
        assert breaker.admit() == 0
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row():
    clock = Clock()
    breaker = opened(clock)
    assert breaker.is_open
    assert breaker.admit() == SECONDS
    clock.now += 5
    assert breaker.admit() == SECONDS - 5


def test_a_success_in_between_keeps_it_closed():
    breaker = Breaker(FAILURES, SECONDS)
    for _ in range(FAILURES * 2):
        breaker.failed()
        breaker.succeeded()
    assert not breaker.is_open
    assert breaker.admit() == 0


def test_one_probe_at_a_time():
    clock = Clock()
    breaker = opened(clock)
    clock.now += SECONDS
    assert breaker.admit() == 0
    assert breaker.admit() == SECONDS


def test_a_probe_that_fails_keeps_it_open():
    clock = Clock()
    breaker = opened(clock)
    clock.now += SECONDS + 3
    assert breaker.admit() == 0
    breaker.failed()
    assert breaker.admit() == SECONDS


def test_a_probe_that_succeeds_closes_it():
    clock = Clock()
    breaker = opened(clock)
    clock.now += SECONDS
    breaker.admit()
    breaker.succeeded()
    assert [breaker.admit() for _ in range(3)] == [0, 0, 0]


def test_a_probe_that_never_reports_blocks_nothing():
    clock = Clock()
    breaker = opened(clock)
    for _ in range(3):
        clock.now += SECONDS
        assert breaker.admit() == 0


def test_one_person_cannot_open_it():
    breaker = Breaker(FAILURES, SECONDS)
    assert not any(breaker.failed("alice") for _ in range(50))
    assert breaker.admit() == 0


def test_it_opens_for_failures_of_several_people_and_says_so_once():
    breaker = Breaker(FAILURES, SECONDS)
    people = ["alice"] * 9 + ["bob", "carol", "bob"]
    assert [breaker.failed(person) for person in people].count(True) == 1
    assert breaker.is_open


def test_a_success_forgets_whose_failures_they_were():
    breaker = Breaker(FAILURES, SECONDS)
    for _ in range(FAILURES):
        breaker.failed("alice")
        breaker.failed("alice")
        breaker.succeeded()
    breaker.failed("bob")
    breaker.failed("carol")
    assert not breaker.is_open


def test_what_no_request_can_cause_counts_each_time():
    breaker = Breaker(FAILURES, SECONDS)
    assert [breaker.failed(None) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
