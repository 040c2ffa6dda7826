"""/chat, /chat/{id} and /chat/{id}/replies: asking, the history, and other answers."""

from typing import Any, cast

from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat import turns
from chat.history import chat_of
from chat.input import (
    AskSerializer,
    ChatFilterSerializer,
    ShownSerializer,
    WishSerializer,
    history_of,
    question_of,
    reply_of,
    wish_of,
)
from chat.models import Chat, Conversation, Reply
from chat.renderers import EventStreamRenderer
from chat.schema import ASK, ASK_HEADERS, ASK_RESPONSES, CHAT_EXAMPLE
from chat.serializers import ChatSerializer, ReplySerializer, chat_body
from chat.views.answers import answer
from chat.views.base import ChatView, person
from config.api.idempotency import fingerprint, idempotency_key
from config.api.renderers import JSONRenderer


def ask(request: Request, *, later: bool = False) -> HttpResponseBase:
    """Validate, take up or start the turn, answer. Every door that takes a question is this."""
    key = idempotency_key(request)
    question = question_of(request)
    once = turns.Once(key, fingerprint(cast("dict[str, Any]", request.data))) if key else None
    turn = turns.start_turn(user=person(request), question=question, once=once)
    return answer(request, turn, later=later)


class Chats(ChatView):
    queryset = Chat.objects.none()
    serializer_class = ChatSerializer
    renderer_classes = (JSONRenderer, EventStreamRenderer)

    @extend_schema(
        summary="One's own chats, newest first",
        parameters=[ChatFilterSerializer],
        responses=ChatSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(cast("Any", history_of(request)))
        return self.get_paginated_response([chat_body(chat, request) for chat in page])

    @extend_schema(
        summary="Ask",
        description="Waits for the whole answer (201), streams it (`Accept: text/event-stream`), "
        "or promises it (`Prefer: respond-async`, 202).",
        request=AskSerializer,
        parameters=ASK_HEADERS,
        responses=ASK_RESPONSES,
        examples=[ASK, CHAT_EXAMPLE],
    )
    def post(self, request: Request) -> HttpResponseBase:
        return ask(request)

    @extend_schema(
        operation_id="chat_clear",
        summary="Clear one's history",
        description="Deletes all own chats and conversations. No unit of the allowance comes back.",
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        Conversation.objects.owned_by(person(request)).delete()
        return Response(status=204)


class OneChat(ChatView):
    queryset = Chat.objects.none()
    serializer_class = ChatSerializer

    def get_queryset(self) -> Any:
        return Chat.objects.owned_by(person(self.request))

    @extend_schema(summary="One chat", responses=ChatSerializer, examples=[CHAT_EXAMPLE])
    def get(self, request: Request, pk: int) -> Response:
        chat = chat_of(person(request).pk, pk)
        if chat is None:
            raise Http404
        return Response(chat_body(chat, request))

    @extend_schema(
        summary="Choose the reply that is shown",
        description="A question that follows goes on from it. Costs nothing.",
        request=ShownSerializer,
        responses={
            200: ChatSerializer,
            409: OpenApiResponse(description="An answer to this chat is still being written."),
        },
        examples=[CHAT_EXAMPLE],
    )
    def patch(self, request: Request, pk: int) -> Response:
        chat = self.get_object()
        turns.show_reply(chat=chat, reply=reply_of(request, chat))
        return self.get(request, pk)

    @extend_schema(
        summary="Delete a chat",
        description="What followed it now follows what it followed.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        chat = self.get_object()
        with transaction.atomic():
            chat.children.update(parent=chat.parent_id)
            chat.delete()
        return Response(status=204)


class Replies(ChatView):
    queryset = Reply.objects.none()
    serializer_class = ReplySerializer
    renderer_classes = (JSONRenderer, EventStreamRenderer)

    def _chat(self, pk: int) -> Chat:
        mine = Chat.objects.owned_by(person(self.request)).select_related("conversation")
        return get_object_or_404(mine, pk=pk)

    @extend_schema(summary="All replies to a chat", responses=ReplySerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        replies = self._chat(pk).replies.prefetch_related("citations")
        page = self.paginate_queryset(replies)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Have a chat answered again",
        description="Takes a unit of the allowance. Earlier replies stay.",
        request=WishSerializer,
        parameters=[p for p in ASK_HEADERS if p.name != "Idempotency-Key"],
        responses={
            **ASK_RESPONSES,
            409: OpenApiResponse(description="An answer to this chat is still being written."),
        },
        examples=[CHAT_EXAMPLE],
    )
    def post(self, request: Request, pk: int) -> HttpResponseBase:
        chat = self._chat(pk)
        turn = turns.start_reply(user=person(request), chat=chat, wish=wish_of(request))
        return answer(request, turn)
