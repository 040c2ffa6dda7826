"""Deleting what has expired, and conversations that are too old."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from accounts.models import (
    PendingJoin,
    RevokedToken,
    SecondFactorChallenge,
    SecurityEvent,
    SignInSource,
    TokenFamily,
)
from accounts.tokens import issue
from chat.history.deletion import delete_inactive
from chat.models import (
    Chat,
    Citation,
    Conversation,
    DailyUsage,
    FormerUsage,
    IdempotencyKey,
    Lease,
    Reply,
    Status,
)
from chat.turns import heartbeat, prune
from config.backup.restore import ledger_difference
from quotes.models import StaffJob
from tests.chat.asking import ask, make_chat
from tests.concurrently import uncommitted

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timedelta(days=400)


def expire(alice, staff) -> None:
    """One row of each kind that has expired, and one that has not."""
    past, soon = timezone.now() - LONG_AGO, timezone.now() + timedelta(hours=1)
    chat = make_chat(alice)
    for when in (past, soon):
        name = str(when)
        RevokedToken.objects.create(jti=name, expires_at=when)
        SecondFactorChallenge.objects.create(user=alice, expires_at=when)
        PendingJoin.objects.create(email="x@example.com", password="!", created_at=when)
        SignInSource.objects.create(address=name, source="", not_before=when)
        SecurityEvent.objects.create(user=alice, kind="joined", created_at=when)
        FormerUsage.objects.create(day=timezone.localdate(when), digest="d", used=1, refunded=0)
        key = IdempotencyKey.objects.create(user=alice, key=name, fingerprint="", chat=chat)
        IdempotencyKey.objects.filter(pk=key.pk).update(created_at=when)
        StaffJob.objects.create(
            kind="import", started_by=staff, language="en", state="done", finished_at=when
        )
        issue(alice)
        session = SessionStore()
        session.save()
        Session.objects.filter(pk=session.session_key).update(expire_date=when)
    oldest = TokenFamily.objects.earliest("created_at")
    TokenFamily.objects.filter(pk=oldest.pk).update(expires_at=past)


MODELS: list[Any] = [
    RevokedToken,
    SecondFactorChallenge,
    PendingJoin,
    SignInSource,
    SecurityEvent,
    FormerUsage,
    IdempotencyKey,
    StaffJob,
    TokenFamily,
    Session,
]


def test_what_has_expired_is_deleted_and_nothing_else(alice, staff, capsys):
    expire(alice, staff)
    before = {model: model.objects.count() for model in MODELS}
    call_command("prune")
    after = {model: model.objects.count() for model in MODELS}
    assert {model: before[model] - after[model] for model in MODELS} == dict.fromkeys(MODELS, 1)
    assert f"Deleted: {len(MODELS)}" in capsys.readouterr().out
    call_command("prune")
    assert "Deleted: 0" in capsys.readouterr().out
    assert Chat.objects.count() == 1  # conversations are kept for ever by default


def test_a_process_does_it_once_an_hour(alice, staff):
    expire(alice, staff)
    heartbeat.prune_if_due()
    assert RevokedToken.objects.count() == 1
    RevokedToken.objects.create(jti="again", expires_at=timezone.now() - LONG_AGO)
    heartbeat.prune_if_due()
    assert RevokedToken.objects.count() == 2
    Lease.objects.filter(name="prune").update(until=timezone.now())
    heartbeat.prune_if_due()
    assert RevokedToken.objects.count() == 1


# --- Retention ----------------------------------------------------------------------------------


@pytest.fixture
def thirty_days(settings):
    settings.CHAT_RETENTION_DAYS = 30


def age(chat: Chat, days: int) -> None:
    when = timezone.now() - timedelta(days=days)
    Conversation.objects.filter(pk=chat.conversation_id).update(updated_at=when)


@pytest.mark.usefixtures("thirty_days")
def test_conversations_without_activity_are_deleted(alice, bob, as_alice, as_bob):
    old, new = (
        Chat.objects.get(pk=ask(client, "Hello").json()["id"]) for client in (as_alice, as_bob)
    )
    for _ in range(4):
        ask(as_alice, "And?", conversation=old.conversation_id)
    age(old, 31)
    age(new, 29)
    used = list(DailyUsage.objects.order_by("pk").values_list("user_id", "used"))
    empty = Conversation.objects.create(user=alice)
    Conversation.objects.filter(pk=empty.pk).update(updated_at=timezone.now() - LONG_AGO)
    assert delete_inactive(at_once=2) == 2
    assert list(Conversation.objects.values_list("pk", flat=True)) == [new.conversation_id]
    assert Chat.objects.filter(user=alice).count() == 0
    assert Reply.objects.filter(user=alice).count() == 0
    assert list(DailyUsage.objects.order_by("pk").values_list("user_id", "used")) == used
    assert ledger_difference() == ""
    assert as_alice.get(f"/chat/{old.pk}").status_code == 404
    assert as_bob.get(f"/chat/{new.pk}").status_code == 200
    assert Citation.objects.exclude(reply__user=bob).count() == 0


@pytest.mark.usefixtures("thirty_days")
def test_one_in_which_an_answer_is_written_stays(alice):
    chat = make_chat(alice)
    Reply.objects.filter(chat=chat).update(status=Status.STREAMING)
    age(chat, 31)
    assert delete_inactive() == 0
    assert Chat.objects.count() == 1


@pytest.mark.usefixtures("thirty_days")
def test_one_that_is_used_again_at_that_moment_stays(alice):
    chat = make_chat(alice)
    age(chat, 31)
    with uncommitted(lambda: age(chat, 0)):
        assert delete_inactive() == 0
    assert Chat.objects.count() == 1


def test_without_a_setting_none_is_too_old(alice):
    age(make_chat(alice), 30_000)
    assert delete_inactive() == 0
    assert prune.prune()["inactive conversations"] == 0


@pytest.mark.usefixtures("thirty_days")
def test_the_profile_says_so(as_alice):
    assert as_alice.get("/accounts/profile").json()["chat_retention_days"] == 30
