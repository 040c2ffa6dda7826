"""/chat/{id}/mark-reports: what a user reports of the marks in the answers to one question."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.base import ChatView
from chat.models import AROUND, LONGEST_NOTE, Chat, MarkReport
from chat.reports.report import MOST_A_DAY, Mark, report_mark, take_back
from config.api.fields import TextField
from config.api.links import LinkSerializer, absolute, link
from config.api.names import InputSerializer
from config.api.problem_docs import problems
from config.api.scopes import Scope
from config.api.times import local
from config.api.users import request_user

_ID: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}
_PLACE: dict[str, Any] = {"min_value": 0, "max_value": 2**31 - 1}


class MarkSerializer(InputSerializer):
    """A citation of a reply, by the values that it has there, and what is wrong with its mark."""

    reply = serializers.IntegerField(**_ID)
    start = serializers.IntegerField(**_PLACE)
    end = serializers.IntegerField(**_PLACE)
    quote = serializers.IntegerField(allow_null=True, default=None, **_ID)
    reason = serializers.ChoiceField(MarkReport.Reason.choices)
    note = TextField(
        required=False, allow_blank=True, default="", max_length=LONGEST_NOTE, multiline=True
    )


class MarkReportSerializer(serializers.Serializer[MarkReport]):
    """A report on a mark. `before`, `text` and `after` are what reviewers see of the answer."""

    id = serializers.IntegerField()
    reply = serializers.IntegerField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    quote = serializers.IntegerField(allow_null=True)
    before = serializers.CharField()
    text = serializers.CharField()
    after = serializers.CharField()
    reason = serializers.ChoiceField(MarkReport.Reason.choices)
    note = serializers.CharField()
    state = serializers.ChoiceField(
        MarkReport.State.choices,
        help_text="What reviewers have found: `wrong`, the mark is wrong, as reported; `right`.",
    )
    answer = serializers.CharField(help_text="What reviewers say of it, if anything.")
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    links = LinkSerializer(many=True)

    def to_representation(self, instance: MarkReport) -> dict[str, Any]:
        return _body(instance, self.context["request"])


def _body(report: MarkReport, request: HttpRequest | Request) -> dict[str, Any]:
    citation = report.citation
    chat = citation.reply.chat_id
    here = absolute(request, "chat:mark-report", chat, report.pk)
    return {
        "id": report.pk,
        "reply": citation.reply_id,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote_id,
        "before": report.before,
        "text": citation.text,
        "after": report.after,
        "reason": report.reason,
        "note": report.note,
        "state": report.state,
        "answer": report.answer,
        "created_at": local(report.created_at),
        "settled_at": report.settled_at and local(report.settled_at),
        "links": [
            link("delete", here, "DELETE"),
            link("chat", absolute(request, "chat:chat", chat)),
        ],
    }


class MarkReports(ChatView):
    scopes = {"GET": Scope.CHAT_READ, "POST": Scope.CHAT_WRITE}
    queryset = MarkReport.objects.none()
    serializer_class = MarkReportSerializer

    def _reports(self, pk: int) -> Any:
        own = get_object_or_404(Chat.objects.owned_by(request_user(self.request)), pk=pk)
        reports = MarkReport.objects.owned_by(own.user).filter(citation__reply__chat=own)
        return reports.select_related("citation__reply").defer(
            "citation__reply__content", "citation__reply__search_text"
        )

    @extend_schema(
        summary="One's own reports on the marks of a chat",
        responses=MarkReportSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        page = self.paginate_queryset(self._reports(pk))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Report that a mark is wrong",
        description="Reviewers see the quoted words, up to "
        f"{AROUND} characters of the answer before and after them, the mark, the reason and the "
        "note; not who has reported it, and nothing else of the conversation. A mark has one "
        "report: reported again (200), its reason and note are replaced, until it is settled. At "
        f"most {MOST_A_DAY} new ones a day.",
        request=MarkSerializer,
        responses={
            201: MarkReportSerializer,
            200: OpenApiResponse(MarkReportSerializer, description="It was reported already."),
            **problems(_409="limit_reached"),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        serializer = MarkSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        reason, note = given.pop("reason"), given.pop("note")
        mark = Mark(chat=pk, **given)
        user = request_user(request)
        report, is_new = report_mark(user=user, mark=mark, reason=reason, note=note)
        stored = self._reports(pk).get(pk=report.pk)
        return Response(_body(stored, request), status=201 if is_new else 200)


class OneMarkReport(ChatView):
    scopes = {"DELETE": Scope.CHAT_WRITE}
    queryset = MarkReport.objects.none()
    serializer_class = MarkReportSerializer

    @extend_schema(
        operation_id="chat_mark_reports_take_back",
        summary="Take a report back",
        description="Reviewers see nothing of it any more.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int, report: int) -> Response:
        take_back(user=request_user(request), chat_id=pk, report_id=report)
        return Response(status=204)
