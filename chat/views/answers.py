"""The three ways in which a turn is answered: whole, as a stream of events, or by a promise."""

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from chat import generation, limits, streams
from chat.mirror import mirror
from chat.models import Chat, Reply, Status
from chat.problems import TurnCrashed, TurnInterrupted
from chat.renderers import EventStreamRenderer
from chat.serializers import chat_body
from chat.streams import Live
from chat.turns import Turn
from chat.upstream import UpstreamFailed
from chat.views.base import person
from config.api.links import absolute, link
from config.api.problems import Problem, problem_body
from config.connections import release_connection

# How often the database is looked at for what another process writes and Redis does not have.
POLL_SECONDS, LONGEST_POLL_SECONDS = 0.25, 2.0
ELSEWHERE_SECONDS = 5.0  # after such a pause of another process's text: does it live?
SLOW_READER_SECONDS = 30.0


def answer(request: Request, turn: Turn, *, later: bool = False) -> HttpResponseBase:
    """Answer a turn in the way that the request prefers. Raises the turn's `Problem`."""
    request.standing = turn.standing  # type: ignore[attr-defined]
    if later or "respond-async" in request.headers.get("Prefer", "").lower():
        return _promise(request, turn)
    if isinstance(request.accepted_renderer, EventStreamRenderer):
        return _stream_of(request, turn)
    return _whole(request, turn)


def stream(
    request: Request, reply: Reply, live: Live | None, turn: Turn | None = None
) -> HttpResponseBase:
    """The events of a reply, from the beginning or from `Last-Event-ID` on (also taken as the
    query parameter `last_event_id`). `turn` is the one that this process writes the reply in: its
    end is told without reading what has just been stored.
    """
    after = _last_event_id(request)
    if after is not None and live is None and _has_all(reply, after):
        return Response(status=204)  # tells an EventSource not to come back
    stack = ExitStack()
    stack.enter_context(limits.reading(person(request)))
    stack.enter_context(_impatience(request))
    response = StreamingHttpResponse(
        _Followed(_events(request, reply, live, after, turn), stack),
        content_type="text/event-stream; charset=utf-8",
    )
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


class _Followed:
    """Events whose end, or whose reader's, lets go of what was held for them, begun or not; and at
    once. The view knows its response, so they are part of a cycle: left to Python's collector, they
    would end within whatever other request it runs in, and give back that one's connection.
    """

    def __init__(self, events: Generator[bytes], held: ExitStack) -> None:
        self._events = events
        self._held = held

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        try:
            self._events.close()
        finally:
            self._held.close()


@contextmanager
def _impatience(request: Request) -> Iterator[None]:
    """A reader that takes nothing for so long loses its connection, and may resume."""
    socket = request.META.get("gunicorn.socket")
    if socket:
        socket.settimeout(SLOW_READER_SECONDS)
    try:
        yield
    finally:
        if socket:
            socket.settimeout(None)


def _promise(request: Request, turn: Turn) -> Response:
    if turn.live and turn.is_new:
        generation.spawn(turn)
    here = absolute(request, "chat:stream", turn.reply.stream_id)
    body = {
        "stream_id": turn.reply.stream_id,
        "status": "started",
        "chat": turn.chat.pk,
        "links": [
            link("stream", here),
            link("stop", here, "DELETE"),
            link("chat", absolute(request, "chat:chat", turn.chat.pk)),
        ],
    }
    headers = {"Location": here, "Preference-Applied": "respond-async"}
    return Response(body, status=202, headers=headers)


def _stream_of(request: Request, turn: Turn) -> HttpResponseBase:
    if turn.live and turn.is_new:
        generation.spawn(turn)
    turn.reply.chat = turn.chat
    return stream(request, turn.reply, turn.live, turn if turn.is_new else None)


def _whole(request: Request, turn: Turn) -> Response:
    reply = turn.reply
    if turn.live and turn.is_new:
        generation.generate(turn)
    if not _is_known(turn):  # written, ended or deleted by somebody else, or not stored yet
        _wait(reply, turn.live)
    elif turn.is_new:
        _with_citations(turn)
    turn.chat.chat_reply = reply
    body = chat_body(turn.chat, request)
    if problem := problem_of(reply):
        if isinstance(turn.failure, Problem):  # it knows more, such as when to try again
            problem = turn.failure
        problem.members["chat"] = body
        request.standing = None  # type: ignore[attr-defined]
        raise problem
    headers = {"Location": absolute(request, "chat:chat", turn.chat.pk)}
    if not turn.is_new:
        headers["Idempotency-Replayed"] = "true"
    return Response(body, status=201, headers=headers)


def _is_known(turn: Turn) -> bool:
    """Whether the turn's reply, as this process has it, is how it ended."""
    has_ended = turn.reply.status != Status.STREAMING
    return has_ended and (turn.is_stored or not turn.is_new)


def _with_citations(turn: Turn) -> None:
    """Has a reply that was just stored know its citations without reading them."""
    reply = turn.reply
    stored = turn.cited if reply.status in {Status.DONE, Status.STOPPED} else None
    citations = stored.citations if stored else []
    reply._prefetched_objects_cache = {"citations": citations}  # type: ignore[attr-defined]  # noqa: SLF001


def problem_of(reply: Reply) -> Problem | None:
    """What a stored reply says of its failure; None when it has none."""
    if reply.status == Status.INTERRUPTED:
        return TurnInterrupted()
    if reply.status != Status.FAILED:
        return None
    kinds: list[type[UpstreamFailed]] = [UpstreamFailed, *UpstreamFailed.__subclasses__()]
    by_code = {kind.default_code: kind for kind in kinds}
    return by_code[reply.error_code]() if reply.error_code in by_code else TurnCrashed()


def _wait(reply: Reply, live: Live | None) -> None:
    """Wait for the end of an answer that is being written here or elsewhere."""
    if live:
        release_connection()
        live.wait_for_end()
    for _look in _looks(reply):
        pass


def _looks(reply: Reply) -> Iterator[Reply]:
    """The stored reply as it is now, again and again until its end. Raises Http404 when it has
    been deleted meanwhile. No connection is held between two looks.
    """
    pause = POLL_SECONDS
    while True:
        try:
            reply.refresh_from_db()
        except Reply.DoesNotExist as gone:
            raise Http404 from gone
        finally:
            release_connection()
        yield reply
        if reply.status != Status.STREAMING:
            return
        time.sleep(pause)
        pause = min(LONGEST_POLL_SECONDS, pause * 1.2)


def _events(
    request: Request, reply: Reply, live: Live | None, after: int | None, turn: Turn | None
) -> Generator[bytes]:
    # The end of the view may have taken one, for the fields that tell the allowance. Readers of
    # long answers would soon have them all, and those who write the answers none.
    release_connection()
    if after is None:
        after = 0
        start = {"type": "START", "stream_id": str(reply.stream_id), "chat": reply.chat_id}
        yield streams.event(0, start)
    if live:
        after = yield from streams.chunks(live, after)
    elif mirror and reply.status == Status.STREAMING:
        with mirror.follow(reply.stream_id) as elsewhere:
            if elsewhere:
                after = yield from _chunks_from_elsewhere(reply, elsewhere, after)
    try:
        is_known = turn is not None and _is_known(turn)
        for look in [reply] if is_known else _looks(reply):
            if news := look.written[after:]:
                yield streams.chunk(news, after=after)
                after += len(news)
        last = _last_event(request, reply, turn if is_known else None)
        release_connection()
        yield streams.event(after + 1, last)
    except (Http404, Chat.DoesNotExist):
        yield streams.event(after + 1, {"type": "ERROR", "problem": _gone(request), "chat": None})
    finally:
        release_connection()


def _chunks_from_elsewhere(reply: Reply, live: Live, after: int) -> Generator[bytes, None, int]:
    """As `streams.chunks`, and leaves when the writer's process has died."""
    streaming = Reply.objects.filter(pk=reply.pk, status=Status.STREAMING)
    for text in live.follow(after, patience=ELSEWHERE_SECONDS):
        if text:
            yield streams.chunk(text, after=after)
            after += len(text)
            continue
        yield streams.KEEPALIVE
        try:
            if not streaming.exists():
                break
        finally:
            release_connection()
    return after


def _gone(request: Request) -> dict[str, Any]:
    missing = NotFound()
    return problem_body(request, status=404, detail=str(missing.detail), code="not_found")


def _last_event(request: Request, reply: Reply, turn: Turn | None) -> dict[str, Any]:
    if turn:
        _with_citations(turn)
    chat = turn.chat if turn else Chat.objects.get(pk=reply.chat_id)
    chat.chat_reply = reply
    body = chat_body(chat, request)
    problem = problem_of(reply)
    if problem is None:
        corrections = reply.corrections or []
        end = {"type": "END", "full_content": reply.content, "corrections": corrections}
        return {**end, "chat": body}
    told = problem_body(
        request, status=problem.status_code, detail=str(problem.detail), code=problem.code
    )
    return {"type": "ERROR", "problem": told, "chat": body}


def _has_all(reply: Reply, after: int) -> bool:
    return reply.status != Status.STREAMING and after > len(reply.written)


def _last_event_id(request: Request) -> int | None:
    given = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10):  # noqa: PLR2004
        raise ValidationError({"last_event_id": _("Must be the id of an event of this stream.")})
    return int(given)
