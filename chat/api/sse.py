"""An answer as server-sent events (WHATWG HTML, 9.2), all named `chunk`: START, CHUNK, and at the
end END or ERROR; before the text maybe REASONING.

A database that fails before the first event fails the request; after it, that is an ERROR without a
chat, with the id of the event before: the answer has not ended, and the reader may resume.

An event's id is the number of characters that a reader has after it: START 0, CHUNK the length so
far, END and ERROR the whole length + 1. So `Last-Event-ID` is the offset at which to resume. START
always means that the text begins: a reader that has more than is left of a lost answer gets another
START, and the text anew.

REASONING has the id of the event before, and only readers in the process that writes the answer get
it: it is stored nowhere, and is not part of the text. Each connection gets it from its beginning.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any

from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request

from chat.api.outputs import chat_body
from chat.live import follow
from chat.live.readers import Reader
from chat.models import Chat, Reply
from chat.turns.errors import problem_of_last
from chat.turns.types import Turn
from config.api.problems import DatabaseUnavailable, Problem, database_unavailable, problem_body
from config.api.renderers import json_line
from config.db.connections import release_connection
from config.db.errors import UNAVAILABLE

LARGEST_EVENT_ID = 999_999_999  # no answer has so many characters
KEEPALIVE = b": keep-alive\n\n"


def encode(number: int, body: dict[str, object]) -> bytes:
    """One event with its id."""
    return b"id: %d\nevent: chunk\ndata: %s\n\n" % (number, json_line(body))


def encode_chunk(text: str, *, after: int) -> bytes:
    """A CHUNK for a reader that has `after` characters."""
    return encode(after + len(text), {"type": "CHUNK", "content": text})


def events(  # noqa: PLR0913 - each is a choice of its own
    request: Request,
    reply: Reply,
    reader: Reader,
    *,
    after: int | None,
    turn: Turn | None,
    problem: Callable[[Reply], Problem | None] = problem_of_last,
) -> Generator[bytes]:
    """The events of a reply, from the START or, for a reader that has `after` characters, from
    there on. `turn` is given where this process writes the reply: its end is then sent without
    reading what was stored just now. `problem` tells how the reply failed, if it did.
    """
    release_connection()  # readers that wait would soon hold all, and leave none to the writers
    if after is None:
        yield _start(reply)
        after = 0
    else:
        yield KEEPALIVE  # sends the headers; text may be long in coming
    is_final = turn.is_final if turn else lambda: False
    try:
        with closing(follow.pieces(reply, reader, after=after, is_final=is_final)) as pieces:
            for piece in pieces:
                reasoning = _reasoning(reader, after)
                yield from reasoning
                if piece or not reasoning:
                    yield encode_chunk(piece, after=after) if piece else KEEPALIVE
                after += len(piece)
        yield from _reasoning(reader, after)
        last = _last_event(request, reply, turn if is_final() else None, problem(reply))
        ended = _ending(reply, last, after)
    except (Reply.DoesNotExist, Chat.DoesNotExist):
        ended = iter([encode(after + 1, _error(request, NotFound(), "not_found"))])
    except UNAVAILABLE as error:
        known = database_unavailable(error) or DatabaseUnavailable()
        ended = iter([encode(after, _error(request, known, known.code))])
    finally:
        release_connection()
    yield from ended


def _reasoning(reader: Reader, after: int) -> list[bytes]:
    """The event of what has been added to the reasoning, if this process writes the answer."""
    live, start = reader.live, reader.thought
    if not live or len(live.reasoning) <= start:
        return []
    content, seconds = live.reasoning[start:], round(live.thinking_seconds(), 1)
    reader.thought += len(content)
    body = {"type": "REASONING", "start": start, "content": content, "seconds": seconds}
    return [encode(after, body)]


def _ending(reply: Reply, last: dict[str, Any], after: int) -> Iterator[bytes]:
    """The last event. A reader that has more than is left of a lost answer gets that text first."""
    written = reply.written
    if after > len(written):
        after = len(written)
        yield _start(reply)
        if written:
            yield encode_chunk(written, after=0)
    yield encode(after + 1, last)


def _start(reply: Reply) -> bytes:
    body = {"type": "START", "stream_id": str(reply.stream_id), "chat": reply.chat_id}
    return encode(0, body)


def _last_event(
    request: Request, reply: Reply, turn: Turn | None, problem: Problem | None
) -> dict[str, Any]:
    chat = turn.chat if turn else Chat.objects.get(pk=reply.chat_id)
    chat.chat_reply = reply
    body = chat_body(chat, request)
    if problem is None:
        corrections = reply.corrections or []
        end = {"type": "END", "full_content": reply.content, "corrections": corrections}
        return {**end, "chat": body}
    detail = str(problem.detail)
    shown = problem_body(request, status=problem.status_code, detail=detail, code=problem.code)
    return {"type": "ERROR", "problem": shown, "chat": body}


def _error(request: Request, problem: APIException, code: str) -> dict[str, Any]:
    """An ERROR that says nothing of the chat."""
    detail = str(problem.detail)
    shown = problem_body(request, status=problem.status_code, detail=detail, code=code)
    return {"type": "ERROR", "problem": shown, "chat": None}
