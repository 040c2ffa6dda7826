"""What the endpoints of conversations and models return."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from chat.api.attached import takes
from chat.api.inputs import (
    LONGEST_SYSTEM_PROMPT,
    TEMPORARY,
    check_allowed,
    offered,
    only_when_new,
)
from chat.api.outputs import ChatSerializer, chat_body
from chat.attachments.models import Attachment
from chat.history.lists import History
from chat.models import Conversation, TitleBy
from chat.turns.concurrency import MOST_PINNED, check_pin
from config.api.fields import FaithfulField, LineField
from config.api.links import Link, LinkSerializer, absolute, link
from config.api.names import KnownNames
from config.api.users import request_user
from config.upstreams import CAPABILITIES, capabilities_of

NEWEST_CHATS = 50


class ConversationSerializer(KnownNames, serializers.ModelSerializer[Conversation]):
    title = LineField(required=False, allow_blank=True, max_length=200)
    title_by = serializers.ChoiceField(
        [*TitleBy.values, ""],
        read_only=True,
        help_text="Whose the title is: the `user`'s, a `model`'s, or the `words` of the first "
        "question. Empty: not decided yet, a model may be asked for one (`TITLE_MODEL`).",
    )
    system_prompt = FaithfulField(
        required=False, allow_blank=True, max_length=LONGEST_SYSTEM_PROMPT
    )
    model = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Answers where a request names no other. The one of the last question that named "
        "one, or set here; empty: the server's default. If it is no longer offered, the default "
        "answers.",
    )
    pinned = serializers.BooleanField(
        required=False,
        help_text=f"Whether it comes before the others in lists. At most {MOST_PINNED} are pinned.",
    )
    temporary = serializers.BooleanField(required=False, help_text=TEMPORARY)
    links = serializers.SerializerMethodField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A temporary one has no place in the list, and so cannot be pinned."""
        was_temporary = self.instance is not None and self.instance.temporary
        is_temporary = attrs.get("temporary", was_temporary)
        if is_temporary and self.instance is not None and not was_temporary:
            raise serializers.ValidationError({"temporary": only_when_new()})
        if is_temporary and attrs.get("pinned"):
            detail = _("A temporary conversation cannot be pinned. Keep it first.")
            raise serializers.ValidationError(
                {"pinned": serializers.ErrorDetail(detail, "temporary")}
            )
        if "title" in attrs:
            attrs["title_by"] = TitleBy.USER if attrs["title"] else ""
        return attrs

    def validate_model(self, model: str) -> str:
        """A model that is no longer offered may be sent back unchanged."""
        if not model or (self.instance and model == self.instance.model):
            return model
        check_allowed(request_user(self.context["request"]), offered(model))
        return model

    def update(self, instance: Conversation, validated_data: dict[str, Any]) -> Conversation:
        """Leaves the time of the last question as it is. Raises `TooManyPinned`, or `NotFound`
        where it was deleted meanwhile.
        """
        with transaction.atomic(durable=True):
            if validated_data.get("pinned"):
                check_pin(request_user(self.context["request"]), instance)
            own = Conversation.objects.filter(pk=instance.pk)
            if validated_data and not own.update(**validated_data):
                raise NotFound
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return instance

    class Meta:
        model = Conversation
        fields: tuple[str, ...] = (
            "id",
            "title",
            "title_by",
            "system_prompt",
            "model",
            "pinned",
            "temporary",
            "created_at",
            "updated_at",
            "links",
        )

    @extend_schema_field(LinkSerializer(many=True))
    def get_links(self, conversation: Conversation) -> list[Link]:
        here = absolute(self.context["request"], "chat:conversation", conversation.pk)
        chats = absolute(self.context["request"], "chat:chats")
        return [
            link("self", here),
            link("update", here, "PATCH"),
            link("delete", here, "DELETE"),
            link("chats", f"{chats}?conversation={conversation.pk}"),
            link("statistics", f"{here}/statistics"),
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
        newest = History(conversation.user_id, conversation.pk)[:NEWEST_CHATS]
        request = self.context["request"]
        return [chat_body(chat, request) for chat in reversed(newest)]

    def get_chat_count(self, conversation: Conversation) -> int:
        return conversation.chats.count()


class ModelSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    default = serializers.BooleanField()
    takes = serializers.ListField(
        child=serializers.ChoiceField(Attachment.Kind.choices),
        help_text="The kinds of files that may go with a question to it.",
    )
    capabilities = serializers.ListField(
        required=False,
        child=serializers.ChoiceField(CAPABILITIES),
        help_text="What each of its servers can do besides text, where the site's settings say so.",
    )


def model_body(name: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": name,
        "default": name == settings.DEFAULT_MODEL,
        "takes": takes(name),
    }
    if settings.UPSTREAMS:
        body["capabilities"] = capabilities_of(settings.UPSTREAMS, name)
    return body
