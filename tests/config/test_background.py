"""Background work of requests."""

import threading
from collections.abc import Callable
from functools import partial

from django.utils import translation
from django.utils.translation import gettext

from config.api.request_id import current_request_id
from config.background import Runner, start_thread


def test_runs_beside_in_the_language_of_its_caller():
    go_on, done, seen = threading.Event(), threading.Event(), []

    def work():
        go_on.wait(5)
        seen.append((gettext("Some of the input is not valid."), current_request_id()))
        done.set()

    with translation.override("ko"):
        Runner(start=start_thread).run(work)
        expected = gettext("Some of the input is not valid."), current_request_id()
    assert seen == []
    go_on.set()
    assert done.wait(5)
    assert seen == [expected]


def test_a_failure_is_logged(caplog):
    Runner().run(lambda: 1 / 0)
    assert [record.getMessage() for record in caplog.records] == ["background work failed"]


def test_not_more_than_so_many_at_once(caplog):
    waiting: list[Callable[[], None]] = []
    done: list[object] = []
    runner = Runner(most=2, start=waiting.append)
    for number in range(3):
        runner.run(partial(done.append, number))
    assert len(waiting) == 2
    assert "dropped" in caplog.text
    for work in waiting:
        work()
    runner.run(partial(done.append, "again"))
    waiting[-1]()
    assert done == [0, 1, "again"]
