"""Starting a turn: all of it is stored, or nothing."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from chat.live.registry import registry
from chat.models import Chat, Reply, Status
from chat.turns.errors import QuotaExhausted
from chat.turns.start import start_turn
from chat.turns.types import NewQuestion
from tests.chat.asking import OPTIONS, begin_turn, used


@pytest.fixture(autouse=True)
def _nothing_stays_open():
    yield
    assert len(registry) == 0


def close(turn):
    registry.close(turn.reply.stream_id)


def test_start_stores_and_takes(alice):
    turn = begin_turn(alice)
    reply = Reply.objects.get()
    assert (reply.status, reply.content, reply.chat) == (Status.STREAMING, "", turn.chat)
    assert Chat.objects.get().chat_reply == reply
    assert reply.charged_day == timezone.localdate()
    assert used(alice) == 1
    close(turn)


def test_nothing_is_stored_when_nothing_is_left(alice, settings):
    settings.DAILY_CHAT_LIMIT = 0
    with pytest.raises(QuotaExhausted):
        begin_turn(alice)
    assert not Chat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_unit_is_not_taken_when_the_question_cannot_be_stored(alice):
    question = NewQuestion("Hello", OPTIONS, parent_id=10**9)
    with pytest.raises(IntegrityError):
        start_turn(user=alice, question=question)
    assert used(alice) == 0
    assert not Chat.objects.exists()
