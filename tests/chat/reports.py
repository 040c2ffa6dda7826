"""A marked answer, for tests of reports."""

from typing import Any

from accounts.models import User
from chat.models import Chat, Citation, Conversation, MarkReport, Reply, Status
from quotes.models import Quote

BEFORE, WORDS, AFTER = (
    "Private first words. " * 9,
    "To be or not to bee",
    " private last words." * 9,
)


def marked(user: User, quote: Quote | None = None, **fields: Any) -> Citation:
    """A citation in an answer of the user's."""
    conversation = Conversation.objects.create(user=user, title="Private title")
    chat = Chat.objects.create(user=user, conversation=conversation, content="Private question?")
    content = BEFORE + WORDS + AFTER
    reply = Reply.objects.create(
        user=user, chat=chat, status=Status.DONE, model="m", content=content
    )
    start = len(BEFORE)
    values = {"text": WORDS, "start": start, "end": start + len(WORDS), "verdict": "altered"}
    return Citation.objects.create(reply=reply, quote=quote, **{**values, **fields})


def path_of(citation: Citation) -> str:
    return f"/chat/{citation.reply.chat_id}/mark-reports"


def body_of(citation: Citation, **fields: Any) -> dict[str, Any]:
    place = {"start": citation.start, "end": citation.end, "quote": citation.quote_id}
    return {"reply": citation.reply_id, **place, "reason": "verdict", **fields}


def reported(user: User, quote: Quote | None = None, **fields: Any) -> MarkReport:
    values = {"before": BEFORE[-80:], "after": AFTER[:80], "reason": "verdict", **fields}
    return MarkReport.objects.create(user=user, citation=marked(user, quote), **values)
