"""/chat/stream: answers that are written in the background, followed, and stopped."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api import responses
from chat.api.base import ASKING, ChatView
from chat.api.chats import ask
from chat.api.inputs import AskSerializer
from chat.api.openapi import ASK, ASK_HEADERS, ASK_PROBLEMS, EVENT_ID, EVENTS
from chat.api.outputs import StartedSerializer, started_body
from chat.api.renderers import EventStreamRenderer
from chat.live.registry import registry
from chat.models import Reply
from chat.turns.stop import stop_turn
from config.api.renderers import JSONRenderer
from config.api.scopes import Scope
from config.api.users import request_user


class Streams(ChatView):
    scopes = {"POST": Scope.CHAT_WRITE}
    takes_idempotency_key = True
    uncounted_writes = {"POST": ASKING}
    queryset = Reply.objects.none()
    serializer_class = StartedSerializer

    @extend_schema(
        summary="Ask, and follow the answer at its stream",
        request=AskSerializer,
        parameters=[p for p in ASK_HEADERS if p.name == "Idempotency-Key"],
        responses={202: StartedSerializer, **ASK_PROBLEMS},
        examples=[ASK],
    )
    def post(self, request: Request) -> HttpResponseBase:
        return ask(request, later=True)


class OneStream(ChatView):
    scopes = {"GET": Scope.CHAT_READ, "DELETE": Scope.CHAT_WRITE}
    uncounted_writes = {"DELETE": "to stop an answer saves work, and must be possible at any time"}
    queryset = Reply.objects.none()
    serializer_class = StartedSerializer
    renderer_classes = (EventStreamRenderer, JSONRenderer)

    def _reply(self, stream_id: UUID) -> Reply:
        replies = Reply.objects.select_related("chat__conversation")
        return get_object_or_404(replies, user=request_user(self.request), stream_id=stream_id)

    @extend_schema(
        summary="Follow an answer",
        description="From the beginning, or without a gap after `Last-Event-ID`. A finished answer "
        "is sent again; 204 if it is whole and the reader has all of it. A reader that has more "
        "of a lost answer than was stored gets START and the stored text again, before ERROR.",
        parameters=[
            OpenApiParameter("Last-Event-ID", EVENT_ID, OpenApiParameter.HEADER),
            OpenApiParameter("last_event_id", EVENT_ID, OpenApiParameter.QUERY),
        ],
        responses={
            (200, "text/event-stream"): EVENTS,
            204: OpenApiResponse(description="The answer is whole, and nothing of it is missing."),
        },
    )
    def get(self, request: Request, stream_id: UUID) -> HttpResponseBase:
        live = registry.get(stream_id)  # before the row, which has the end of one that is not here
        return responses.stream(request, self._reply(stream_id), live)

    @extend_schema(
        summary="Stop an answer",
        description="The text so far is kept and charged; an answer that the server lost is "
        "interrupted and not charged. Stopping a finished answer does nothing.",
        responses={
            (202, "application/json"): OpenApiResponse(
                StartedSerializer, description="The answer has not ended yet; it will."
            ),
            204: OpenApiResponse(description="The answer has ended."),
        },
    )
    def delete(self, request: Request, stream_id: UUID) -> Response:
        reply = self._reply(stream_id)
        if stop_turn(reply):
            return Response(status=204)
        body = started_body(reply, request, status="stopping")
        return Response(body, status=202, content_type="application/json")
