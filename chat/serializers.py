"""What the chat's doors take and give. Output serializers declare their fields for the schema and
write their rows by hand: rebuilding field objects costs more than the answer itself (see bench/).
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from chat.models import Chat, ChatQuerySet, Citation, Conversation, Reply, Status, Verdict
from chat.turns import Question, Wish
from config.api.links import Link, LinkSerializer, absolute, link

if TYPE_CHECKING:
    from accounts.models import User

AnySerializer = TypeVar("AnySerializer", bound=serializers.BaseSerializer[Any])

LONGEST_QUESTION = 8000
LONGEST_SYSTEM_PROMPT = 8000
LONGEST_HISTORY = 200
NEWEST_CHATS = 50
# Hangul fillers and the empty Braille pattern: letters and symbols by category, blank to the eye.
BLANKS = "\u115f\u1160\u3164\uffa0\u2800"


class MessageSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(["user", "assistant", "system"])
    content = serializers.CharField(
        max_length=LONGEST_QUESTION * 4, allow_blank=True, trim_whitespace=False
    )


class WishSerializer(serializers.Serializer[Wish]):
    """How an answer is to be made; every field has the server's default."""

    model = serializers.CharField(required=False, max_length=100)
    temperature = serializers.FloatField(required=False, min_value=0, max_value=2)
    max_tokens = serializers.IntegerField(
        required=False, min_value=1, max_value=settings.MAX_TOKENS_LIMIT
    )

    def validate_model(self, model: str) -> str:
        if model not in settings.CHAT_MODELS:
            raise serializers.ValidationError(
                _("This server does not offer that model."), code="unknown_model"
            )
        return model


def wish_of(request: Request) -> Wish:
    """How a request wants its answer. Raises `ValidationError`."""
    return _wish(shared(WishSerializer).run_validation(request.data))


def _wish(given: Mapping[str, Any]) -> Wish:
    return Wish(
        model=given.get("model", settings.DEFAULT_MODEL),
        temperature=given.get("temperature", settings.DEFAULT_TEMPERATURE),
        max_tokens=given.get("max_tokens", settings.DEFAULT_MAX_TOKENS),
        history=given.get("conversation_history"),
    )


class AskSerializer(WishSerializer):
    """A question. `message` is another name of `content`."""

    content = serializers.CharField(required=False, max_length=LONGEST_QUESTION)
    message = serializers.CharField(required=False, max_length=LONGEST_QUESTION)
    conversation = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    parent = serializers.IntegerField(  # type: ignore[assignment]
        required=False, allow_null=True, min_value=1, max_value=2**63 - 1
    )
    system_prompt = serializers.CharField(
        required=False, max_length=LONGEST_SYSTEM_PROMPT, allow_blank=True
    )
    conversation_history = MessageSerializer(  # type: ignore[call-arg]
        many=True, required=False, max_length=LONGEST_HISTORY
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        content = attrs.get("content", attrs.get("message"))
        if content is None:
            raise serializers.ValidationError(
                {"content": serializers.ErrorDetail(_("This field is required."), "required")}
            )
        if not _has_something_visible(content):
            raise serializers.ValidationError(
                {"content": serializers.ErrorDetail(_("This field may not be blank."), "blank")}
            )
        attrs["content"] = content
        return attrs


def shared(kind: type[AnySerializer]) -> AnySerializer:
    """One serializer for all requests, of which nothing stays in it: to make its fields anew takes
    longer than all that they check. One for each language, as DRF's validators keep the words in
    which they spoke first.
    """
    return cast("AnySerializer", _made(kind, get_language()))  # type: ignore[arg-type]


@cache
def _made(kind: type[serializers.BaseSerializer[Any]], _language: str | None) -> Any:
    return kind()


def question_of(request: Request) -> Question:
    """The question that a request asks. Raises `ValidationError`."""
    given = shared(AskSerializer).run_validation(request.data)
    place, parent_id = _place(cast("User", request.user), given)
    return Question(
        content=given["content"],
        wish=_wish(given),
        conversation=place,
        parent_id=parent_id,
        system_prompt=given.get("system_prompt", ""),
    )


def _place(user: "User", given: Mapping[str, Any]) -> tuple[Conversation | None, int | None]:
    """The person's own conversation and chat whose numbers are given, or the conversation's last
    chat where a question names none.
    """
    place, parent_id = None, given.get("parent")
    if parent_id is not None:
        mine = Chat.objects.owned_by(user).select_related("conversation")
        place = _own(mine, parent_id, "parent").conversation
    if "conversation" not in given:
        return place, parent_id
    if place and place.pk != given["conversation"]:
        raise _not_found("parent")
    place = place or _own(
        Conversation.objects.owned_by(user), given["conversation"], "conversation"
    )
    if "parent" not in given:
        last = Chat.objects.filter(conversation=place).order_by("-pk")
        parent_id = last.values_list("pk", flat=True).first()
    return place, parent_id


def _own(rows: Any, pk: int, field: str) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise _not_found(field)
    return found


def _not_found(field: str) -> serializers.ValidationError:
    return serializers.ValidationError(
        {
            field: serializers.ErrorDetail(
                _("There is no such %(what)s.") % {"what": field}, "does_not_exist"
            )
        }
    )


def _has_something_visible(text: str) -> bool:
    return any(
        unicodedata.category(character)[0] not in "CZ" and character not in BLANKS
        for character in text
    )


class ChatFilterSerializer(serializers.Serializer[Any]):
    """The query of the history."""

    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words that question or answer must have.",
    )
    conversation = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Only this conversation's."
    )


def filtered(chats: ChatQuerySet, request: Request) -> ChatQuerySet:
    """Those chats that the request's query asks for. Raises `ValidationError`."""
    given = shared(ChatFilterSerializer).run_validation(request.query_params)
    chats = chats.matching(given.get("q", "").split())
    return chats.filter(conversation=given["conversation"]) if "conversation" in given else chats


class DifferenceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["same", "missing", "added"])
    text = serializers.CharField()


class CitationSerializer(serializers.Serializer[Citation]):
    """A quoted span: code points `start` to `end` of the reply's content."""

    quote = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    verdict = serializers.ChoiceField(
        Verdict.choices, help_text="What the span is, beside the lines of the board."
    )
    match = serializers.ChoiceField(
        ["exact", "folded", "skeleton", "excerpt", ""],
        help_text="In which form it is word for word: character for character; but for case, kinds "
        "of quotation marks and dashes; in its letters and digits; as a part. Else empty.",
    )
    difference = DifferenceSerializer(
        many=True, help_text="Of an altered line: word by word, what differs from the board."
    )
    notes = serializers.ListField(child=serializers.ChoiceField(["wrong_speaker", "wrong_id"]))
    links = LinkSerializer(many=True)

    def to_representation(self, instance: Citation) -> dict[str, Any]:
        quote, request = instance.quote_id, self.context["request"]
        return {
            "quote": quote,
            "text": instance.text,
            "start": instance.start,
            "end": instance.end,
            "verdict": instance.verdict,
            "match": instance.match,
            "difference": [{"kind": kind, "text": text} for kind, text in instance.difference],
            "notes": instance.notes,
            "links": []
            if quote is None
            else [link("quote", absolute(request, "quotes:quote", quote))],
        }


class UsageSerializer(serializers.Serializer[Any]):
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()


class ReplySerializer(serializers.Serializer[Reply]):
    id = serializers.IntegerField()
    user = serializers.EmailField()
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(Status.choices)
    stream_id = serializers.UUIDField()
    model = serializers.CharField()
    finish_reason = serializers.CharField()
    error_code = serializers.CharField()
    usage = UsageSerializer(allow_null=True)
    citations = CitationSerializer(many=True)

    def to_representation(self, instance: Reply) -> dict[str, Any]:
        citation = CitationSerializer(context=self.context)
        return {
            "id": instance.pk,
            "user": self.context["request"].user.email,
            "content": instance.content,
            "created_at": timezone.localtime(instance.created_at),
            "finished_at": instance.finished_at and timezone.localtime(instance.finished_at),
            "status": instance.status,
            "stream_id": instance.stream_id,
            "model": instance.model,
            "finish_reason": instance.finish_reason,
            "error_code": instance.error_code,
            "usage": _usage(instance),
            "citations": [citation.to_representation(row) for row in instance.citations.all()],
        }


def _usage(reply: Reply) -> dict[str, int] | None:
    if reply.prompt_tokens is None or reply.completion_tokens is None:
        return None
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }


class ChatSerializer(serializers.Serializer[Chat]):
    id = serializers.IntegerField()
    user = serializers.EmailField()
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    conversation = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    chat_reply = ReplySerializer(allow_null=True)
    links = LinkSerializer(many=True)

    def to_representation(self, instance: Chat) -> dict[str, Any]:
        reply = instance.chat_reply
        return {
            "id": instance.pk,
            "user": self.context["request"].user.email,
            "content": instance.content,
            "created_at": timezone.localtime(instance.created_at),
            "conversation": instance.conversation_id,
            "parent": instance.parent_id,
            "chat_reply": reply and ReplySerializer(context=self.context).to_representation(reply),
            "links": self._links(instance),
        }

    def _links(self, chat: Chat) -> list[Any]:
        request = self.context["request"]
        here = absolute(request, "chat:chat", chat.pk)
        links = [
            link("self", here),
            link("delete", here, "DELETE"),
            link("replies", f"{here}/replies"),
            link("regenerate", f"{here}/replies", "POST"),
            link("conversation", absolute(request, "chat:conversation", chat.conversation_id)),
        ]
        if chat.chat_reply and chat.chat_reply.status == Status.STREAMING:
            stream = absolute(request, "chat:stream", chat.chat_reply.stream_id)
            links += [link("stream", stream), link("stop", stream, "DELETE")]
        return links


class StartedSerializer(serializers.Serializer[Any]):
    """An answer that is being written; follow it at the link `stream`."""

    stream_id = serializers.UUIDField()
    status = serializers.ChoiceField(["started"])
    chat = serializers.IntegerField()
    links = LinkSerializer(many=True)


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    links = serializers.SerializerMethodField()

    class Meta:
        model = Conversation
        fields: tuple[str, ...] = (
            "id",
            "title",
            "system_prompt",
            "created_at",
            "updated_at",
            "links",
        )
        extra_kwargs = {"system_prompt": {"max_length": LONGEST_SYSTEM_PROMPT}}

    @extend_schema_field(LinkSerializer(many=True))
    def get_links(self, conversation: Conversation) -> list[Link]:
        here = absolute(self.context["request"], "chat:conversation", conversation.pk)
        chats = absolute(self.context["request"], "chat:chats")
        return [
            link("self", here),
            link("update", here, "PATCH"),
            link("delete", here, "DELETE"),
            link("chats", f"{chats}?conversation={conversation.pk}"),
        ]


class ConversationWithChatsSerializer(ConversationSerializer):
    """A conversation with its newest `NEWEST_CHATS` chats, oldest first; the link `chats` pages
    through all of them.
    """

    chats = serializers.SerializerMethodField()
    chat_count = serializers.SerializerMethodField()

    class Meta(ConversationSerializer.Meta):
        fields = (*ConversationSerializer.Meta.fields, "chat_count", "chats")

    @extend_schema_field(ChatSerializer(many=True))
    def get_chats(self, conversation: Conversation) -> list[dict[str, Any]]:
        newest = Chat.objects.filter(conversation=conversation).with_replies()[:NEWEST_CHATS]
        chat = ChatSerializer(context=self.context)
        return [chat.to_representation(row) for row in reversed(newest)]

    def get_chat_count(self, conversation: Conversation) -> int:
        return conversation.chats.count()


class ModelSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    default = serializers.BooleanField()
