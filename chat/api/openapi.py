"""Headers, responses and examples of questions in the OpenAPI document."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from chat.api.outputs import ChatSerializer, StartedSerializer
from chat.api.sse import LARGEST_EVENT_ID
from config.api.idempotency import LONGEST_KEY
from config.api.problem_docs import problems

EVENTS = OpenApiResponse(
    OpenApiTypes.STR,
    description="Server-sent events named `chunk`, whose data is JSON: `START`, `CHUNK`, and at "
    "the end `END` or `ERROR`. Of models that reason, `REASONING` may come before the text: the "
    "code points of the reasoning from `start` on, and the `seconds` that it has taken so far. It "
    "is no part of the answer, is not stored, and may be missing from a resumed stream. The chunks "
    "are the text as the model wrote it. `full_content` of END is the stored text, and "
    "`corrections` are the differences: each has the code points `start` to `end` of the streamed "
    "text, their text `from`, and the text `to` that replaces it (QUOTE_POLICY).",
    examples=[
        OpenApiExample(
            "A short answer",
            value='id: 0\nevent: chunk\ndata: {"type":"START","stream_id":"…","chat":1}\n\n'
            'id: 5\nevent: chunk\ndata: {"type":"CHUNK","content":"Hello"}\n\n'
            'id: 6\nevent: chunk\ndata: {"type":"END","full_content":"Hello",'
            '"corrections":[],"chat":{}}\n\n',
        )
    ],
)

EVENT_ID = {"type": "integer", "minimum": 0, "maximum": LARGEST_EVENT_ID}

ASK_HEADERS = [
    OpenApiParameter(
        "Idempotency-Key",
        # Of printable ASCII, with or without quotes around it.
        {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY + 2, "pattern": "^[ -~]+$"},
        OpenApiParameter.HEADER,
        description="Makes a retry safe for 24 hours: the same key and body ask and charge once.",
    ),
    OpenApiParameter(
        "Prefer",
        str,
        OpenApiParameter.HEADER,
        description="`respond-async`: answer 202 at once, with the link to the stream.",
    ),
]

ASK_PROBLEMS = problems(
    _409="reply_in_progress",
    _422="idempotency_key_reused, upstream_context_too_long, upstream_content_filter",
    _429="quota_exhausted, site_limit_reached, too_many_streams",
    _500="internal",
    _502="upstream_failed",
    _504="upstream_timeout",
)

ASK_RESPONSES = {
    (201, "application/json"): ChatSerializer,
    (200, "text/event-stream"): EVENTS,
    (202, "application/json"): StartedSerializer,
    **ASK_PROBLEMS,
}

CONTINUE_RESPONSES = {
    (200, "application/json"): ChatSerializer,
    (200, "text/event-stream"): EVENTS,
    (202, "application/json"): StartedSerializer,
    **ASK_PROBLEMS,
    **problems(
        _409="not_cut_off, already_continued, reply_not_shown, answer_followed, model_not_offered, "
        "reply_in_progress"
    ),
}

ASK = OpenApiExample(
    "A question", value={"content": "Who said that brevity is the soul of wit?"}, request_only=True
)

_LINKS = [
    {"rel": "self", "href": "https://daesa.example/chat/1", "method": "GET"},
    {"rel": "delete", "href": "https://daesa.example/chat/1", "method": "DELETE"},
]

CHAT_EXAMPLE = OpenApiExample(
    "An answered question",
    response_only=True,
    status_codes=["200", "201"],
    media_type="application/json",
    value={
        "id": 1,
        "user": "a@example.com",
        "content": "Who said that brevity is the soul of wit?",
        "created_at": "2026-03-01T09:00:00+09:00",
        "updated_at": "2026-03-01T09:00:00+09:00",
        "conversation": 1,
        "parent": None,
        "chat_reply": {
            "id": 2,
            "user": "a@example.com",
            "content": "Polonius, in Hamlet: “Brevity is the soul of wit.”",
            "created_at": "2026-03-01T09:00:00+09:00",
            "finished_at": "2026-03-01T09:00:02+09:00",
            "status": "done",
            "stream_id": "8a2ae5ad-0b0f-4c5e-9c4c-0f3a4c1f3a55",
            "model": "gpt-4o-mini",
            "finish_reason": "stop",
            "cut_off": "",
            "error_code": "",
            "charged": True,
            "continuation": None,
            "answered_from": None,
            "usage": {"prompt_tokens": 10, "completion_tokens": 15, "total_tokens": 25},
            "citations": [
                {
                    "quote": 7,
                    "text": "Brevity is the soul of wit.",
                    "start": 22,
                    "end": 49,
                    "verdict": "verbatim",
                    "match": "exact",
                    "difference": [],
                    "notes": [],
                    "links": [
                        {
                            "rel": "quote",
                            "href": "https://daesa.example/quote/7",
                            "method": "GET",
                        }
                    ],
                }
            ],
        },
        "links": _LINKS,
    },
)
