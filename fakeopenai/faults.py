"""The table of faults, `FAULTS`: for each name a description and the function that plays it.

A fault is chosen by the model (`fake-NAME`) or in the prompt (`[[fault: NAME]]`).
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from fakeopenai import refusals
from fakeopenai.completion import DONE, Completion, event
from fakeopenai.exchange import Exchange
from fakeopenai.record import Record

Play = Callable[[Exchange, Completion, Record], Awaitable[None]]

ELSEWHERE = "/_/elsewhere"
_FOREVER = 24 * 3600.0  # seconds; the client leaves before that


class Fault(NamedTuple):
    description: str
    play: Play


def error_body(
    message: str, *, kind: str, code: str | None = None, param: str | None = None
) -> dict[str, dict[str, str | None]]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


async def answer(exchange: Exchange, completion: Completion, _: Record | None = None) -> None:
    """A correct answer."""
    if completion.is_stream:
        await _send(exchange, completion, completion.frames())
        return
    await asyncio.sleep(completion.delay * max(0, len(completion.pieces) - 1))
    await exchange.send_json(200, completion.as_json())


async def _send(exchange: Exchange, completion: Completion, frames: list[bytes]) -> None:
    await _send_open(exchange, completion, frames[:-1])
    await completion.pause()
    await exchange.send(frames[-1], is_last=True)


async def _send_open(exchange: Exchange, completion: Completion, frames: list[bytes]) -> None:
    await exchange.begin(completion.content_type)
    for number, frame in enumerate(frames):
        if number:
            await completion.pause()
        await exchange.send(frame)


# --- Errors: a status and OpenAI's error body ------------------------------------------------


def refuse(
    status: int, message: str, *, kind: str, code: str | None = None, **headers: str
) -> Play:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def play(exchange: Exchange, _: Completion, __: Record) -> None:
        await exchange.send_json(status, error_body(message, kind=kind, code=code), named)

    return play


def first(times: int, play: Play) -> Play:
    """Plays the fault for `times` requests with the same body, then answers one, and so on."""

    async def play_or_answer(exchange: Exchange, completion: Completion, record: Record) -> None:
        is_due = record.count(exchange.request) % (times + 1) < times
        await (play if is_due else answer)(exchange, completion, record)

    return play_or_answer


def unless_fitting(check: Callable[[dict[str, Any]], refusals.Refusal]) -> Play:
    """Refuses the requests that do not fit, and answers the others."""

    async def play(exchange: Exchange, completion: Completion, _: Record) -> None:
        refusal = check(json.loads(exchange.request.body))
        if refusal:
            await exchange.send_json(*refusal)
        else:
            await answer(exchange, completion)

    return play


async def _redirect(exchange: Exchange, _: Completion, __: Record) -> None:
    host = exchange.request.headers.get("host", "")
    location = {"Location": f"http://{host}{ELSEWHERE}"}
    await exchange.send_whole(307, "text/plain", b"elsewhere", location)


async def _html_502(exchange: Exchange, _: Completion, __: Record) -> None:
    await exchange.send_whole(502, "text/html", b"<html><h1>502 Bad Gateway</h1></html>")


# --- The connection ----------------------------------------------------------------------------


async def _silence(_: Exchange, __: Completion, ___: Record) -> None:
    await asyncio.sleep(_FOREVER)


async def _silence_after_head(exchange: Exchange, completion: Completion, _: Record) -> None:
    await exchange.begin(completion.content_type)
    await asyncio.sleep(_FOREVER)


async def _stall(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send_open(exchange, completion, _half(completion))
    await asyncio.sleep(_FOREVER)


async def _reset(exchange: Exchange, _: Completion, __: Record) -> None:
    exchange.reset()


async def _close(exchange: Exchange, _: Completion, __: Record) -> None:
    exchange.cut()


async def _die(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send_open(exchange, completion, _half(completion))
    exchange.cut()


async def _die_by_reset(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send_open(exchange, completion, _half(completion))
    # A reset discards what the client has not read yet.
    await asyncio.sleep(0.05)
    exchange.reset()


def _half(completion: Completion) -> list[bytes]:
    frames = completion.frames()
    return frames[: max(1, len(frames) // 2)]


# --- Not the protocol --------------------------------------------------------------------------


async def _not_http(exchange: Exchange, _: Completion, __: Record) -> None:
    await exchange.send_raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    exchange.cut()


async def _page(exchange: Exchange, _: Completion, __: Record) -> None:
    await exchange.send_whole(200, "text/html", b"<html><h1>Welcome</h1></html>")


async def _broken_json(exchange: Exchange, _: Completion, __: Record) -> None:
    await exchange.send_whole(200, "application/json", b'{"choices": [{"message": {"con')


async def _other_json(exchange: Exchange, _: Completion, __: Record) -> None:
    await exchange.send_json(200, ["no", "completion"])


async def _broken_framing(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send_open(exchange, completion, _half(completion))
    await exchange.send_raw(b"this is no chunk size\r\n")
    exchange.cut()


def _then(*added: bytes) -> Play:
    """Sends half of the answer, then the added parts, and ends the body correctly."""

    async def play(exchange: Exchange, completion: Completion, _: Record) -> None:
        await _send(exchange, completion, [*_half(completion), *added])

    return play


_GARBAGE = b"data: {not json\n\n"
_OTHER_ERROR = event({"object": "error", "message": "The engine is dead.", "code": 500})
_ERROR = event(error_body("The server had an error.", kind="server_error", code="server_error"))


async def _error_first(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send(exchange, completion, [_ERROR])


# --- Odd ends ----------------------------------------------------------------------------------


async def _filtered(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, replace(completion, finish_reason="content_filter"))


async def _aborted(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, replace(completion, finish_reason="abort"))


async def _thinking(exchange: Exchange, completion: Completion, _: Record) -> None:
    aloud = ("<thi", "nk>\n", "Hm. ", "</think>", "\n\n", *completion.pieces)
    await answer(exchange, replace(completion, pieces=aloud))


async def _length(exchange: Exchange, completion: Completion, _: Record) -> None:
    half = completion.pieces[: max(1, len(completion.pieces) // 2)]
    await answer(exchange, replace(completion, pieces=half, finish_reason="length"))


async def _empty(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, replace(completion, pieces=()))


async def _blank(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, replace(completion, pieces=(" ", "\n")))


async def _reasoning(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(
        exchange, replace(completion, pieces=(), reasoning=completion.pieces, has_usage=False)
    )


async def _counted(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, replace(completion, pieces=(), completion_tokens=64))


async def _no_usage(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, replace(completion, has_usage=False))


async def _json(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, replace(completion, is_stream=False))


# --- The same answer in other bytes --------------------------------------------------------------


def rewritten(old: bytes, by: bytes) -> Play:
    async def play(exchange: Exchange, completion: Completion, _: Record) -> None:
        frames = [frame.replace(old, by) for frame in completion.frames()]
        await _send(exchange, completion, frames)

    return play


def in_packets(of: Callable[[bytes], Iterator[bytes]], pause: float) -> Play:
    """The same bytes in other packets. The pause after each one, in seconds, keeps them apart."""

    async def play(exchange: Exchange, completion: Completion, _: Record) -> None:
        await exchange.begin(completion.content_type)
        for frame in completion.frames():
            for part in of(frame):
                await exchange.send(part)
                await asyncio.sleep(pause)
        await exchange.send_raw(b"0\r\n\r\n")

    return play


def _single_bytes(frame: bytes) -> Iterator[bytes]:
    return (frame[at : at + 1] for at in range(len(frame)))


def _half_characters(frame: bytes) -> Iterator[bytes]:
    """Splits after the first byte of every character that has several."""
    return (part for part in re.split(rb"(?<=[\xc2-\xf4])", frame) if part)


_SERVER_ERROR = refuse(500, "The server had an error.", kind="server_error")
_BUSY = "Rate limit reached for requests."
_EVENT = b'data: {"id"'  # cannot occur in a piece, where quotation marks are escaped

FAULTS: dict[str, Fault] = {
    "401": Fault(
        "401: the key is not accepted",
        refuse(401, "Incorrect API key.", kind="invalid_request_error", code="invalid_api_key"),
    ),
    "403": Fault(
        "403: the key may not do this",
        refuse(403, "You may not use this model.", kind="permission_error"),
    ),
    "404": Fault(
        "404: no such model",
        refuse(
            404,
            "The model does not exist.",
            kind="invalid_request_error",
            code="model_not_found",
        ),
    ),
    "400": Fault(
        "400: a parameter that the server refuses",
        refuse(400, "Unsupported parameter.", kind="invalid_request_error"),
    ),
    "context": Fault(
        "400: the context is too long",
        refuse(
            400,
            "This model's maximum context length is 4096 tokens.",
            kind="invalid_request_error",
            code="context_length_exceeded",
        ),
    ),
    "new-names": Fault(
        "400 for max_tokens and temperature, as reasoning models refuse them",
        unless_fitting(refusals.reasoning_model),
    ),
    "strict": Fault(
        "422 for temperature and stream_options, which it does not know",
        unless_fitting(refusals.strict),
    ),
    "short-context": Fault(
        f"400 for more than {refusals.MOST_MESSAGES} messages: the context is too long",
        unless_fitting(refusals.short_context),
    ),
    "filter-400": Fault(
        "400: the content filter refuses the question",
        refuse(
            400,
            "The prompt triggered the content management policy.",
            kind="invalid_request_error",
            code="content_filter",
        ),
    ),
    "429": Fault(
        "429 with Retry-After: 30, which is too long to wait for",
        refuse(429, _BUSY, kind="requests", code="rate_limit_exceeded", Retry_After="30"),
    ),
    "429-once": Fault(
        "429 with Retry-After: 1 once, then an answer",
        first(1, refuse(429, _BUSY, kind="requests", Retry_After="1")),
    ),
    "429-twice": Fault(
        "429 without Retry-After twice, then an answer",
        first(2, refuse(429, _BUSY, kind="requests")),
    ),
    "429-spent": Fault(
        "429: the quota is spent, so a retry is no use",
        refuse(
            429, "You exceeded your quota.", kind="insufficient_quota", code="insufficient_quota"
        ),
    ),
    "500": Fault("500, always", _SERVER_ERROR),
    "500-once": Fault("500 once, then an answer", first(1, _SERVER_ERROR)),
    "502": Fault("502 with a proxy's page", _html_502),
    "503": Fault("503: overloaded", refuse(503, "The engine is overloaded.", kind="overloaded")),
    "redirect": Fault(f"307 to {ELSEWHERE}, which the client must not follow", _redirect),
    "timeout": Fault("no response, ever", _silence),
    "timeout-body": Fault("a head, then nothing", _silence_after_head),
    "stall": Fault("half of the answer, then nothing", _stall),
    "reset": Fault("the connection is reset before the head", _reset),
    "reset-once": Fault("the connection is reset once, then an answer", first(1, _reset)),
    "close": Fault("the connection is closed before the head", _close),
    "die": Fault("the connection is closed in the middle of the answer", _die),
    "die-reset": Fault("the connection is reset in the middle of the answer", _die_by_reset),
    "cut": Fault(
        "half of the answer, correctly ended, without finish_reason or [DONE]",
        _then(b"\n"),
    ),
    "not-http": Fault("something that is not HTTP", _not_http),
    "html": Fault("200 with a web page", _page),
    "malformed": Fault("200 with half a JSON body", _broken_json),
    "other-json": Fault("200 with JSON that is not a completion", _other_json),
    "framing": Fault("a chunk with an invalid size, after half of the answer", _broken_framing),
    "garbage": Fault("an event that is not JSON, after half of the answer", _then(_GARBAGE)),
    "error-event": Fault("an error event after half of the answer", _then(_ERROR)),
    "error-object": Fault(
        "an error event of another shape after half of the answer, then [DONE]",
        _then(_OTHER_ERROR + DONE),
    ),
    "error-first": Fault("200 and an error event", _error_first),
    "filter": Fault("an answer that ends with finish_reason content_filter", _filtered),
    "abort": Fault("an answer that ends with finish_reason abort", _aborted),
    "empty": Fault("an answer without text", _empty),
    "blank": Fault("an answer of white space", _blank),
    "unseen": Fault("reasoning without any text, and no usage", _reasoning),
    "counted": Fault("an answer without text that cost 64 tokens", _counted),
    "length": Fault("half of the answer, finish_reason length", _length),
    "stops": Fault("finish_reason stop in every chunk", rewritten(b"null}]", b'"stop"}]')),
    "think": Fault("reasoning between tags before the answer", _thinking),
    "no-done": Fault("finish_reason, but no [DONE]", rewritten(b"data: [DONE]\n\n", b"")),
    "no-finish": Fault("[DONE], but no finish_reason", rewritten(b'"stop"', b"null")),
    "no-usage": Fault("no usage, although it was asked for", _no_usage),
    "json": Fault("one JSON body, although a stream was asked for", _json),
    "crlf": Fault("lines that end with CR LF", rewritten(b"\n", b"\r\n")),
    "cr": Fault("lines that end with CR", rewritten(b"\n", b"\r")),
    "comments": Fault(
        "comments, keep-alives and other fields between the events",
        rewritten(_EVENT, b": keep-alive\n\n:\nevent: message\nid: 7\nretry: 10\n" + _EVENT),
    ),
    "halves": Fault("half a UTF-8 character in each packet", in_packets(_half_characters, 0.002)),
    "bytes": Fault("one byte in each packet", in_packets(_single_bytes, 0.0)),
}
