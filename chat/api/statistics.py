"""/conversations/{id}/statistics."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Min
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.base import ChatView
from chat.history.statistics import statistics_of
from chat.models import Conversation, Status, Verdict
from config.api.links import LinkSerializer, absolute, link
from config.api.scopes import Scope
from config.api.times import local
from config.api.users import request_user


class StateCountSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(Status.choices)
    answers = serializers.IntegerField()


class ModelCountSerializer(serializers.Serializer[Any]):
    model = serializers.CharField()
    answers = serializers.IntegerField()


class VerdictCountSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(Verdict.choices)
    quotations = serializers.IntegerField()


class TokensSerializer(serializers.Serializer[Any]):
    """Tokens as the models' servers have counted them."""

    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    counted_answers = serializers.IntegerField(help_text="The answers that these tokens are of.")
    uncounted_answers = serializers.IntegerField(
        help_text="The answers whose tokens are not known: no server has told them, or no model "
        "was asked."
    )


class SecondsSerializer(serializers.Serializer[Any]):
    """How long answers took from question to end: of those that are done, were written here by the
    model, and not continued.
    """

    timed_answers = serializers.IntegerField()
    median = serializers.FloatField(allow_null=True)
    longest = serializers.FloatField(allow_null=True)


class StatisticsSerializer(serializers.Serializer[Any]):
    """The numbers of a conversation: of all its answers, also of those that are not shown."""

    conversation = serializers.IntegerField()
    turns = serializers.IntegerField(help_text="Questions in all branches.")
    answers = serializers.IntegerField()
    states = StateCountSerializer(many=True, help_text="Only those that there are.")
    models = ModelCountSerializer(many=True, help_text="Those with the most answers first.")
    tokens = TokensSerializer()
    seconds = SecondsSerializer()
    quotations = VerdictCountSerializer(many=True, help_text="Only those that there are.")
    first_asked_at = serializers.DateTimeField(allow_null=True)
    last_asked_at = serializers.DateTimeField(allow_null=True)
    links = LinkSerializer(many=True)


class Statistics(ChatView):
    scopes = {"GET": Scope.CHAT_READ}
    queryset = Conversation.objects.none()
    serializer_class = StatisticsSerializer

    def get_queryset(self) -> Any:
        own = Conversation.objects.owned_by(request_user(self.request)).only("id")
        return own.annotate(
            turns=Count("chats"),
            first_asked=Min("chats__created_at"),
            last_asked=Max("chats__created_at"),
        ).order_by()

    @extend_schema(
        summary="The numbers of a conversation",
        description="Questions, answers by their state and by model, tokens, seconds, and the "
        "verdicts on quotations.",
    )
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return Response(_body(self.get_object(), request))


def _body(conversation: Any, request: Request) -> dict[str, Any]:
    """`conversation` has the annotations of `Statistics.get_queryset`."""
    found = statistics_of(conversation)
    first, last = conversation.first_asked, conversation.last_asked
    answers = found.states.total()
    here = absolute(request, "chat:conversation", conversation.pk)
    return {
        "conversation": conversation.pk,
        "turns": conversation.turns,
        "answers": answers,
        "states": _counts("status", "answers", found.states, Status.values),
        "models": [
            {"model": name, "answers": count}
            for name, count in sorted(found.models.items(), key=lambda one: (-one[1], one[0]))
        ],
        "tokens": {
            "prompt_tokens": found.prompt_tokens,
            "completion_tokens": found.completion_tokens,
            "counted_answers": found.counted,
            "uncounted_answers": answers - found.counted,
        },
        "seconds": {
            "timed_answers": found.timed,
            "median": _rounded(found.median),
            "longest": _rounded(found.longest),
        },
        "quotations": _counts("verdict", "quotations", found.verdicts, Verdict.values),
        "first_asked_at": first and local(first),
        "last_asked_at": last and local(last),
        "links": [link("self", f"{here}/statistics"), link("conversation", here)],
    }


def _counts(
    name: str, unit: str, counts: Counter[str], order: Sequence[str]
) -> list[dict[str, Any]]:
    return [{name: one, unit: counts[one]} for one in order if counts[one]]


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, seconds), 2)
