"""A conversation as a Markdown document, with what the judging says of its quotations."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from chat.markdown import plain, plain_line, quoted, without_html
from chat.models import Chat, Citation, Conversation, Reply, Status, Verdict
from config.api.times import local
from config.connections import release_connection

AT_ONCE = 50  # chats that are in memory

_SIGNS = {
    Verdict.VERBATIM: "✓",
    Verdict.EXCERPT: "✓",
    Verdict.ALTERED: "≠",
    Verdict.UNKNOWN: "✗",
}


def export(conversation: Conversation, *, language: str) -> Iterator[str]:
    """The document in pieces: the head, then each chat with its shown reply, oldest first. No
    database connection is held between them.
    """
    with override(language):
        head = _head(conversation)
    release_connection()
    yield head
    last = 0
    while chats := _chats(conversation, after=last):
        release_connection()
        with override(language):
            piece = "".join(map(_chat, chats))
        yield piece
        last = chats[-1].pk
    release_connection()


def _chats(conversation: Conversation, *, after: int) -> list[Chat]:
    cited = Citation.objects.select_related("quote").only(
        *("reply", "text", "verdict", "notes"),
        *("quote__content", "quote__speaker", "quote__source", "quote__is_apply"),
    )
    chats = Chat.objects.filter(conversation=conversation, pk__gt=after).order_by("pk")
    prefetch = Prefetch("chat_reply__citations", cited)
    return list(chats.select_related("chat_reply").prefetch_related(prefetch)[:AT_ONCE])


def _head(conversation: Conversation) -> str:
    title = plain_line(conversation.title) or _("Untitled")
    about = _("Exported from Daesa on %(time)s.") % {"time": _time(timezone.now())}
    return f"# {title}\n\n{about}\n"


def _chat(chat: Chat) -> str:
    asked = _("Question")
    parts = [
        "---",
        f"**{asked}** · {_time(chat.created_at)}",
        quoted(plain(chat.content)),
        *(_reply(chat.chat_reply) if chat.chat_reply else ()),
    ]
    return "".join(f"\n{part}\n" for part in parts)


def _reply(reply: Reply) -> Iterator[str]:
    answered = _("Answer")
    yield f"**{answered}** · {plain_line(reply.model)}"
    if reply.content:
        yield quoted(without_html(reply.content))
    if reply.status != Status.DONE:
        yield f"*{Status(reply.status).label}*"
    if citations := list(reply.citations.all()):
        quotations = _("Quotations")
        rows = "\n".join(f"{n}. {_citation(one)}" for n, one in enumerate(citations, start=1))
        yield f"**{quotations}**\n\n{rows}"


def _citation(citation: Citation) -> str:
    verdict = Verdict(citation.verdict)
    told = f"{_SIGNS[verdict]} {verdict.label}: “{plain_line(_words(citation))}”"
    rest = [_board(citation), *(_note(note) for note in citation.notes)]
    return " · ".join(filter(None, [told, *rest]))


def _words(citation: Citation) -> str:
    """The quoted words without the marks of a block quote."""
    return "\n".join(line.lstrip("> ") for line in citation.text.split("\n"))


def _board(citation: Citation) -> str:
    """Whose the line is, and how it goes where that is not said already. What has left the board
    meanwhile is not shown.
    """
    quote = citation.quote
    if citation.verdict == Verdict.UNKNOWN:
        return ""
    if quote is None or not quote.is_apply:
        return _("no longer on the board")
    by = ", ".join(filter(None, map(plain_line, [quote.speaker, quote.source])))
    if citation.verdict == Verdict.VERBATIM:
        return by
    line = _("on the board: “%(line)s”") % {"line": plain_line(quote.content)}
    return f"{line} — {by}" if by else line


def _note(note: str) -> str:
    return {
        "wrong_speaker": _("the answer names another speaker"),
        "wrong_id": _("the answer names another line's number"),
        "repaired": _("the answer had other words, which were replaced"),
        "unquoted": _("the answer had it in quotation marks"),
    }.get(note, "")


def _time(moment: datetime) -> str:
    return date_format(local(moment), "Y-m-d H:i")
