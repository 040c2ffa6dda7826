"""Finding the stored answer to a question: that of the same one, or of a similar one.

The text is the reply's own, as its model wrote it: a reply that is deleted answers nobody any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Reply, Status, StoredAnswer
from chat.stored import similar
from chat.stored.keys import Wanted
from quotes.search.board_version import are_all_applied

_OF_REPLY = ("status", "content", "corrections", "prompt_tokens", "completion_tokens")
_LOADED = (
    *("key", "answered_at", "lines", "reply_id", "reply__stream_id"),
    *("reply__heartbeat_at", "reply__finished_at"),
    *(f"reply__{name}" for name in _OF_REPLY),
)


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text that answers a question, when it was written, and the tokens that it took."""

    text: str
    answered_at: datetime
    tokens: int
    is_similar: bool = False


def find(wanted: Wanted) -> StoredText | None:
    """The stored answer to a question, if there is one that may be given."""
    if (row := row_of(wanted.key)) and (found := text_of(row)):
        return found
    if wanted.takes_similar and (reply := similar.nearest_reply(wanted, since=oldest())):
        row = _rows().filter(reply=reply).first()
        return text_of(row, is_similar=True) if row else None
    return None


def row_of(key: str) -> StoredAnswer | None:
    return _rows().filter(key=key).first()


def text_of(row: StoredAnswer, *, is_similar: bool = False) -> StoredText | None:
    """The answer of a row, if it is there, not too old, and all lines that it used are still on
    the board.
    """
    if row.answered_at is None or row.answered_at < oldest() or not are_all_applied(row.lines):
        return None
    return StoredText(row.reply.written, row.answered_at, _tokens(row.reply), is_similar)


def oldest() -> datetime:
    """Answers from before this time are too old."""
    return timezone.now() - timedelta(days=settings.ANSWER_CACHE_DAYS)


def expired(now: datetime) -> QuerySet[StoredAnswer]:
    """The rows that answer nobody any more: all of them where stored answers are off."""
    if not settings.ANSWER_CACHE:
        return StoredAnswer.objects.all()
    return StoredAnswer.objects.filter(
        created_at__lt=now - timedelta(days=settings.ANSWER_CACHE_DAYS)
    )


def is_whole(reply: Reply) -> bool:
    """Whether a reply is one to give again: ended by its model, complete and judged."""
    ended = reply.status == Status.DONE and reply.finish_reason == "stop"
    return ended and not reply.unjudged and bool(reply.content.strip())


def _rows() -> QuerySet[StoredAnswer]:
    return StoredAnswer.objects.select_related("reply").only(*_LOADED)


def _tokens(reply: Reply) -> int:
    return (reply.prompt_tokens or 0) + (reply.completion_tokens or 0)
