"""/conversations, and /models."""

from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework.fields import BooleanField
from rest_framework.generics import ListCreateAPIView, RetrieveUpdateDestroyAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.plans.limits import models_of
from chat.api.base import QuotaHeaders
from chat.api.conversation_outputs import (
    ConversationSerializer,
    ConversationWithChatsSerializer,
    ModelSerializer,
    model_body,
)
from chat.api.inputs import ConversationFilterSerializer, conversations_of
from chat.api.renderers import MarkdownRenderer
from chat.history.deletion import clear_conversation
from chat.history.export import export
from chat.models import Conversation
from chat.turns.afterwards import makes_follow_ups, makes_titles
from chat.turns.concurrency import MOST_PINNED, adding_conversation, check_pin
from config.api.problem_docs import problems
from config.api.scopes import Scope
from config.api.streaming import begun
from config.api.users import request_user
from config.file_names import file_name

_CHANGE: dict[str, Any] = {
    "summary": "Rename, pin or keep a conversation, choose its model, or change its system prompt",
    "description": f"A user has at most {MOST_PINNED} pinned conversations, then this is 409 "
    "`limit_reached`. "
    "With `temporary: false`, a temporary one becomes one like the others.",
    "responses": {
        200: ConversationSerializer,
        **problems(_409="limit_reached"),
    },
}


@extend_schema_view(
    get=extend_schema(
        summary="One's own conversations, the pinned ones first, then the last active",
        description="Without the temporary ones.",
        parameters=[ConversationFilterSerializer],
    ),
    post=extend_schema(
        summary="Begin a conversation",
        description="Begins an empty conversation. A user has at most `MAX_CONVERSATIONS`, then "
        "this is 409 `limit_reached`; asking a question can still begin one.",
        responses={201: ConversationSerializer, **problems(_409="limit_reached")},
    ),
)
class Conversations(QuotaHeaders, ListCreateAPIView[Conversation]):
    scopes = {"GET": Scope.CHAT_READ, "POST": Scope.CHAT_WRITE}
    queryset = Conversation.objects.none()
    serializer_class = ConversationSerializer

    def get_queryset(self) -> Any:
        return conversations_of(self.request)

    def perform_create(self, serializer: Any) -> None:
        user = request_user(self.request)
        with adding_conversation(user):
            if serializer.validated_data.get("pinned"):
                check_pin(user)
            serializer.save(user=user)


@extend_schema_view(
    get=extend_schema(
        summary="One conversation with its newest chats",
        description="With `Accept: text/markdown` the whole conversation as a document, with the "
        "verdicts on its quotations.",
        responses={
            (200, "application/json"): ConversationWithChatsSerializer,
            (200, "text/markdown"): OpenApiTypes.STR,
        },
    ),
    put=extend_schema(**_CHANGE),
    patch=extend_schema(**_CHANGE),
    delete=extend_schema(summary="Delete a conversation with its chats"),
)
class OneConversation(QuotaHeaders, RetrieveUpdateDestroyAPIView[Conversation]):
    scopes = {
        "GET": Scope.CHAT_READ,
        "PUT": Scope.CHAT_WRITE,
        "PATCH": Scope.CHAT_WRITE,
        "DELETE": Scope.CHAT_WRITE,
    }
    queryset = Conversation.objects.none()

    def get_queryset(self) -> Any:
        return Conversation.objects.owned_by(request_user(self.request))

    def get_renderers(self) -> list[Any]:
        renderers: list[Any] = super().get_renderers()
        return [*renderers, MarkdownRenderer()] if self.request.method == "GET" else renderers

    def perform_destroy(self, instance: Conversation) -> None:
        clear_conversation(instance)

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
        begun(export(conversation, language=get_language() or settings.LANGUAGE_CODE)),
        content_type="text/markdown; charset=utf-8",
    )
    name = file_name(conversation.title) or conversation.pk
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{name}.md"
    )
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response


class Models(APIView):
    scopes = {"GET": Scope.CHAT_READ}

    @extend_schema(
        summary="The models that the user may ask",
        description="And what a model does beside answering: `titles` of new conversations, and "
        "`follow_ups` of answers.",
        responses=inline_serializer(
            "Models",
            {
                "results": ModelSerializer(many=True),
                "titles": BooleanField(),
                "follow_ups": BooleanField(),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        offered = map(model_body, models_of(request_user(request)))
        beside = {"titles": makes_titles(), "follow_ups": makes_follow_ups()}
        return Response({"results": list(offered), **beside})
