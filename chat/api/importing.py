"""/conversations/import: conversations of a file, some at a time."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import trail
from chat.api.base import QuotaHeaders
from chat.importing.chatgpt import is_chatgpts, read_chatgpt
from chat.importing.own_format import read_own
from chat.importing.store import store
from chat.importing.types import NotAConversation
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.scopes import Scope
from config.api.users import request_user

MOST_AT_ONCE = 100
MOST_CHATS = 2000


class ImportSerializer(InputSerializer):
    conversations = serializers.ListField(
        child=serializers.DictField(),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="Conversations of Daesa's export, or of ChatGPT's `conversations.json`.",
    )


class ImportedSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    result = serializers.ChoiceField(
        ["added", "known", "empty", "too_long", "unreadable"],
        help_text="`known`: it was imported before. `empty`: it has no question.",
    )
    conversation = serializers.IntegerField(allow_null=True)
    chats = serializers.IntegerField(help_text="How many questions were added.")
    links = LinkSerializer(many=True)


class ImportResultSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    results = ImportedSerializer(many=True)


class Import(QuotaHeaders, APIView):
    scopes = {"POST": Scope.CHAT_WRITE}

    @extend_schema(
        summary="Import conversations",
        description="Of Daesa's own export or of ChatGPT's, whichever each one is; as many as "
        "fit into a body. None is imported twice. Takes no unit of the allowance. Where the "
        "account has as many conversations as it may have, this is 409, and those before it were "
        "added.",
        request=ImportSerializer,
        responses={200: ImportResultSerializer, **problems(_409="limit_reached")},
    )
    def post(self, request: Request) -> Response:
        serializer = ImportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        results = [_import(request, one) for one in serializer.validated_data["conversations"]]
        added = sum(one["result"] == "added" for one in results)
        if added:
            kind = trail.Kind.DATA_IMPORTED
            trail.record(request_user(request), kind, request=request, conversations=added)
        return Response({"added": added, "results": results})


def _import(request: Request, value: dict[str, Any]) -> dict[str, Any]:
    try:
        imported = read_chatgpt(value) if is_chatgpts(value) else read_own(value)
    except NotAConversation:
        return _result("unreadable")
    if not imported.chats:
        return _result("empty", title=imported.title)
    if len(imported.chats) > MOST_CHATS:
        return _result("too_long", title=imported.title)
    conversation = store(request_user(request), imported)
    if conversation is None:
        return _result("known", title=imported.title)
    here = absolute(request, "chat:conversation", conversation.pk)
    return _result(
        "added",
        title=conversation.title,
        conversation=conversation.pk,
        chats=len(imported.chats),
        links=[link("conversation", here)],
    )


def _result(result: str, **values: Any) -> dict[str, Any]:
    rest: dict[str, Any] = {"title": "", "conversation": None, "chats": 0, "links": []}
    return {**rest, "result": result, **values}
