"""/chat/stream: answers that are promised, followed, and stopped."""

from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat import turns
from chat.input import AskSerializer
from chat.models import Reply
from chat.renderers import EventStreamRenderer
from chat.schema import ASK, ASK_HEADERS, ASK_PROBLEMS, EVENTS
from chat.serializers import StartedSerializer
from chat.streams import registry
from chat.views import answers
from chat.views.base import ChatView, person
from chat.views.chats import ask
from config.api.renderers import JSONRenderer


class Streams(ChatView):
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
    queryset = Reply.objects.none()
    serializer_class = StartedSerializer
    renderer_classes = (EventStreamRenderer, JSONRenderer)

    def _reply(self, stream_id: UUID) -> Reply:
        reply = turns.reply_of_stream(user=person(self.request), stream_id=stream_id)
        if reply is None:
            raise Http404
        return reply

    @extend_schema(
        summary="Follow an answer",
        description="From the beginning, or without gap from `Last-Event-ID` on. A finished "
        "answer is told again; 204 when the reader has all of it.",
        parameters=[
            OpenApiParameter("Last-Event-ID", int, OpenApiParameter.HEADER),
            OpenApiParameter("last_event_id", int, OpenApiParameter.QUERY),
        ],
        responses={
            (200, "text/event-stream"): EVENTS,
            204: OpenApiResponse(description="Nothing is missing."),
        },
    )
    def get(self, request: Request, stream_id: UUID) -> HttpResponseBase:
        live = registry.get(stream_id)  # before the row: what ends in between is in the row then
        return answers.stream(request, self._reply(stream_id), live)

    @extend_schema(
        summary="Stop an answer",
        description="What was written is kept, and charged. Stopping what has ended does nothing.",
        responses={204: None},
    )
    def delete(self, request: Request, stream_id: UUID) -> Response:  # noqa: ARG002
        turns.stop_turn(self._reply(stream_id))
        return Response(status=204)
