"""/chat, /chat/{id}, /chat/{id}/replies and /chat/{id}/continue: questions, the history, further
replies, and continuing a reply.
"""

from typing import Any, cast

from django.db import IntegrityError, transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.base import ASKING, ChatView
from chat.api.inputs import (
    AskSerializer,
    ChatFilterSerializer,
    ContinueSerializer,
    OptionsSerializer,
    ShownSerializer,
    continuation_of,
    history_of,
    options_of,
    question_of,
    reply_of,
)
from chat.api.openapi import ASK, ASK_HEADERS, ASK_RESPONSES, CHAT_EXAMPLE, CONTINUE_RESPONSES
from chat.api.outputs import ChatSerializer, ReplySerializer, chat_body
from chat.api.renderers import EventStreamRenderer
from chat.api.responses import respond
from chat.history.deletion import clear_history
from chat.history.lists import chat_of
from chat.models import Chat, IdempotencyKey, Reply
from chat.turns.start import show_reply, start_continuation, start_reply, start_turn
from chat.turns.types import IdempotencyClaim, Turn
from config.api.idempotency import fingerprint, idempotency_key
from config.api.renderers import JSONRenderer
from config.api.scopes import Scope
from config.api.users import request_user
from config.db.constraints import is_reference_to_nothing, violates

_KEY_ONCE = "idempotencykey_once_per_user"


def ask(request: Request, *, later: bool = False) -> HttpResponseBase:
    """Validate a question, start its turn and respond. For every endpoint that takes questions."""
    return respond(request, _start(request, _claim(request)), later=later)


def _claim(request: Request, **place: int) -> IdempotencyClaim | None:
    """`place` is the part of the address that makes it another request."""
    key = idempotency_key(request)
    if key is None:
        return None
    data: Any = {**place, "body": request.data} if place else request.data
    return IdempotencyClaim(key, fingerprint(data))


def _start(request: Request, claim: IdempotencyClaim | None) -> Turn:
    user, question = request_user(request), question_of(request)
    try:
        return start_turn(user=user, question=question, claim=claim)
    except IntegrityError as error:
        if not (is_reference_to_nothing(error) or violates(error, IdempotencyKey, _KEY_ONCE)):
            raise
        # The conversation, the parent or the key's chat was deleted meanwhile. Validated again, the
        # question is refused, or follows the chat that is the last one now.
        return start_turn(user=user, question=question_of(request), claim=claim)


class Chats(ChatView):
    scopes = {"GET": Scope.CHAT_READ, "POST": Scope.CHAT_WRITE, "DELETE": Scope.CHAT_WRITE}
    takes_idempotency_key = True
    uncounted_writes = {"POST": ASKING}
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
        "or answers at once with a link to the stream (`Prefer: respond-async`, 202). 409 while an "
        "answer that the question follows is being written; `stream_id` says which.",
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
        description="Deletes all own chats and conversations. Gives no unit of the allowance back.",
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        clear_history(request_user(request))
        return Response(status=204)


class OneChat(ChatView):
    scopes = {"GET": Scope.CHAT_READ, "PATCH": Scope.CHAT_WRITE, "DELETE": Scope.CHAT_WRITE}
    queryset = Chat.objects.none()
    serializer_class = ChatSerializer

    def get_queryset(self) -> Any:
        return Chat.objects.owned_by(request_user(self.request))

    @extend_schema(summary="One chat", responses=ChatSerializer, examples=[CHAT_EXAMPLE])
    def get(self, request: Request, pk: int) -> Response:
        chat = chat_of(request_user(request).pk, pk)
        if chat is None:
            raise Http404
        return Response(chat_body(chat, request))

    @extend_schema(
        summary="Choose the reply that is shown",
        description="Chooses the reply that is shown, and that the next question follows. Takes "
        "no unit.",
        request=ShownSerializer,
        responses={
            200: ChatSerializer,
            409: OpenApiResponse(description="An answer to this chat is still being written."),
        },
        examples=[CHAT_EXAMPLE],
    )
    def patch(self, request: Request, pk: int) -> Response:
        chat = self.get_object()
        show_reply(chat=chat, reply=reply_of(request, chat))
        return self.get(request, pk)

    @extend_schema(
        summary="Delete a chat",
        description="The chats that followed it now follow its parent.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        chat = self.get_object()
        with transaction.atomic():
            chat.children.update(parent=chat.parent_id)
            chat.delete()
        return Response(status=204)


def _own_chat(request: Request, pk: int) -> Chat:
    mine = Chat.objects.owned_by(request_user(request))
    return get_object_or_404(mine.select_related("conversation", "chat_reply"), pk=pk)


class Continue(ChatView):
    scopes = {"POST": Scope.CHAT_WRITE}
    takes_idempotency_key = True
    queryset = Chat.objects.none()
    serializer_class = ChatSerializer
    renderer_classes = (JSONRenderer, EventStreamRenderer)

    @extend_schema(
        summary="Go on with an answer that was cut off",
        description="Goes on with the shown reply where it was cut off at the limit of its length: "
        "the same reply grows, once. Its stream has the text so far, and then what is added; at "
        "the end, quotations are judged in the whole of it. Where that fails, the reply is as it "
        "was, and one may try again. Takes as many units as `continuation.units` says.",
        request=ContinueSerializer,
        parameters=ASK_HEADERS,
        responses=CONTINUE_RESPONSES,
        examples=[CHAT_EXAMPLE],
    )
    def post(self, request: Request, pk: int) -> HttpResponseBase:
        chat = _own_chat(request, pk)
        options, reply_id = continuation_of(request, chat)
        turn = start_continuation(
            user=request_user(request),
            chat=chat,
            options=options,
            reply_id=reply_id,
            claim=_claim(request, continues=pk),
        )
        return respond(request, turn)


class Replies(ChatView):
    scopes = {"GET": Scope.CHAT_READ, "POST": Scope.CHAT_WRITE}
    takes_idempotency_key = True
    uncounted_writes = {"POST": ASKING}
    queryset = Reply.objects.none()
    serializer_class = ReplySerializer
    renderer_classes = (JSONRenderer, EventStreamRenderer)

    @extend_schema(summary="All replies to a chat", responses=ReplySerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        replies = _own_chat(request, pk).replies.prefetch_related("citations")
        page = self.paginate_queryset(replies)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Have a chat answered again",
        description="Takes a unit of the allowance. Earlier replies are kept. 409 while an answer "
        "to this chat, or to one above it, is being written.",
        request=OptionsSerializer,
        parameters=ASK_HEADERS,
        responses=ASK_RESPONSES,
        examples=[CHAT_EXAMPLE],
    )
    def post(self, request: Request, pk: int) -> HttpResponseBase:
        chat = _own_chat(request, pk)
        options = options_of(request, chat)
        user, claim = request_user(request), _claim(request, replies_to=pk)
        turn = start_reply(user=user, chat=chat, options=options, claim=claim)
        return respond(request, turn)
