"""/conversations, and /models."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework.generics import ListCreateAPIView, RetrieveUpdateDestroyAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.models import Conversation
from chat.serializers import (
    ConversationSerializer,
    ConversationWithChatsSerializer,
    ModelSerializer,
)
from chat.views.base import QuotaFields, person


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
        responses=ConversationWithChatsSerializer,
    ),
    put=extend_schema(summary="Rename a conversation, or change its system prompt"),
    patch=extend_schema(summary="Rename a conversation, or change its system prompt"),
    delete=extend_schema(summary="Delete a conversation with its chats"),
)
class OneConversation(QuotaFields, RetrieveUpdateDestroyAPIView[Conversation]):
    queryset = Conversation.objects.none()

    def get_queryset(self) -> Any:
        return Conversation.objects.owned_by(person(self.request))

    def get_serializer_class(self) -> type[ConversationSerializer]:
        if self.request.method == "GET":
            return ConversationWithChatsSerializer
        return ConversationSerializer


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
