"""Answered chats in great number, made in the database of `manage.py shell`."""

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from bench.stub import ANSWER
from chat.models import Chat, Conversation, Reply, Status

IN_CONVERSATION, AT_ONCE = 10, 100


def fill(chats: int) -> None:
    user = User.objects.create(email="person@bench.example", password="!")
    for _ in range(chats // (IN_CONVERSATION * AT_ONCE)):
        add_chats(
            Conversation.objects.bulk_create(
                Conversation(user=user, title="Bench") for _ in range(AT_ONCE)
            )
        )
    shown = Reply.objects.filter(chat=OuterRef("pk")).values("pk")
    Chat.objects.update(chat_reply=Subquery(shown))


def add_chats(places: Sequence[Conversation]) -> None:
    chats = Chat.objects.bulk_create(
        Chat(user_id=place.user_id, conversation=place, content=f"Question {number}?")
        for place in places
        for number in range(IN_CONVERSATION)
    )
    Reply.objects.bulk_create(answer(chat) for chat in chats)


def answer(chat: Chat) -> Reply:
    return Reply(
        user_id=chat.user_id,
        chat=chat,
        status=Status.DONE,
        content=ANSWER,
        model="stub",
        finish_reason="stop",
        finished_at=timezone.now(),
    )
