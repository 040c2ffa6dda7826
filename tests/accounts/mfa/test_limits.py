"""Guessing codes: counted per account and source on every endpoint that takes one."""

from functools import partial

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command

from accounts.limits.password_attempts import FREE, MOST, UNKNOWN_SOURCES
from accounts.models import SecurityEvent, SignInSource
from tests.accounts.conftest import SESSION, Browser
from tests.accounts.mfa.factors import (
    AUTHENTICATE,
    challenge_of,
    code_of,
    give_recovery_codes,
    is_signed_in,
    send_code,
    sign_in,
    wrong_code,
)
from tests.concurrently import at_once
from tests.factories import PASSWORD

REAUTHENTICATE = f"{SESSION}/auth/2fa/reauthenticate"


def by_session(user, code):
    return sign_in(user).send("POST", AUTHENTICATE, {"code": code})


def by_token(user, code):
    return send_code(challenge_of(user), code)


@pytest.fixture
def inside(protected):
    """Her browser, signed in."""
    browser = sign_in(protected)
    browser.send("POST", AUTHENTICATE, {"code": code_of(-1)})
    return browser


@pytest.mark.parametrize("door", [by_session, by_token])
@pytest.mark.parametrize("other", [by_session, by_token])
def test_one_count_for_all_doors(protected, door, other):
    for _ in range(FREE):
        assert door(protected, wrong_code()).status_code in {400, 401}
    answer = other(protected, code_of())
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert int(answer["Retry-After"]) > 0


def test_the_right_code_resets_the_count(protected):
    codes = give_recovery_codes(protected)
    for code in codes[:3]:
        for _ in range(FREE - 1):
            by_token(protected, wrong_code())
        assert by_token(protected, code).status_code == 200


def test_confirming_is_counted_too(protected, inside):
    for _ in range(FREE):
        answer = inside.send("POST", REAUTHENTICATE, {"code": wrong_code()})
        assert answer.status_code == 400
        assert [error["code"] for error in answer.json()["errors"]] == ["incorrect_code"]
    assert inside.send("POST", REAUTHENTICATE, {"code": code_of()}).status_code == 429
    assert mail.outbox == []  # nobody has used the password


def stop(user):
    by_token(user, wrong_code())
    codes = SignInSource.digest(SignInSource.CODES + user.email)
    rows = SignInSource.objects.filter(address=codes, source=UNKNOWN_SOURCES)
    assert rows.update(failures=MOST)


def elsewhere(user, code):
    browser = Browser()
    browser.defaults["REMOTE_ADDR"] = "203.0.113.9"
    return sign_in(user, browser).send("POST", AUTHENTICATE, {"code": code})


def test_after_a_hundred_wrong_codes_a_new_password_is_needed(protected):
    stop(protected)
    answer = elsewhere(protected, code_of())
    assert (answer.status_code, answer.json()["code"]) == (429, "second_factor_stopped")
    protected.set_password(PASSWORD)
    protected.save()
    assert elsewhere(protected, code_of()).status_code == 200


def test_staff_lift_it_too(protected):
    stop(protected)
    call_command("allow_sign_in", protected.email)
    assert elsewhere(protected, code_of()).status_code == 200


def test_the_owner_s_browser_is_not_stopped_by_others(protected, inside):
    inside.send("DELETE", f"{SESSION}/auth/session")
    stop(protected)
    sign_in(protected, inside)
    assert inside.send("POST", AUTHENTICATE, {"code": code_of()}).status_code == 200


def test_strangers_without_the_password_cannot_spend_her_attempts(protected):
    browser = Browser()
    for _ in range(FREE * 2):
        browser.send("POST", f"{SESSION}/auth/login", {"email": protected.email, "password": "x"})
        assert browser.send("POST", AUTHENTICATE, {"code": wrong_code()}).status_code == 401
    codes = SignInSource.digest(SignInSource.CODES + protected.email)
    assert not SignInSource.objects.filter(address=codes).exists()


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once(protected):
    challenges = [challenge_of(protected) for _ in range(8)]
    answers = at_once(*[partial(send_code, one, wrong_code()) for one in challenges])
    refused = [answer.status_code for answer in answers]
    assert refused.count(401) <= FREE
    assert set(refused) <= {401, 429}
    found = SecurityEvent.objects.filter(kind="factor_refused").values_list("count", flat=True)
    assert sum(found) == refused.count(401)


def test_the_owner_is_told_once(protected, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "wrong_codes_mail": "1/h/key"}
    for number in range(FREE):
        by_token(protected, wrong_code())
        assert len(mail.outbox) == (0 if number < 2 else 1)
    [message] = mail.outbox
    assert message.to == [protected.email]
    assert message.subject == "[Daesa] Somebody may know your password"
    events = SecurityEvent.objects.filter(user=protected, kind="factor_refused")
    assert {event.reason for event in events} == {"wrong_code"}
    assert not is_signed_in(Browser())


def test_a_passkey_still_works_while_codes_wait(protected):
    with time_machine.travel("2026-03-01T03:00:00Z", tick=False):
        for _ in range(FREE):
            by_token(protected, wrong_code())
        assert by_token(protected, code_of()).status_code == 429
