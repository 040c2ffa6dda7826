"""A conversation as a Markdown document, with the verdicts on its quotations."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, pairwise

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from chat.history.markdown import plain, plain_line, quoted, without_html
from chat.models import (
    Chat,
    Citation,
    Conversation,
    CutOff,
    Judged,
    Reply,
    Status,
    Verdict,
    cut_off,
    shown_verdict,
)
from config.api.times import local
from config.batches import paced
from config.db.connections import release_connection
from quotes.columns import NAMES

CHATS_PER_QUERY = 50  # in memory at once

_SIGNS = {
    Verdict.VERBATIM: "✓",
    Verdict.SAME_WORDS: "≈",
    Verdict.EXCERPT: "✓",
    Verdict.ALTERED: "≠",
    Verdict.UNKNOWN: "?",
}


def export(conversation: Conversation, *, language: str) -> Iterator[str]:
    """The document in pieces: the head, then each chat with its shown reply, oldest first. No
    database connection is held between two pieces.
    """
    chats = paced(_all_chats(conversation))
    first = next(chats, None)  # before the head, so that a database that is away is found at once
    with override(language):
        head = _head(conversation)
    release_connection()
    yield head
    for chat in chain([first], chats) if first else ():
        with override(language):
            piece = _chat(chat)
        yield piece
    release_connection()


def _all_chats(conversation: Conversation) -> Iterator[Chat]:
    last = 0
    while chats := _chats(conversation, after=last):
        release_connection()
        yield from chats
        if len(chats) < CHATS_PER_QUERY:
            return
        last = chats[-1].pk


def _chats(conversation: Conversation, *, after: int) -> list[Chat]:
    cited = Citation.objects.select_related("quote").only(
        *("reply", "text", "verdict", "match", "difference", "notes"),
        *(f"quote__{name}" for name in ("content", *NAMES, "is_apply")),
    )
    chats = Chat.objects.filter(conversation=conversation, pk__gt=after).order_by("pk")
    prefetch = Prefetch("chat_reply__citations", cited)
    return list(chats.select_related("chat_reply").prefetch_related(prefetch)[:CHATS_PER_QUERY])


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
        *_files(chat),
        *(_reply(chat.chat_reply) if chat.chat_reply else ()),
    ]
    return "".join(f"\n{part}\n" for part in parts)


def _files(chat: Chat) -> Iterator[str]:
    """The names of the files that went with the question."""
    if chat.attachment_count:
        names = ", ".join(plain_line(one.name) for one in chat.attachments.all())
        attached = _("Files: %(names)s") % {"names": names}
        yield f"*{attached}*"


def _reply(reply: Reply) -> Iterator[str]:
    answered = _("Answer")
    yield f"**{answered}** · {plain_line(reply.model)}"
    if reply.content:
        yield quoted(without_html(reply.content))
    if ending := _ending(reply):
        yield f"*{ending}*"
    if reply.answered_from:
        yield f"*{_answered_before(reply.answered_from, alike=reply.answered_alike)}*"
    if citations := list(reply.citations.all()):
        quotations = _("Quotations")
        rows = "\n".join(f"{n}. {_citation(one)}" for n, one in enumerate(citations, start=1))
        yield f"**{quotations}**\n\n{rows}"
    if reply.unjudged:
        yield f"*{_unjudged(reply.judged)}*"


def _ending(reply: Reply) -> str:
    """Nothing for a complete answer."""
    if reason := cut_off(reply.status, reply.finish_reason, reply.error_code, reply.content):
        return str(CutOff(reason).label)
    complete = {Status.DONE, Status.IMPORTED}
    return "" if reply.status in complete else str(Status(reply.status).label)


def _answered_before(moment: datetime, *, alike: bool) -> str:
    """Of a stored answer: when it was written."""
    if alike:
        said = _("This is the answer to a similar question, of %(time)s.")
    else:
        said = _("Answered before, on %(time)s.")
    return said % {"time": _time(moment)}


def _unjudged(judged: Judged) -> str:
    if judged == Judged.PART:
        return _("Not all of its quotations were compared with the board.")
    return _("Its quotations were not compared with the board.")


def _citation(citation: Citation) -> str:
    verdict = Verdict(shown_verdict(citation.verdict, citation.match))
    verdict_line = f"{_SIGNS[verdict]} {verdict.label}: “{plain_line(_words(citation))}”"
    differs = _differs(citation) if verdict == Verdict.SAME_WORDS else ""
    rest = [differs, _board(citation, verdict), *map(note_text, citation.notes)]
    return " · ".join(filter(None, [verdict_line, *rest]))


def _words(citation: Citation) -> str:
    """The quoted words without block quote markers."""
    return "\n".join(line.lstrip("> ") for line in citation.text.split("\n"))


def _differs(citation: Citation) -> str:
    """The words of the answer that have other marks, spaces or case than the board's."""
    parts = [(kind, plain_line(text)) for kind, text in citation.difference]
    pairs = [
        _("“%(ours)s” for “%(theirs)s”") % {"ours": added, "theirs": missing}
        for (kind, missing), (other, added) in pairwise(parts)
        if (kind, other) == ("missing", "added")
    ]
    return _("differs: %(pairs)s") % {"pairs": ", ".join(pairs)} if pairs else ""


def _board(citation: Citation, verdict: Verdict) -> str:
    """The line's speaker and source, and its text where the answer does not have it word for word.
    A line that was withdrawn meanwhile is not shown.
    """
    quote = citation.quote
    if verdict == Verdict.UNKNOWN:
        return ""
    if quote is None or not quote.is_apply:
        return _("no longer on the board")
    by = ", ".join(filter(None, map(plain_line, quote.names)))
    if verdict == Verdict.VERBATIM:
        return by
    line = _("on the board: “%(line)s”") % {"line": plain_line(quote.content)}
    return f"{line} — {by}" if by else line


def note_text(note: str) -> str:
    """What a note of a citation says; "" for one that is not known."""
    return {
        "wrong_speaker": _("the answer names another speaker"),
        "wrong_id": _("the answer names another line's number"),
        "negation_left_out": _("the left-out part contains a negation"),
        "look_alike": _("letters that look the same but are different ones, or hidden marks"),
        "told_as_wrong": _("the answer itself calls this wording wrong"),
        "repaired": _("the answer had other words, which were replaced"),
        "unquoted": _("the answer had it in quotation marks"),
    }.get(note, "")


def _time(moment: datetime) -> str:
    return date_format(local(moment), "Y-m-d H:i T")
