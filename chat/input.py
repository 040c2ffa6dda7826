"""What the chat's doors take: a question and how it is to be answered, checked."""

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from chat.history import History
from chat.models import Chat, ChatQuerySet, Conversation, Reply
from chat.turns import Question, Wish
from config.api.input import shared

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_QUESTION = 8000
LONGEST_SYSTEM_PROMPT = 8000
LONGEST_HISTORY = 200
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


class ShownSerializer(serializers.Serializer[Any]):
    """Which reply to a chat is shown."""

    chat_reply = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


def reply_of(request: Request, chat: Chat) -> Reply:
    """The reply to the chat that a request chooses. Raises `ValidationError`."""
    given = shared(ShownSerializer).run_validation(request.data)
    found: Reply = _own(chat.replies.all(), given["chat_reply"], "chat_reply")
    return found


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


def history_of(request: Request) -> History | ChatQuerySet:
    """One's own chats that the request's query asks for. Raises `ValidationError`."""
    given = shared(ChatFilterSerializer).run_validation(request.query_params)
    user, conversation = cast("User", request.user), given.get("conversation")
    words = given.get("q", "").split()
    if not words:
        return History(user.pk, conversation)
    chats = Chat.objects.owned_by(user).with_replies().matching(words)
    return chats if conversation is None else chats.filter(conversation=conversation)
