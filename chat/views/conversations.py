"""/conversations, and /models."""

import re
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework.generics import ListCreateAPIView, RetrieveUpdateDestroyAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.export import export
from chat.models import Conversation
from chat.renderers import MarkdownRenderer
from chat.serializers import (
    ConversationSerializer,
    ConversationWithChatsSerializer,
    ModelSerializer,
)
from chat.views.base import QuotaFields, person

_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]')


@extend_schema_view(
    get=extend_schema(summary="One's own conversations, newest first"),
    post=extend_schema(summary="Begin a conversation"),
)
class Conversations(QuotaFields, ListCreateAPIView[Conversation]):
    queryset = Conversation.objects.none()
    serializer_class = ConversationSerializer

    def get_queryset(self) -> Any:
        return Conversation.objects.owned_by(person(self.request))

    def perform_create(self, serializer: Any) -> None:
        serializer.save(user=person(self.request))


@extend_schema_view(
    get=extend_schema(
        summary="One conversation with its newest chats",
        description="With `Accept: text/markdown`, all of it as a document, with what the judging "
        "says of its quotations.",
        responses={
            (200, "application/json"): ConversationWithChatsSerializer,
            (200, "text/markdown"): OpenApiTypes.STR,
        },
    ),
    put=extend_schema(summary="Rename a conversation, or change its system prompt"),
    patch=extend_schema(summary="Rename a conversation, or change its system prompt"),
    delete=extend_schema(summary="Delete a conversation with its chats"),
)
class OneConversation(QuotaFields, RetrieveUpdateDestroyAPIView[Conversation]):
    queryset = Conversation.objects.none()

    def get_queryset(self) -> Any:
        return Conversation.objects.owned_by(person(self.request))

    def get_renderers(self) -> list[Any]:
        renderers: list[Any] = super().get_renderers()
        return [*renderers, MarkdownRenderer()] if self.request.method == "GET" else renderers

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request.accepted_renderer, MarkdownRenderer):
            return _document(self.get_object())
        return super().retrieve(request, *args, **kwargs)

    def get_serializer_class(self) -> type[ConversationSerializer]:
        if self.request.method == "GET":
            return ConversationWithChatsSerializer
        return ConversationSerializer


def _document(conversation: Conversation) -> StreamingHttpResponse:
    response = StreamingHttpResponse(
        export(conversation, language=get_language() or settings.LANGUAGE_CODE),
        content_type="text/markdown; charset=utf-8",
    )
    name = " ".join(_NOT_IN_FILE_NAMES.sub(" ", conversation.title).split())
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{name or conversation.pk}.md"
    )
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


class Models(APIView):
    @extend_schema(
        summary="The models that this server offers",
        responses=inline_serializer("Models", {"results": ModelSerializer(many=True)}),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        offered = [
            {"id": name, "default": name == settings.DEFAULT_MODEL} for name in settings.CHAT_MODELS
        ]
        return Response({"results": offered})
