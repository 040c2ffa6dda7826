"""Finding the stored answer to a question: that of the same one, or of a similar one.

The text is the reply's own, as its model wrote it: a reply that is deleted answers nobody any more.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chat.answering.citations import Cited
from chat.models import Citation, Correction, Reply, Status, StoredAnswer
from chat.stored import similar
from chat.stored.keys import Wanted
from config.db.sql import PreparedQuery
from quotes.search.board_version import digests_of


@dataclass(frozen=True, slots=True)
class StoredText:
    """The text of a reply as its model wrote it, what was stored of it with its citations, when
    that was, and the tokens that it took.
    """

    reply_id: int
    text: str
    content: str
    corrections: list[Correction]
    answered_at: datetime
    tokens: int
    is_similar: bool

    def cited_for(self, reply: Reply) -> Cited:
        """The content and the citations, for a reply that repeats it."""
        rows = (dict(zip(_CITATION, row, strict=True)) for row in _CITED.rows(self.reply_id))
        citations = [Citation(reply=reply, **row) for row in rows]
        return Cited(self.content, citations, self.corrections)


@dataclass(slots=True)
class Row:
    """A `StoredAnswer`, and what is needed of its reply."""

    answered_at: datetime | None
    lines: dict[str, str]
    reply_id: int
    stream_id: UUID
    status: str
    heartbeat_at: datetime
    finished_at: datetime | None
    content: str
    corrections: list[Correction] | None
    prompt_tokens: int | None
    completion_tokens: int | None


_OF_REPLY = [field.name for field in fields(Row)][3:]
_COLUMNS = ("answered_at", "lines", "reply_id", *(f"reply__{name}" for name in _OF_REPLY))
_BY_KEY = PreparedQuery(
    lambda key: StoredAnswer.objects.filter(key=key).values_list(*_COLUMNS), parameters=1
)
_BY_REPLY = PreparedQuery(
    lambda reply: StoredAnswer.objects.filter(reply=reply).values_list(*_COLUMNS), parameters=1
)
_CITATION = ("quote_id", "text", "start", "end", "verdict", "match", "difference", "notes")
_CITED = PreparedQuery(
    lambda reply: Citation.objects.filter(reply=reply).values_list(*_CITATION), parameters=1
)


def find(wanted: Wanted) -> StoredText | None:
    """The stored answer to a question, if there is one that may be given."""
    if (row := row_of(wanted)) and (found := text_of(row)):
        return found
    if wanted.takes_similar and (reply := similar.nearest_reply(wanted, since=oldest())):
        row = _first(_BY_REPLY, reply)
        return text_of(row, is_similar=True) if row else None
    return None


def row_of(wanted: Wanted) -> Row | None:
    return _first(_BY_KEY, wanted.key)


def _first(query: PreparedQuery, value: int | str) -> Row | None:
    return next((Row(*row) for row in query.rows(value)), None)


def text_of(row: Row, *, is_similar: bool = False) -> StoredText | None:
    """The answer of a row, if it is there, not too old, and all lines that it used are on the board
    as they were.
    """
    if row.answered_at is None or row.answered_at < oldest():
        return None
    if digests_of([int(line) for line in row.lines]) != row.lines:
        return None
    corrections = row.corrections or []
    written = Reply(status=row.status, content=row.content, corrections=corrections).written
    tokens = (row.prompt_tokens or 0) + (row.completion_tokens or 0)
    return StoredText(
        row.reply_id, written, row.content, corrections, row.answered_at, tokens, is_similar
    )


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
