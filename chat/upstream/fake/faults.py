"""The one table of faults: FAULTS maps each name to what happens and to the function that plays it.

A fault is chosen by the model (`fake-NAME`) or in the prompt (`[[fault: NAME]]`).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple

from chat.upstream.fake.completion import Completion, event
from chat.upstream.fake.exchange import Exchange
from chat.upstream.fake.record import Record

Play = Callable[[Exchange, Completion, Record], Awaitable[None]]

ELSEWHERE = "/_/elsewhere"
_FOR_EVER = 24 * 3600.0  # until the client leaves


class Fault(NamedTuple):
    what: str
    play: Play


def error_body(
    message: str, *, kind: str, code: str | None = None, param: str | None = None
) -> dict[str, dict[str, str | None]]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


async def answer(exchange: Exchange, completion: Completion, _: Record | None = None) -> None:
    """Nothing goes wrong."""
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


# --- Refusals: a status and OpenAI's error body ------------------------------------------------


def refuse(
    status: int, message: str, *, kind: str, code: str | None = None, **headers: str
) -> Play:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def play(exchange: Exchange, _: Completion, __: Record) -> None:
        await exchange.send_json(status, error_body(message, kind=kind, code=code), named)

    return play


def first(times: int, play: Play) -> Play:
    """The fault for so many requests of the same body, then an answer, and so on in turn."""

    async def play_or_answer(exchange: Exchange, completion: Completion, record: Record) -> None:
        is_due = record.count(exchange.request) % (times + 1) < times
        await (play if is_due else answer)(exchange, completion, record)

    return play_or_answer


async def _redirect(exchange: Exchange, _: Completion, __: Record) -> None:
    host = exchange.request.headers.get("host", "")
    location = {"Location": f"http://{host}{ELSEWHERE}"}
    await exchange.send_whole(307, "text/plain", b"elsewhere", location)


async def _html_502(exchange: Exchange, _: Completion, __: Record) -> None:
    await exchange.send_whole(502, "text/html", b"<html><h1>502 Bad Gateway</h1></html>")


# --- The connection ----------------------------------------------------------------------------


async def _silence(_: Exchange, __: Completion, ___: Record) -> None:
    await asyncio.sleep(_FOR_EVER)


async def _silence_after_head(exchange: Exchange, completion: Completion, _: Record) -> None:
    await exchange.begin(completion.content_type)
    await asyncio.sleep(_FOR_EVER)


async def _stall(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send_open(exchange, completion, _half(completion))
    await asyncio.sleep(_FOR_EVER)


async def _reset(exchange: Exchange, _: Completion, __: Record) -> None:
    exchange.reset()


async def _close(exchange: Exchange, _: Completion, __: Record) -> None:
    exchange.cut()


async def _die(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send_open(exchange, completion, _half(completion))
    exchange.cut()


async def _die_by_reset(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send_open(exchange, completion, _half(completion))
    await asyncio.sleep(0.05)  # a reset takes along what was not read yet
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
    """Half of the answer, then what is no part of one, and an orderly end."""

    async def play(exchange: Exchange, completion: Completion, _: Record) -> None:
        await _send(exchange, completion, [*_half(completion), *added])

    return play


_GARBAGE = b"data: {not json\n\n"
_ERROR = event(error_body("The server had an error.", kind="server_error", code="server_error"))


async def _error_first(exchange: Exchange, completion: Completion, _: Record) -> None:
    await _send(exchange, completion, [_ERROR])


# --- Odd ends ----------------------------------------------------------------------------------


async def _filtered(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, completion.with_(finish_reason="content_filter"))


async def _length(exchange: Exchange, completion: Completion, _: Record) -> None:
    half = completion.pieces[: max(1, len(completion.pieces) // 2)]
    await answer(exchange, completion.with_(pieces=half, finish_reason="length"))


async def _empty(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, completion.with_(pieces=()))


async def _blank(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, completion.with_(pieces=(" ", "\n")))


async def _no_usage(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, completion.with_(has_usage=False))


async def _json(exchange: Exchange, completion: Completion, _: Record) -> None:
    await answer(exchange, completion.with_(is_stream=False))


# --- Odd ways of writing the same --------------------------------------------------------------


def rewritten(pattern: bytes, by: bytes) -> Play:
    async def play(exchange: Exchange, completion: Completion, _: Record) -> None:
        frames = [re.sub(pattern, by, frame) for frame in completion.frames()]
        await _send(exchange, completion, frames)

    return play


def in_packets(of: Callable[[bytes], Iterator[bytes]], pause: float) -> Play:
    """The same bytes in other packets: so long a pause after each chunk, so that they stay so."""

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
    """Cuts behind the first byte of every character that has several."""
    return (part for part in re.split(rb"(?<=[\xc2-\xf4])", frame) if part)


_SERVER_ERROR = refuse(500, "The server had an error.", kind="server_error")
_BUSY = "Rate limit reached for requests."
_EVENTS = rb"(?m)^(?=data: )"

FAULTS: dict[str, Fault] = {
    "401": Fault(
        "401: the key is not taken",
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
        "429: the account's money is spent, so that no retry helps",
        refuse(
            429, "You exceeded your quota.", kind="insufficient_quota", code="insufficient_quota"
        ),
    ),
    "500": Fault("500, always", _SERVER_ERROR),
    "500-once": Fault("500 once, then an answer", first(1, _SERVER_ERROR)),
    "502": Fault("502 with a proxy's page", _html_502),
    "503": Fault("503: overloaded", refuse(503, "The engine is overloaded.", kind="overloaded")),
    "redirect": Fault(f"307 to {ELSEWHERE}, which nobody should follow", _redirect),
    "timeout": Fault("nothing, ever", _silence),
    "timeout-body": Fault("a head and then nothing, ever", _silence_after_head),
    "stall": Fault("half of the answer and then nothing, ever", _stall),
    "reset": Fault("the connection is reset before the head", _reset),
    "reset-once": Fault("the connection is reset once, then an answer", first(1, _reset)),
    "close": Fault("the connection is closed before the head", _close),
    "die": Fault("the connection is closed in the middle of the answer", _die),
    "die-reset": Fault("the connection is reset in the middle of the answer", _die_by_reset),
    "cut": Fault(
        "half of the answer and an orderly end without finish_reason or [DONE]", _then(b"\n")
    ),
    "not-http": Fault("something that is not HTTP", _not_http),
    "html": Fault("200 with a web page", _page),
    "malformed": Fault("200 with half a JSON body", _broken_json),
    "other-json": Fault("200 with JSON that is no completion", _other_json),
    "framing": Fault("a chunk whose size is no number, after half of the answer", _broken_framing),
    "garbage": Fault("an event that is not JSON, after half of the answer", _then(_GARBAGE)),
    "error-event": Fault("an error event after half of the answer", _then(_ERROR)),
    "error-first": Fault("200 and an error event", _error_first),
    "filter": Fault("an answer that ends with finish_reason content_filter", _filtered),
    "empty": Fault("an answer without text", _empty),
    "blank": Fault("an answer of white space", _blank),
    "length": Fault("half of the answer, finish_reason length", _length),
    "no-done": Fault("finish_reason, but no [DONE]", rewritten(rb"data: \[DONE\]\n\n", b"")),
    "no-finish": Fault("[DONE], but no finish_reason", rewritten(rb'"stop"', b"null")),
    "no-usage": Fault("no usage, although it was asked for", _no_usage),
    "json": Fault("one JSON body, although a stream was asked for", _json),
    "crlf": Fault("lines that end with CR LF", rewritten(rb"\n", b"\r\n")),
    "cr": Fault("lines that end with CR", rewritten(rb"\n", b"\r")),
    "comments": Fault(
        "comments, keep-alives and other fields between the events",
        rewritten(_EVENTS, b": keep-alive\n\n:\nevent: message\nid: 7\nretry: 10\n"),
    ),
    "halves": Fault("half a UTF-8 character in each packet", in_packets(_half_characters, 0.002)),
    "bytes": Fault("one byte in each packet", in_packets(_single_bytes, 0.0)),
}
