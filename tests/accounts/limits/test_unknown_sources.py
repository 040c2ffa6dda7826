"""Sources that have never signed in share one bound."""

from functools import partial

import pytest
import time_machine

from accounts.limits.password_attempts import FREE, MOST
from tests.accounts.conftest import without_id
from tests.accounts.limits.attempts import (
    HOME,
    STOPPED,
    fail,
    failures,
    sign_in,
    stop,
)
from tests.concurrently import at_once
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("no_rate_limits")


def test_failures_of_other_networks_do_not_count(alice):
    for _ in range(FREE + 3):
        fail()
    assert sign_in(ip=HOME).status_code == 200


def test_unknown_sources_are_stopped_after_a_hundred_failures(alice):
    codes = [fail(f"203.0.113.{number % 40}").status_code for number in range(100)]
    assert codes == [401] * 100
    refused = sign_in(ip=HOME)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "3600"
    assert without_id(refused.json()) == STOPPED
    assert fail(HOME).status_code == 429
    assert failures()[""] == 100


def test_unknown_addresses_get_the_same_responses(alice):
    """Status, headers and body of each attempt, for an account and for none, until the stop and
    after.
    """

    def seen(email):
        answers = []
        with time_machine.travel("2026-11-20T00:00:00Z", tick=False):
            stop(email, left=18)
            for number in range(26):
                answer = fail(f"203.0.113.{number // 6}", email)
                headers = {name: value for name, value in answer.items() if name != "X-Request-ID"}
                answers.append((answer.status_code, headers, without_id(answer.json())))
        return answers

    of_alice, of_nobody = seen("alice@example.com"), seen("nobody@example.com")
    assert of_alice == of_nobody
    assert {code for code, _headers, _body in of_alice} == {401, 429}
    assert of_alice[-1][2] == STOPPED


@pytest.mark.django_db(transaction=True)
def test_attempts_at_once_from_one_network():
    make_user("alice")
    codes = [answer.status_code for answer in at_once(*[fail] * 16)]
    assert sorted(codes) == [401] * FREE + [429] * (16 - FREE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_attempts_at_once_from_everywhere(email):
    make_user("alice")
    stop(email, left=9)
    answers = at_once(*[partial(fail, f"203.0.113.{number}", email) for number in range(16)])
    assert sorted(answer.status_code for answer in answers) == [401] * 9 + [429] * 7
    assert failures(email)[""] == MOST
