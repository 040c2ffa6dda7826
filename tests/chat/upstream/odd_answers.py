"""Answers as other servers send them, and what becomes of each: its text, and the code of its
failure. `ODD_ANSWERS` has them by kind. One server plays all of them: a question's number chooses.
"""

import gzip
import json
from typing import Any, NamedTuple

from tests.chat.upstream.hostile import HostileServer, Script, Wire, chunks, head

SSE, JSON = "text/event-stream", "application/json"
DONE = b"data: [DONE]\n\n"
TEXT = "Hello, world"


class Odd(NamedTuple):
    """`body` is sent with its length, unless a `script` sends something else. Without a `code` the
    answer is stored as done. `is_charged` is None where the code decides it.
    """

    body: bytes = b""
    text: str = TEXT
    code: str = ""
    is_charged: bool | None = None
    content_type: str = SSE
    status: str = "200 OK"
    fields: tuple[str, ...] = ()
    script: Script | None = None

    @property
    def outcome(self) -> tuple[str, str, str, bool]:
        """(status, code, text, whether the unit stays taken)."""
        is_charged = not self.code if self.is_charged is None else self.is_charged
        return "failed" if self.code else "done", self.code, self.text, is_charged

    def play(self, wire: Wire) -> None:
        if self.script:
            self.script(wire)
            return
        lines = [f"HTTP/1.1 {self.status}", f"Content-Type: {self.content_type}", *self.fields]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        wire.send("\r\n".join(lines).encode() + self.body)


def event(payload: Any, prefix: str = "") -> bytes:
    return f"{prefix}data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


def delta(*, reason: Any = None, **fields: Any) -> bytes:
    return event({"choices": [{"index": 0, "delta": fields, "finish_reason": reason}]})


def text(*pieces: str, reason: Any = None) -> bytes:
    return b"".join(delta(content=piece, reason=reason) for piece in pieces)


def reasoned(reason: Any, *, done: bool = True) -> bytes:
    """The text, and at its end the reason."""
    return WORDS + delta(reason=reason) + (DONE if done else b"")


def raw(*contents: bytes) -> bytes:
    """A whole answer whose pieces are these bytes of JSON."""
    pieces = [b'data: {"choices": [{"delta": {"content": %b}}]}\n\n' % one for one in contents]
    return b"".join(pieces) + END


def whole(**changes: Any) -> bytes:
    """One JSON object in place of a stream."""
    message = {"role": "assistant", "content": TEXT}
    choice = {"index": 0, "message": message, "finish_reason": "stop", **changes}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


def in_parts(*parts: bytes) -> Script:
    """As chunks of HTTP, with a pause before each but the first."""

    def script(wire: Wire) -> None:
        wire.send(head("Transfer-Encoding: chunked") + chunks(parts[0], end=b""))
        for part in parts[1:]:
            wire.pause(4)
            wire.send(chunks(part, end=b""))
        wire.send(b"0\r\n\r\n")

    return script


def broken_off(body: bytes) -> Script:
    """The connection ends in the middle of the body."""

    def script(wire: Wire) -> None:
        wire.send(head("Transfer-Encoding: chunked") + chunks(body, end=b""))
        raise ConnectionError

    return script


WORDS = text("Hello, ", "world")
STOP = delta(reason="stop")
END = STOP + DONE
FAILED, BROKEN = "upstream_failed", "upstream_disconnected"
MALFORMED, EMPTY = "upstream_malformed", "upstream_empty"
FILTERED = "upstream_content_filter"

ENDINGS = {
    "stop in every chunk, then a pause": Odd(
        script=in_parts(text("Hello, ", reason="stop"), text("world", reason="stop") + DONE)
    ),
    "stop in every chunk, the first without text": Odd(
        script=in_parts(
            delta(role="assistant", content="", reason="stop"),
            text("Hello, ", reason="stop") + delta(content="", reason="stop"),
            text("world", reason="stop"),
        )
    ),
    "stop in every chunk, broken off": Odd(
        script=broken_off(text("Hello, ", "wor", reason="stop")), text="Hello, wor", code=BROKEN
    ),
    "null as a text in every chunk": Odd(
        script=in_parts(text("Hello, ", reason="null"), text("world", reason="null") + END)
    ),
    "null as a text, broken off": Odd(
        script=broken_off(text("Hello, ", reason="null")), text="Hello, ", code=BROKEN
    ),
    "null as a text, and no end": Odd(text("Hello, ", reason="null"), "Hello, ", BROKEN),
    "no reason, an empty one": Odd(text("Hello, ", "world", reason="") + DONE),
    "text after a reason": Odd(text("Hello, ") + STOP + text("world") + DONE),
    "text after a reason, and no end": Odd(text("Hello, ") + STOP + text("world"), code=BROKEN),
    "the last text with its reason, broken off": Odd(
        script=broken_off(text("Hello, ") + text("world", reason="stop"))
    ),
    "a reason and then the end of the connection": Odd(script=broken_off(WORDS + STOP)),
    **{
        f"reason {reason}": Odd(reasoned(reason, done=False))
        for reason in ("stop", "STOP", "eos", "eos_token", "end_turn", "stop_sequence", "COMPLETE")
    },
    **{
        f"reason {reason}": Odd(reasoned(reason, done=False))
        for reason in ("length", "max_tokens", "MAX_TOKENS", "model_length", "tool_calls")
    },
    "a reason that is an object": Odd(reasoned({"type": "stop", "matched": 2}, done=False)),
    **{
        f"reason {reason}{', and DONE' * done}": Odd(reasoned(reason, done=done), code=FAILED)
        for reason in ("abort", "error", "network_error", "insufficient_system_resource", 7)
        for done in (True, False)
    },
    **{
        f"reason {reason}": Odd(reasoned(reason), code=FILTERED, is_charged=True)
        for reason in ("content_filter", "content_filter: RECITATION", "SAFETY", "sensitive")
    },
    "filtered at once": Odd(
        delta(reason="content_filter"), text="", code=FILTERED, is_charged=True
    ),
}

ERRORS: dict[str, bytes] = {
    "OpenAI's": event({"error": {"message": "Oops", "code": None}}),
    "vLLM's former": event({"object": "error", "message": "Oops", "code": 400}),
    "Anthropic's": event(
        {"type": "error", "error": {"type": "overloaded_error"}}, "event: error\n"
    ),
    "without its object": event({"type": "error", "message": "Oops"}),
    "FastAPI's": event({"detail": "Internal Server Error"}),
    "Gemini's": event([{"error": {"code": 503, "status": "UNAVAILABLE"}}]),
    "OpenRouter's": event(
        {
            "error": {"code": 502, "message": "Provider disconnected"},
            "choices": [{"delta": {"content": ""}, "finish_reason": "error"}],
        }
    ),
    "TGI's": event({"error": "Request failed", "error_type": "generation"}),
    "Baidu's": event({"error_code": 336100, "error_msg": "Service busy"}),
    "DashScope's": event({"code": "InternalError", "message": "Oops", "request_id": "1"}),
    "MiniMax's": event({"choices": None, "base_resp": {"status_code": 1013, "status_msg": "Oops"}}),
    "a text": event({"error": "Oops"}),
    "an event without JSON": b"event: error\ndata: Internal Server Error\n\n",
    "an event without data": b"event: error\n\n",
    "the event, after its data": b'data: {"message": "Oops"}\nevent:error\n\n',
    "llama.cpp's former": b'error: {"code": 500, "message": "Oops"}\n\n',
}
ERROR_EVENTS = {
    **{
        f"{name}{', and DONE' * bool(end)}": Odd(WORDS + error + end, code=FAILED)
        for name, error in ERRORS.items()
        for end in (DONE, b"")
    },
    **{f"{name}, at once": Odd(error + DONE, "", FAILED) for name, error in ERRORS.items()},
    "in the field of the key": Odd(event({"error": {"code": 401}}), "", "upstream_unauthorized"),
    "an empty one is none": Odd(event({"error": None}) + WORDS + event({"error": {}}) + END),
    "something unknown before text": Odd(event({"sources": []}) + WORDS + DONE),
    "something unknown after the reason": Odd(WORDS + STOP + event({"sources": [1]}) + DONE),
    "one JSON object": Odd(b'{"error": {"message": "Oops"}}', "", FAILED, content_type=JSON),
    "one JSON object of another shape": Odd(b'{"detail": "Oops"}', "", FAILED, content_type=JSON),
    "one JSON list": Odd(b'[{"error": {"code": 500}}]', "", FAILED, content_type=JSON),
}

SMILE = "\N{GRINNING FACE}"
BYTES = {
    "a surrogate pair in two deltas": Odd(raw(b'"a\\ud83d"', b'"\\ude00b"'), f"a{SMILE}b"),
    "half a surrogate pair": Odd(raw(b'"a\\ud83d"', b'"b"'), "a\ufffdb"),
    "half a surrogate pair at the end": Odd(raw(b'"a"', b'"\\ud83d"'), "a\ufffd"),
    "half a surrogate pair, broken off": Odd(
        script=broken_off(raw(b'"a\\ud83d"').removesuffix(END)), text="a\ufffd", code=BROKEN
    ),
    "the second half alone": Odd(raw(b'"\\ude00b"'), "\ufffdb"),
    "invalid UTF-8": Odd(raw(b'"a\xff"', b'"b"'), "a\ufffdb"),
    "a character's bytes in two deltas": Odd(raw(b'"a\xf0\x9f"', b'"\x98\x80b"'), f"a{SMILE}b"),
    "Latin-1": Odd(raw(b'"caf\xe9"', b'" noir"'), "caf\ufffd noir"),
    "NaN": Odd(
        b'data: {"x": NaN, "choices": [{"delta": {"content": "Hello, "}, "logprobs": -Infinity}]}'
        b"\n\n" + text("world") + END
    ),
    "control characters": Odd(raw(b'"a\tb"', b'"\x01c"'), "a\tb\x01c"),
    "NUL": Odd(raw(b'"a\\u0000"', b'"b"'), "ab"),
    "a byte order mark": Odd(b"\xef\xbb\xbf" + WORDS + END),
    "empty lines first": Odd(b"\n\r\n\n" + WORDS + END),
    "junk after the reason": Odd(WORDS + STOP + b"data: {not json\n\n" + DONE),
    "junk after the end": Odd(WORDS + END + b"\xff<html>\n\n" + b"data: {not json\n\n"),
    "text after the end": Odd(WORDS + END + text("!")),
    "text after the end, later": Odd(script=in_parts(WORDS + END, text("!"))),
    "an error after the end": Odd(WORDS + END + ERRORS["OpenAI's"]),
    "junk in the middle": Odd(text("Hello, ") + b"data: {not json\n\n" + END, "Hello, ", MALFORMED),
    "two objects in an event": Odd(
        b"data: " + text("Hello, ")[6:-2] + text("world")[6:-2] + b"\n\n" + END
    ),
    "events without empty lines": Odd((WORDS + END).replace(b"\n\n", b"\n")),
    "an object in several lines": Odd(WORDS.replace(b', "finish', b',\ndata: "finish') + END),
    "no space after data": Odd((WORDS + END).replace(b"data: ", b"data:")),
    "DONE as JSON": Odd(WORDS + b'data: "[DONE]"\n\n'),
    "CR LF": Odd((WORDS + END).replace(b"\n", b"\r\n")),
    "CR": Odd((WORDS + END).replace(b"\n", b"\r")),
    "comments": Odd(b": OPENROUTER PROCESSING\n\n" + WORDS + b":\n\n: error\n\n" + END),
    "pings": Odd(b'event: ping\ndata: {"type": "ping"}\n\n' + WORDS + END),
}

PARTS = [{"type": "text", "text": "Hello, "}, "wor", {"type": "image_url"}, {"text": "ld"}]
SHAPES = {
    "content in parts": Odd(delta(content=PARTS) + END),
    "content as one part": Odd(delta(content={"type": "text", "text": TEXT}) + END),
    "content that is a number": Odd(delta(content=5) + END, "", MALFORMED),
    "choices null": Odd(event({"choices": None}) + WORDS + event({"choices": None}) + END),
    "choice null": Odd(event({"choices": [None]}) + WORDS + END),
    "delta null": Odd(event({"choices": [{"delta": None}]}) + WORDS + END),
    "a role alone": Odd(delta(role="assistant") + WORDS + END),
    "counts alone": Odd(WORDS + STOP + event({"choices": [], "usage": {"prompt_tokens": 1}})),
    "counts in the choice": Odd(
        WORDS + event({"choices": [{"finish_reason": "stop", "usage": {"prompt_tokens": 1}}]})
    ),
    "counts without choices": Odd(WORDS + STOP + event({"usage": {"prompt_tokens": 1}}) + DONE),
    "counts that are none": Odd(event({"choices": [], "usage": 1}) + WORDS + END),
    "two choices": Odd(
        event({"choices": [{"delta": {"content": TEXT}}, {"delta": {"content": "No"}}]}) + END
    ),
    "the whole text again": Odd(
        WORDS + event({"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]})
    ),
    "a whole message in an event": Odd(b"data: " + whole() + b"\n\n"),
    "a completion of a text": Odd(event({"choices": [{"text": TEXT, "finish_reason": "stop"}]})),
    "JSON": Odd(whole(), content_type=JSON),
    "JSON, in capitals": Odd(whole(), content_type="Application/JSON; charset=UTF-8"),
    "JSON as text": Odd(whole(), content_type="text/plain"),
    "JSON as a stream": Odd(whole(), content_type=SSE),
    "JSON with a byte order mark": Odd(b"\xef\xbb\xbf" + whole(), content_type=JSON),
    "JSON after empty lines": Odd(b"\n\n  " + whole(), content_type=JSON),
    "JSON with junk after it": Odd(whole() + b"<br>Warning", content_type=JSON),
    "JSON with NaN": Odd(whole(logprobs=float("nan")), content_type=JSON),
    "JSON in parts": Odd(whole(message={"content": PARTS}), content_type=JSON),
    "JSON without a reason": Odd(whole(finish_reason=None), content_type=JSON),
    "JSON of an aborted answer": Odd(whole(finish_reason="abort"), TEXT, FAILED, content_type=JSON),
    "JSON lines": Odd(
        b"".join(it.removeprefix(b"data: ") for it in (WORDS + STOP).splitlines(keepends=True)),
        content_type="application/x-ndjson",
    ),
    "a stream as JSON": Odd(WORDS + END, content_type=JSON),
    "a stream as text": Odd(WORDS + END, content_type="text/plain"),
    "a stream without a type": Odd(WORDS + END, content_type=""),
    "a page": Odd(b"<html>Welcome</html>", "", MALFORMED, content_type="text/html"),
    "201": Odd(WORDS + END, status="201 Created"),
    "201, JSON": Odd(whole(), status="201 Created", content_type=JSON),
    "203": Odd(WORDS + END, status="203 Non-Authoritative Information"),
    "206": Odd(WORDS + END, "", "upstream_rejected", status="206 Partial Content"),
    "no body": Odd(b"", "", MALFORMED),
    "no body, JSON": Odd(b"", "", MALFORMED, content_type=JSON),
    "Identity": Odd(WORDS + END, fields=("Content-Encoding: Identity",)),
    "gzip, which was not asked for": Odd(
        gzip.compress(WORDS + END), "", MALFORMED, fields=("Content-Encoding: gzip",)
    ),
}

THOUGHT = "I think.</think> No.\n"
REASONING = {
    "in a field": Odd(delta(reasoning_content=THOUGHT) + WORDS + END),
    "in another field": Odd(delta(reasoning=THOUGHT, content="") + WORDS + END),
    "in parts": Odd(delta(content=[{"type": "thinking", "thinking": THOUGHT}, *PARTS]) + END),
    "between tags": Odd(text("<think>\nHm.\n</think>\n\nHello, ", "world") + END),
    "a tag in pieces": Odd(text(*"<think>Hm. <b></thin</think>Hello, world") + END),
    "an empty block": Odd(text("<think>\n\n</think>\n\n", "Hello, ", "world") + END),
    "after white space": Odd(text("\n ", "<think>Hm.", "</think>", "Hello, ", "world") + END),
    "two blocks": Odd(text("<think>Hm.</think>\n<think>Well.</think>", TEXT) + END),
    "Gemini's tag": Odd(text("<thought>Hm.</thought>", TEXT) + END),
    "Mistral's tag": Odd(text("[THINK]Hm.[/THINK]", TEXT) + END),
    "JSON": Odd(whole(message={"content": f"<think>Hm.</think>{TEXT}"}), content_type=JSON),
    "a tag later": Odd(
        text("Write `<think>`", " and </think>.") + END, "Write `<think>` and </think>."
    ),
    "a tag in code": Odd(text("```\n<think>x</think>\n```") + END, "```\n<think>x</think>\n```"),
    "another tag": Odd(text("<thin", "k about it>") + END, "<think about it>"),
    "the beginning of a tag": Odd(text("<thi") + END, "<thi"),
    "white space at the beginning": Odd(text("\n", "  Hello") + END, "\n  Hello"),
    "alone, in a field": Odd(delta(reasoning_content=THOUGHT) + END, "", EMPTY, is_charged=True),
    "alone, between tags": Odd(text("<think>Hm.</think>\n") + END, "", EMPTY, is_charged=True),
    "alone, not closed": Odd(text("<think>Hm. Hello") + END, "", EMPTY, is_charged=True),
    "alone, cut at its length": Odd(
        text("<think>Hm.") + delta(reason="length"), "", EMPTY, is_charged=True
    ),
    "alone, broken off": Odd(script=broken_off(text("<think>Hm.")), text="", code=BROKEN),
    "stop in every chunk": Odd(
        script=in_parts(
            delta(reasoning_content="Hm.", reason="stop"), text(TEXT, reason="stop") + DONE
        )
    ),
}

ODD_ANSWERS: dict[str, dict[str, Odd]] = {
    "endings": ENDINGS,
    "errors": ERROR_EVENTS,
    "bytes": BYTES,
    "shapes": SHAPES,
    "reasoning": REASONING,
}


def odd_server(cases: dict[str, Odd]) -> HostileServer:
    """Answers the question "for case N" with the case of that number."""
    numbered = list(cases.values())
    return HostileServer(lambda wire: numbered[int(wire.marker.split()[-1])].play(wire))
