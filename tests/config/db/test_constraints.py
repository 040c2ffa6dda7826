"""An IntegrityError is read by the constraint that it names. Any other is a failure, and is not
taken for "this is taken" or "that is gone".
"""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.join import complete_join, register
from accounts.models import PendingJoin, User
from chat.answering.citations import Cited
from chat.live.registry import registry
from chat.models import Citation, DailyUsage, IdempotencyKey, Status
from chat.turns import finish
from config.db.constraints import is_reference_to_nothing, violates
from quotes.jobs.runner import start_job
from quotes.models import Quote, StaffJob
from tests.chat.asking import begin_turn, make_chat
from tests.factories import make_user


def refused(insert) -> IntegrityError:
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        insert()
    return raised.value


def same_address(alice):
    User(email=alice.email, nickname="", password="!").save()


def same_address_in_capitals(alice):
    User(email=alice.email.upper(), nickname="", password="!").save()


def no_nickname(alice):
    User(email="b@example.com", nickname=None, password="!").save()


def confirmed_twice(alice):
    for user in (alice, make_user("bob")):
        EmailAddress.objects.create(user=user, email="one@example.com", verified=True)


def used_below_zero(alice):
    DailyUsage.objects.create(user=alice, day="2030-01-01", used=-1)


def same_key(alice):
    for _ in range(2):
        IdempotencyKey.objects.create(user=alice, key="k", fingerprint="f", chat=make_chat(alice))


def two_jobs(alice):
    for _ in range(2):
        StaffJob.objects.create(kind="import", started_by=alice, language="en")


LOGIN: Any = (User, "email", "user_email_unique_without_case")


@pytest.mark.parametrize(
    ("insert", "constraint"),
    [
        (same_address, LOGIN),
        (same_address_in_capitals, LOGIN),
        (confirmed_twice, (EmailAddress, "unique_verified_email")),
        (used_below_zero, (DailyUsage, "dailyusage_not_negative")),
        (same_key, (IdempotencyKey, "idempotencykey_once_per_user")),
        (two_jobs, (StaffJob, "staffjob_one_at_a_time")),
        (no_nickname, None),
    ],
)
def test_the_violated_constraint_is_recognized_and_no_other(alice, insert, constraint):
    error = refused(lambda: insert(alice))
    all_read: list[Any] = [
        LOGIN,
        (EmailAddress, "unique_verified_email"),
        (DailyUsage, "dailyusage_not_negative"),
        (IdempotencyKey, "idempotencykey_once_per_user"),
        (StaffJob, "staffjob_one_at_a_time"),
    ]
    recognized = [one for one in all_read if violates(error, *one)]
    assert recognized == [constraint] * bool(constraint)
    assert not is_reference_to_nothing(error)


@pytest.mark.django_db(transaction=True)
def test_a_reference_to_a_row_that_is_gone(alice):
    with pytest.raises(IntegrityError) as raised:
        Quote.objects.create(user_id=alice.pk + 1000, content="x")
    assert is_reference_to_nothing(raised.value)
    assert not violates(raised.value, *LOGIN)


def join(alice):
    register(None, email="b@example.com", password="staple of paper", nickname=None)


def confirm(alice):
    complete_join(None, PendingJoin(email="b@example.com", nickname=None, password="!"))


def load(alice):
    start_job(kind=None, started_by=alice, payload=b"")


def cite(alice):
    turn = begin_turn(alice)
    registry.close(turn.reply.stream_id)
    turn.cited = Cited("x", [Citation(reply=turn.reply, text=None, start=0, end=1)])
    finish.finish_turn(turn, content="x", finish_reason="stop", status=Status.DONE)


@pytest.mark.parametrize("write", [join, confirm, load, cite])
def test_a_missing_value_is_not_read_as_a_conflict(alice, write):
    """As when the next release has added a column that this one does not know."""
    with pytest.raises(IntegrityError, match=r"(?i)not.null"):
        write(alice)
