"""Bodies that are written by hand, for speed, have exactly the fields that the schema promises."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from django.utils import timezone
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer
from rest_framework.test import APIRequestFactory

from accounts.models import User
from chat.api.outputs import ChatSerializer, CitationSerializer, ReplySerializer
from chat.api.reports import MarkReportSerializer
from chat.models import Chat, Citation, Conversation, Reply, Status
from quotes.api.serializers import QuoteSerializer, SimilarSerializer
from quotes.search.duplicates import Similar
from tests.chat.reports import reported
from tests.factories import make_quote

OURS = ("config", "accounts", "chat", "quotes")


def subclasses(kind: type) -> Iterator[type]:
    child: type
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def by_hand() -> set[type]:
    assert get_resolver().url_patterns  # every view is imported now, and so every serializer
    return {
        kind
        for kind in subclasses(BaseSerializer)
        if kind.__module__.split(".")[0] in OURS and "to_representation" in vars(kind)
    }


def chat_of(user) -> Chat:
    conversation = Conversation.objects.create(user=user)
    chat = Chat.objects.create(user=user, conversation=conversation, content="Why?")
    chat.chat_reply = Reply.objects.create(
        user=chat.user,
        chat=chat,
        stream_id=uuid.uuid4(),
        status=Status.DONE,
        model="board",
        content="So",
        prompt_tokens=1,
        completion_tokens=2,
        finished_at=timezone.now(),
    )
    Citation.objects.create(
        reply=chat.chat_reply, quote=make_quote(user), text="So", start=0, end=2, verdict="verbatim"
    )
    return chat


MADE: dict[type[serializers.Serializer], Callable[[User], Any]] = {
    QuoteSerializer: make_quote,
    SimilarSerializer: lambda user: Similar(make_quote(user), 1.0),
    ChatSerializer: chat_of,
    ReplySerializer: lambda user: chat_of(user).chat_reply,
    MarkReportSerializer: reported,
    CitationSerializer: lambda user: Citation.objects.get(reply__chat=chat_of(user)),
}


def test_each_has_its_object_here():
    assert by_hand() == set(MADE)


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_the_body_has_the_declared_fields(kind, alice):
    request = APIRequestFactory().get("/")
    request.user = alice
    serializer = kind(context={"request": request})
    body = serializer.to_representation(MADE[kind](alice))
    assert list(body) == list(serializer.fields)
    for name, field in serializer.fields.items():
        if isinstance(field, serializers.Serializer) and isinstance(body[name], dict):
            assert list(body[name]) == list(field.fields), name
