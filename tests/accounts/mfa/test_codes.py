"""Codes of authenticator apps and recovery codes: when they are right, and that each works once."""

from functools import partial

import pytest
import time_machine
from allauth.mfa.models import Authenticator

from accounts.mfa.codes import use_code
from accounts.models import FactorCounter
from tests.accounts.mfa.factors import (
    AUTHENTICATE,
    STEP,
    challenge_of,
    code_of,
    give_recovery_codes,
    give_totp,
    is_signed_in,
    send_code,
    sign_in,
    wrong_code,
)
from tests.concurrently import at_once

NOON = 1_772_334_000  # the beginning of a step


@pytest.mark.parametrize(
    ("drift", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
@pytest.mark.parametrize("moment", [0, 29])
def test_clock_drift(protected, drift, is_right, moment):
    with time_machine.travel(NOON + moment, tick=False):
        assert bool(use_code(protected, code_of(drift))) is is_right


@pytest.mark.parametrize("spelling", ["{0}{1}", "{0} {1}", " {0}-{1} "])
def test_spellings(protected, spelling):
    code = code_of()
    assert use_code(protected, spelling.format(code[:3], code[3:]))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４", "1" * 10_000, "\0"])
def test_what_is_no_code(protected, code):
    assert use_code(protected, code) is None


def test_a_code_works_once_for_as_long_as_it_is_accepted(protected):
    with time_machine.travel(NOON, tick=False) as clock:
        code = code_of(1)  # of a clock that is fast: right for three steps
        assert use_code(protected, code)
        for _step in range(3):
            assert use_code(protected, code) is None
            clock.shift(STEP)


def test_an_older_code_is_refused_after_a_newer_one(protected):
    with time_machine.travel(NOON, tick=False):
        assert use_code(protected, code_of(0))
        assert use_code(protected, code_of(-1)) is None
        assert use_code(protected, code_of(1))


def test_what_was_used_is_known_without_the_cache(protected, settings):
    """Another process, or this one after a restart."""
    with time_machine.travel(NOON, tick=False):
        assert use_code(protected, code_of())
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        assert use_code(protected, code_of()) is None


def test_a_code_of_one_user_is_not_used_up_for_another(protected, bob):
    give_totp(bob)
    assert use_code(protected, code_of())
    assert use_code(bob, code_of())


def test_a_new_app_begins_anew(protected):
    with time_machine.travel(NOON, tick=False):
        assert use_code(protected, code_of(1))
        Authenticator.objects.all().delete()
        assert not FactorCounter.objects.exists()
        give_totp(protected)
        assert use_code(protected, code_of(0))


@pytest.mark.django_db(transaction=True)
def test_one_code_in_eight_sign_ins_at_once(protected):
    """Four by session, four by token; one of them gets in."""
    with time_machine.travel(NOON, tick=False):
        code = code_of()
        browsers = [sign_in(protected) for _ in range(4)]
        challenges = [challenge_of(protected) for _ in range(4)]
        answers = at_once(
            *[partial(browser.send, "POST", AUTHENTICATE, {"code": code}) for browser in browsers],
            *[partial(send_code, challenge, code) for challenge in challenges],
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 400, 401, 429}
    assert sum(map(is_signed_in, browsers)) <= 1


@pytest.mark.django_db(transaction=True)
def test_one_recovery_code_in_eight_requests_at_once(protected):
    code = give_recovery_codes(protected)[3]
    found = at_once(*[partial(use_code, protected, code) for _ in range(8)])
    assert sum(bool(factor) for factor in found) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_recovery_codes_at_once(protected):
    codes = give_recovery_codes(protected)[:8]
    assert all(at_once(*[partial(use_code, protected, code) for code in codes]))
    left = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(left) == 2


def test_each_recovery_code_works_once(protected):
    codes = give_recovery_codes(protected)
    assert len(set(codes)) == 10
    for code in codes:
        assert use_code(protected, code)
        assert use_code(protected, code) is None


def test_a_wrong_code(protected):
    give_recovery_codes(protected)
    assert use_code(protected, wrong_code()) is None
