"""What the chat's endpoints accept: a question and how it is to be answered, validated."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from accounts.plans.limits import exists_for, may_use, models_of
from chat.api.attached import NamesFiles, attachments_of, check_sees, check_takes_files
from chat.history.lists import FoundChats, History, with_words_in_title
from chat.models import Chat, Conversation, ConversationQuerySet, Reply
from chat.turns.errors import ModelNotOffered, NotCutOff
from chat.turns.types import GenerationOptions, NewQuestion
from config.api.fast import shared_serializer
from config.api.fields import FaithfulField, LineField
from config.api.names import InputSerializer
from config.api.problems import Problem
from config.api.users import request_user
from config.text import is_blank, searchable

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_QUESTION = 8000
LONGEST_SYSTEM_PROMPT = 8000
LONGEST_HISTORY = 200
TEMPORARY = (
    "Whether the conversation is in no list and no search, and is deleted a day after its last "
    "question or answer. Only for a new one; `false` at the conversation keeps it."
)


class ModelNotAllowed(Problem):
    """The model is offered only to members of certain groups (`PLAN_MODELS`)."""

    status_code = 403
    default_code = "model_not_allowed"
    default_detail = gettext_lazy("Your account may not use this model.")


class MessageSerializer(InputSerializer):
    role = serializers.ChoiceField(["user", "assistant", "system"])
    content = FaithfulField(
        max_length=LONGEST_QUESTION * 4, allow_blank=True, trim_whitespace=False
    )


@extend_schema_serializer(component_name="Wish")  # the name that API clients know
class OptionsSerializer(InputSerializer):
    """How an answer is to be made; every field has the server's default, and `model` that of the
    conversation.
    """

    model = serializers.CharField(required=False, max_length=100)
    temperature = serializers.FloatField(required=False, min_value=0, max_value=2)
    max_tokens = serializers.IntegerField(
        required=False, min_value=1, max_value=settings.MAX_TOKENS_LIMIT
    )

    def validate_model(self, model: str) -> str:
        return offered(model)


def offered(model: str) -> str:
    """The model, if the server offers it. Raises `ValidationError`."""
    if model not in settings.CHAT_MODELS:
        raise _unknown_model()
    return model


def check_allowed(user: "User", model: str) -> None:
    """Raises `ValidationError` for a model of `CHAT_MODELS` that is given to groups of others, as
    for one that is not known, or `ModelNotAllowed`.
    """
    if not exists_for(user, model):
        raise _unknown_model()
    if not may_use(user, model):
        raise ModelNotAllowed


def _unknown_model() -> serializers.ValidationError:
    return serializers.ValidationError(
        _("This server does not offer that model."), code="unknown_model"
    )


def options_of(request: Request, chat: Chat) -> GenerationOptions:
    """How a request wants another answer to a chat. Raises `ValidationError` or
    `ModelNotAllowed`.
    """
    given = shared_serializer(OptionsSerializer).run_validation(request.data)
    options = _options(request_user(request), given, chat.conversation)
    if chat.attachment_count:
        check_takes_files(options.model)
        check_sees(options.model, chat.attachments.all())
    return options


def _options(
    user: "User", given: Mapping[str, Any], conversation: Conversation | None = None
) -> GenerationOptions:
    return GenerationOptions(
        model=_model(user, given.get("model"), conversation),
        temperature=given.get("temperature", settings.DEFAULT_TEMPERATURE),
        max_tokens=given.get("max_tokens", settings.DEFAULT_MAX_TOKENS),
        history=given.get("conversation_history"),
    )


def _model(user: "User", named: str | None, conversation: Conversation | None) -> str:
    """The model that a request names, else the conversation's if it is still offered to the user,
    else the default. Raises `ValidationError` or `ModelNotAllowed`.
    """
    if named is None and conversation and conversation.model in models_of(user):
        return conversation.model
    model = settings.DEFAULT_MODEL if named is None else named
    try:
        check_allowed(user, model)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"model": error.detail}) from error
    return model


class ContinueSerializer(InputSerializer):
    """How an answer is to be continued; every field has the server's default."""

    reply = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The reply that is meant: the request is refused where another is shown.",
    )
    temperature = serializers.FloatField(required=False, min_value=0, max_value=2)
    max_tokens = serializers.IntegerField(
        required=False, min_value=1, max_value=settings.MAX_TOKENS_LIMIT
    )


def continuation_of(request: Request, chat: Chat) -> tuple[GenerationOptions, int | None]:
    """How a request wants an answer to be continued, and the key of the reply that it means. It is
    continued by the model that wrote it. Raises `ValidationError`, `NotCutOff`, `ModelNotOffered`
    or `ModelNotAllowed`.
    """
    given = shared_serializer(ContinueSerializer).run_validation(request.data)
    if chat.chat_reply is None:
        raise NotCutOff
    model = chat.chat_reply.model
    user = request_user(request)
    if not (model in settings.CHAT_MODELS and exists_for(user, model)):
        raise ModelNotOffered
    return _options(user, {**given, "model": model}), given.get("reply")


@extend_schema_serializer(component_name="Ask")  # else it inherits the name above
class AskSerializer(OptionsSerializer, NamesFiles):
    """A question. `message` is another name of `content`."""

    any_of = ("content", "message")
    content = FaithfulField(required=False, max_length=LONGEST_QUESTION)
    message = FaithfulField(required=False, max_length=LONGEST_QUESTION)
    conversation = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    parent = serializers.IntegerField(  # type: ignore[assignment]
        required=False, allow_null=True, min_value=1, max_value=2**63 - 1
    )
    system_prompt = FaithfulField(
        required=False, max_length=LONGEST_SYSTEM_PROMPT, allow_blank=True
    )
    temporary = serializers.BooleanField(required=False, help_text=TEMPORARY)
    conversation_history = MessageSerializer(  # type: ignore[call-arg]
        many=True, required=False, max_length=LONGEST_HISTORY
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        content = attrs.get("content", attrs.get("message"))
        if content is None:
            raise serializers.ValidationError(
                {"content": serializers.ErrorDetail(_("This field is required."), "required")}
            )
        if is_blank(content):
            raise serializers.ValidationError(
                {"content": serializers.ErrorDetail(_("This field may not be blank."), "blank")}
            )
        attrs["content"] = content
        return attrs


def question_of(request: Request) -> NewQuestion:
    """The question of a request. Raises `ValidationError`, `ModelNotAllowed`, or what
    `attachments_of` raises.
    """
    given = shared_serializer(AskSerializer).run_validation(request.data)
    user = request_user(request)
    place, parent_id = _place(user, given)
    if place and given.get("temporary") and not place.temporary:
        raise serializers.ValidationError({"temporary": only_when_new()})
    content, options = given["content"], _options(user, given, place)
    named = given.get("attachments", ())
    return NewQuestion(
        content=content,
        options=options,
        conversation=place,
        parent_id=parent_id,
        system_prompt=given.get("system_prompt", ""),
        model=given.get("model", ""),
        attachments=attachments_of(user, named, model=options.model, question=content),
        temporary=given.get("temporary", False),
    )


def only_when_new() -> serializers.ErrorDetail:
    return serializers.ErrorDetail(_("Only a new conversation can be temporary."), "not_new")


def _place(user: "User", given: Mapping[str, Any]) -> tuple[Conversation | None, int | None]:
    """The user's own conversation and parent chat, by the given ids. Without a parent, it is the
    last chat of the conversation.
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


class ShownSerializer(InputSerializer):
    """Which reply to a chat is shown."""

    is_whole = True
    chat_reply = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


def reply_of(request: Request, chat: Chat) -> Reply:
    """The chat's reply that a request chooses. Raises `ValidationError`."""
    given = shared_serializer(ShownSerializer).run_validation(request.data)
    found: Reply = _own(chat.replies.all(), given["chat_reply"], "chat_reply")
    return found


class ChatFilterSerializer(InputSerializer):
    """The query of the history. Chats of a temporary conversation are found by its number alone."""

    q = LineField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words that question or answer must have.",
    )
    conversation = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Only this conversation's."
    )


class ConversationFilterSerializer(InputSerializer):
    """The query of the list of conversations."""

    q = LineField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words that the title must have.",
    )
    temporary = serializers.BooleanField(
        required=False, help_text="`true`: the temporary ones instead of the others."
    )


def conversations_of(request: Request) -> ConversationQuerySet:
    """The user's own conversations that match the query parameters, the pinned ones first, then the
    last active. Raises `ValidationError`.
    """
    given = shared_serializer(ConversationFilterSerializer).run_validation(request.query_params)
    own = Conversation.objects.owned_by(request_user(request)).in_order()
    own = own.filter(temporary=True) if given.get("temporary") else own.lasting()
    words = searchable(given.get("q", "")).split()
    return with_words_in_title(own, words) if words else own


def history_of(request: Request) -> History | FoundChats:
    """The user's own chats that match the query parameters. Raises `ValidationError`."""
    given = shared_serializer(ChatFilterSerializer).run_validation(request.query_params)
    user, conversation = request_user(request), given.get("conversation")
    words = searchable(given.get("q", "")).split()
    if not words:
        return History(user.pk, conversation)
    chats = Chat.objects.owned_by(user).lasting().matching(words)
    return FoundChats(chats if conversation is None else chats.filter(conversation=conversation))
