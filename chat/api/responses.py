"""The three ways to respond with a turn: the whole answer, a stream of events, or 202 with the link
to its stream.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.sessions import access_id
from chat.api import sse
from chat.api.outputs import chat_body, started_body
from chat.api.renderers import EventStreamRenderer
from chat.live import follow
from chat.live.readers import Reader, reading
from chat.live.streams import Live
from chat.models import Reply, Status
from chat.turns import generate
from chat.turns.errors import problem_of, problem_of_last
from chat.turns.types import Turn
from config.api.links import absolute
from config.api.names import refuse_misspelled
from config.api.preferences import preferences
from config.api.problems import Problem
from config.api.users import request_user
from config.db.connections import release_connection

WRITE_TIMEOUT_SECONDS = 30.0


def respond(request: Request, turn: Turn, *, later: bool = False) -> HttpResponseBase:
    """Respond with a turn in the way that the request prefers. Raises the turn's `Problem`."""
    request.quota_status = turn.quota  # type: ignore[attr-defined]
    if later or preferences(request.headers.get("Prefer", "")).get("respond-async") == "":
        return _accepted(request, turn)
    if isinstance(request.accepted_renderer, EventStreamRenderer):
        generate.spawn(turn)
        turn.reply.chat = turn.chat
        return stream(request, turn.reply, turn.live, turn)
    return _whole(request, turn)


def stream(
    request: Request, reply: Reply, live: Live | None, turn: Turn | None = None
) -> HttpResponseBase:
    """The events of a reply, from the beginning or from `Last-Event-ID` on (or the query parameter
    `last_event_id`); 204 when the answer is whole and the reader has all of it. `turn` is the one
    that the request has begun; the failure of a later continuation does not count as its end.
    """
    after = _last_event_id(request)
    if after is not None and live is None and _has_all(reply, after):
        return Response(status=204)  # has an EventSource not reconnect
    stack = ExitStack()
    opened = reading(request_user(request), live, access_id=access_id(request))
    reader = stack.enter_context(opened)
    stack.enter_context(_write_timeout(request))
    problem = problem_of if turn and not turn.continues else problem_of_last
    writer = turn if turn and turn.is_new else None
    events = sse.events(request, reply, reader, after=after, turn=writer, problem=problem)
    body = _StreamBody(events, reader, stack)
    response = StreamingHttpResponse(body, content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-cache, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


class _StreamBody:
    """Events that end when the reader is dismissed, and whose `close` releases what they hold, even
    where none was read.

    The view refers to its response, so that they are part of a reference cycle. Left to Python's
    collector, they would be closed in the course of another request and release that request's
    database connection.
    """

    def __init__(self, events: Generator[bytes], reader: Reader, resources: ExitStack) -> None:
        """Makes the first event, so that what fails before it is an ordinary response: the server
        sends no header before the first event anyway.
        """
        self._events = events
        self._reader = reader
        self._resources = resources
        try:
            self._first = next(events, None)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        release_connection()  # which the view took for the headers that show the allowance
        for event in chain([self._first], self._events) if self._first else ():
            if self._reader.is_dismissed:
                return
            yield event

    def close(self) -> None:
        try:
            self._events.close()
        finally:
            self._resources.close()


@contextmanager
def _write_timeout(request: Request) -> Iterator[None]:
    """Close the connection of a reader that takes nothing for so long; it may resume."""
    socket = request.META.get("gunicorn.socket")
    if socket:
        socket.settimeout(WRITE_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        if socket:
            socket.settimeout(None)


def _accepted(request: Request, turn: Turn) -> Response:
    generate.spawn(turn)
    body = started_body(turn.reply, request)
    location = absolute(request, "chat:stream", turn.reply.stream_id)
    headers = {"Location": location, "Preference-Applied": "respond-async"}
    return Response(body, status=202, headers=headers)


def _whole(request: Request, turn: Turn) -> Response:
    held = turn.reply.charged_day
    generate.generate(turn)
    if not turn.is_final():
        _wait(turn)
    turn.chat.chat_reply = turn.reply
    body = chat_body(turn.chat, request)
    if problem := (problem_of_last if turn.continues else problem_of)(turn.reply):
        if isinstance(turn.failure, Problem):  # it has more headers, such as Retry-After
            problem = turn.failure
        problem.members["chat"] = body
        request.quota_status = None  # type: ignore[attr-defined]
        raise problem
    if turn.reply.charged_day != held:  # its unit was given back, so the allowance is read anew
        request.quota_status = None  # type: ignore[attr-defined]
    headers = {} if turn.is_new else {"Idempotency-Replayed": "true"}
    if turn.continues:
        return Response(body, headers=headers)
    headers["Location"] = absolute(request, "chat:chat", turn.chat.pk)
    return Response(body, status=201, headers=headers)


def _wait(turn: Turn) -> None:
    try:
        follow.wait_for_end(turn.reply, turn.live)
    except Reply.DoesNotExist as deleted:
        raise Http404 from deleted


def _has_all(reply: Reply, after: int) -> bool:
    """Whether the reader has the whole answer. Where an answer or its continuation failed, an id
    beyond the text may be that of the ERROR, or show that the reader has text that was lost.
    """
    is_whole = reply.status in {Status.DONE, Status.STOPPED, Status.IMPORTED}
    return is_whole and not reply.continuation_error and after == len(reply.written) + 1


def _last_event_id(request: Request) -> int | None:
    refuse_misspelled(request.query_params, ["last_event_id"])
    given = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id")
    if not given:
        return None
    longest = len(str(sse.LARGEST_EVENT_ID))
    if not (given.isascii() and given.isdigit() and len(given) <= longest):
        raise ValidationError({"last_event_id": _("Must be the id of an event of this stream.")})
    return int(given)
