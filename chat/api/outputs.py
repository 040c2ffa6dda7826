"""What the endpoints of chats and replies return. The serializers declare their fields for the
schema; the bodies are built by hand, since DRF's field objects cost more than all the rest of a
response (bench/).
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request

from chat.api.attached import AttachmentSerializer, attachment_body
from chat.history.lists import ChatRow, CitationRow, ReplyRow
from chat.models import (
    Chat,
    Citation,
    CutOff,
    Judged,
    Reply,
    Status,
    Verdict,
    cut_off,
    judged,
    shown_verdict,
)
from config.api.links import Link, LinkSerializer, absolute, link
from config.api.times import local
from config.api.users import request_user
from config.upstreams import label_of

NOTES = (
    *("wrong_speaker", "wrong_id", "negation_left_out", "look_alike", "told_as_wrong"),
    *("repaired", "unquoted"),
)
OF_USER = "The address of the user; of one without an address the nickname."


class DifferenceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["same", "missing", "added"])
    text = serializers.CharField()


class CitationSerializer(serializers.Serializer[Citation | CitationRow]):
    """Quoted words: code points `start` to `end` of the reply's content. A quotation of several
    lines, such as a poem's, has a citation for each.
    """

    quote = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    verdict = serializers.ChoiceField(
        Verdict.choices,
        help_text="How the span compares with the lines of the board. `verbatim`: equal, except "
        "for white space, invisible characters, Markdown and the quotation's own end mark. "
        "`same_words`: the same letters and digits with other marks, spaces or case. `excerpt`: a "
        "part of a line, or parts of it in order around an ellipsis. `altered`: other words. "
        "`unknown`: words that are claimed to be a line, but are like no line of the board.",
    )
    match = serializers.ChoiceField(
        ["exact", "folded", "skeleton", "excerpt", ""],
        help_text="How it matches the line. `verbatim` has `exact`. `same_words` has `folded` if "
        "only case and kinds of quotation marks and dashes differ, `skeleton` if only letters and "
        "digits are the same, `excerpt` if those of a part of the line are. `excerpt` has "
        "`excerpt`. The others have none.",
    )
    difference = DifferenceSerializer(
        many=True,
        help_text="Of `altered` and `same_words`: word by word, what differs from the board. Empty "
        "for a citation that was judged before `same_words` was a verdict.",
    )
    notes = serializers.ListField(
        child=serializers.ChoiceField(NOTES),
        help_text="`wrong_speaker`, `wrong_id`: the answer names another speaker, or another "
        "line's id. `negation_left_out`: the left-out part of the line contains a negation. "
        "`look_alike`: letters that look the same but are different ones, or hidden marks. "
        "`told_as_wrong`: the answer itself calls this wording wrong. `repaired`: its words were "
        "replaced by the board's (`difference` shows which). `unquoted`: its quotation marks were "
        "removed.",
    )
    links = LinkSerializer(many=True)

    def to_representation(self, instance: Citation | CitationRow) -> dict[str, Any]:
        return _citation(instance, self.context["request"])


def _citation(row: Citation | CitationRow, request: Request) -> dict[str, Any]:
    quote = row.quote_id
    return {
        "quote": quote,
        "text": row.text,
        "start": row.start,
        "end": row.end,
        "verdict": shown_verdict(row.verdict, row.match),
        "match": row.match,
        "difference": [{"kind": kind, "text": text} for kind, text in row.difference],
        "notes": row.notes,
        "links": [] if quote is None else [link("quote", absolute(request, "quotes:quote", quote))],
    }


class UsageSerializer(serializers.Serializer[Any]):
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()


class ContinuationSerializer(serializers.Serializer[Any]):
    available = serializers.BooleanField(
        help_text="Whether the answer may be continued now: once, unless that has failed. It is "
        "refused all the same where a question has followed it."
    )
    units = serializers.IntegerField(help_text="What that takes of the allowance: 0 or 1.")
    charged = serializers.BooleanField(
        help_text="Whether the continuation holds a unit, beside the answer's own."
    )
    error_code = serializers.CharField(
        help_text="Why the last attempt failed; the answer is then as it was before. Else empty."
    )


class AnsweredFromSerializer(serializers.Serializer[Any]):
    answered_at = serializers.DateTimeField(help_text="When that answer was written.")
    alike = serializers.BooleanField(
        help_text="Whether it was the answer to a similar question, and not to the same one."
    )


class ReplySerializer(serializers.Serializer[Reply | ReplyRow]):
    id = serializers.IntegerField()
    user = serializers.CharField(help_text=OF_USER)
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(Status.choices)
    stream_id = serializers.UUIDField()
    model = serializers.CharField()
    server = serializers.CharField(
        help_text="What the site calls the server that answered, where it has several and names "
        "them. Else empty."
    )
    finish_reason = serializers.CharField(
        help_text='Why the model ended: "stop", "length" and so on, in OpenAI\'s words.'
    )
    cut_off = serializers.ChoiceField(
        [*CutOff.values, ""],
        help_text="Whether the answer ends before it is complete: at the limit of its length "
        "(`max_tokens`), or because the model's content filter ended it. Else empty.",
    )
    error_code = serializers.CharField()
    charged = serializers.BooleanField(
        help_text="Whether it holds a unit of the allowance. The unit of an answer that fails is "
        "given back, unless the model has worked without a visible result, its content filter "
        "stopped the answer, or too many units of that day were given back already."
    )
    continuation = ContinuationSerializer(
        allow_null=True,
        help_text="Of an answer that was cut off at the limit of its length, and may be continued "
        "or was. Else null.",
    )
    answered_from = AnsweredFromSerializer(
        allow_null=True,
        help_text="Where a stored answer was given and no model was asked (`ANSWER_CACHE`). Else "
        "null. `regenerate` asks the model.",
    )
    follow_ups = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Questions that one may ask next, by a model (`FOLLOW_UPS`), in the language of "
        "the question. Null until it has been asked, a few seconds after the end of the answer.",
    )
    usage = UsageSerializer(allow_null=True)
    citations = CitationSerializer(many=True)
    judged = serializers.ChoiceField(
        Judged.choices,
        help_text="How much of the answer was compared with the board. A part: the answer was too "
        "long, and its other quotations are not in `citations`.",
    )

    def to_representation(self, instance: Reply | ReplyRow) -> dict[str, Any]:
        return _reply(instance, self.context["request"])


def _reply(row: Reply | ReplyRow, request: Request) -> dict[str, Any]:
    return {
        "id": row.pk,
        "user": request_user(request).shown_name,
        "content": row.content,
        "created_at": local(row.created_at),
        "finished_at": row.finished_at and local(row.finished_at),
        "status": row.status,
        "stream_id": row.stream_id,
        "model": row.model,
        "server": label_of(settings.UPSTREAMS, row.server) if row.server else "",
        "finish_reason": row.finish_reason,
        "cut_off": cut_off(row.status, row.finish_reason, row.error_code, row.content),
        "error_code": row.error_code,
        "charged": row.charged_day is not None,
        "continuation": _continuation(row),
        "answered_from": _answered_from(row),
        "follow_ups": row.follow_ups,
        "usage": _usage(row),
        "citations": [_citation(citation, request) for citation in _citations(row)],
        "judged": judged(row.status, row.unjudged),
    }


def _citations(row: Reply | ReplyRow) -> Iterable[Citation | CitationRow]:
    """None while the answer is written: an answer that is continued has those of its beginning."""
    if row.status == Status.STREAMING:
        return ()
    return row.citations if isinstance(row, ReplyRow) else row.citations.all()


def _may_continue(row: Reply | ReplyRow) -> bool:
    return row.may_continue and row.model in settings.CHAT_MODELS


def _continuation(row: Reply | ReplyRow) -> dict[str, Any] | None:
    available = _may_continue(row)
    if not (available or row.continuations):
        return None
    return {
        "available": available,
        "units": settings.CONTINUATION_UNITS,
        "charged": row.continuation_day is not None,
        "error_code": row.continuation_error,
    }


def _answered_from(row: Reply | ReplyRow) -> dict[str, Any] | None:
    if row.answered_from is None:
        return None
    return {"answered_at": local(row.answered_from), "alike": row.answered_alike}


def _usage(reply: Reply | ReplyRow) -> dict[str, int] | None:
    if reply.prompt_tokens is None or reply.completion_tokens is None:
        return None
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }


class ChatSerializer(serializers.Serializer[Chat | ChatRow]):
    id = serializers.IntegerField()
    user = serializers.CharField(help_text=OF_USER)
    content = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(
        help_text="When its answer was begun, or one of several answers was chosen: later than "
        "`created_at` where there are several."
    )
    conversation = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    attachments = AttachmentSerializer(many=True)
    chat_reply = ReplySerializer(allow_null=True)
    links = LinkSerializer(many=True)

    def to_representation(self, instance: Chat | ChatRow) -> dict[str, Any]:
        return chat_body(instance, self.context["request"])


def chat_body(row: Chat | ChatRow, request: Request) -> dict[str, Any]:
    """A chat with its reply, as all endpoints return it."""
    reply = row.chat_reply
    return {
        "id": row.pk,
        "user": request_user(request).shown_name,
        "content": row.content,
        "created_at": local(row.created_at),
        "updated_at": local(row.updated_at),
        "conversation": row.conversation_id,
        "parent": row.parent_id,
        "attachments": _attachments(row, request),
        "chat_reply": reply and _reply(reply, request),
        "links": _chat_links(row, request),
    }


def _attachments(row: Chat | ChatRow, request: Request) -> list[dict[str, Any]]:
    if not row.attachment_count:
        return []
    files = row.attachments if isinstance(row, ChatRow) else row.attachments.all()
    return [attachment_body(one, request) for one in files]


def _chat_links(chat: Chat | ChatRow, request: Request) -> list[Link]:
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
    if chat.chat_reply and _may_continue(chat.chat_reply):
        links.append(link("continue", f"{here}/continue", "POST"))
    return links


class StartedSerializer(serializers.Serializer[Any]):
    """An answer that is being written; follow it at the link `stream`. `stopping`: its user has
    stopped it, and it has not ended yet.
    """

    stream_id = serializers.UUIDField()
    status = serializers.ChoiceField(["started", "stopping"])
    chat = serializers.IntegerField()
    links = LinkSerializer(many=True)


def started_body(reply: Reply, request: Request, *, status: str = "started") -> dict[str, Any]:
    """An answer that is being written, as `StartedSerializer` declares it."""
    here = absolute(request, "chat:stream", reply.stream_id)
    return {
        "stream_id": reply.stream_id,
        "status": status,
        "chat": reply.chat_id,
        "links": [
            link("stream", here),
            link("stop", here, "DELETE"),
            link("chat", absolute(request, "chat:chat", reply.chat_id)),
        ],
    }
