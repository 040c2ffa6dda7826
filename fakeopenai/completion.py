"""What the server answers. It is deterministic, and the prompt controls it by `[[name: value]]`:

    [[say: TEXT]]        answers exactly TEXT
    [[chunks: N]]        answers "1 2 3 ... N " in N pieces; with `say`, splits TEXT into N pieces
    [[times: N]]         repeats TEXT N times, for answers longer than a question may be
    [[first: TEXT]]      puts this text once before the repeated one
    [[last: TEXT]]       puts this text once after it
    [[think: TEXT]]      reasons first: TEXT in a field of its own
    [[slow: SECONDS]]    waits before each piece but the first
    [[fault: NAME]]      plays a fault of the table in `faults`

Named `then-say` and so on, they are for the request that asks to go on with the answer.

Character references in a value are read as in HTML, so that an answer may have `]]` (`&rbrack;`),
or words that the question does not have. Only the last message of the user is read. Without any of
these, the answer repeats that message, and says how many pictures it has.
"""

import asyncio
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

MODEL = "fake"
CREATED = 1_700_000_000  # the same in every answer, so that answers can be compared
DONE = b"data: [DONE]\n\n"

_DIRECTIVE = re.compile(r"\[\[((?:then-)?(?:say|chunks|times|first|last|think|slow|fault)): ?")
_THEN = "then-"
_WORD = re.compile(r"(?:\A\s+)?\S+\s*")
_MAX_CHUNKS = 100_000
_MAX_LENGTH = 1_000_000


class InvalidRequest(Exception):  # noqa: N818
    """Answered with status 400, the message, and the name of the parameter that is wrong."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True)
class Completion:
    model: str
    pieces: tuple[str, ...]
    prompt_tokens: int = 0
    fault: str = ""
    delay: float = 0.0
    is_stream: bool = False
    has_usage: bool = False
    finish_reason: str = "stop"
    reasoning: tuple[str, ...] = ()  # sent before the text
    completion_tokens: int | None = None  # for the usage; None: one for each piece

    @property
    def content_type(self) -> str:
        return "text/event-stream" if self.is_stream else "application/json"

    async def pause(self) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)

    def frames(self) -> list[bytes]:
        """The body in the parts in which it is sent: for a stream, an event for each piece and one
        part for the end; else the JSON in two halves.
        """
        if not self.is_stream:
            whole = json.dumps(self.as_json(), ensure_ascii=False).encode()
            half = len(whole) // 2
            return [whole[:half], whole[half:]]
        opening = self._chunk({"role": "assistant", "content": ""})
        frames = [self._chunk({"reasoning_content": piece}) for piece in self.reasoning]
        frames += [self._chunk({"content": piece}) for piece in self.pieces]
        ending = self._chunk({}, finish_reason=self.finish_reason)
        if self.has_usage:
            ending += event({**self._head("chat.completion.chunk"), "choices": [], **self._usage()})
        return [opening + (frames[0] if frames else b""), *frames[1:], ending + DONE]

    def as_json(self) -> dict[str, Any]:
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "".join(self.pieces), "refusal": None},
            "logprobs": None,
            "finish_reason": self.finish_reason,
        }
        return {**self._head("chat.completion"), "choices": [choice], **self._usage()}

    def _chunk(self, delta: Mapping[str, str], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self.has_usage else {}
        return event({**self._head("chat.completion.chunk"), "choices": [choice], **usage})

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-fake", "object": kind, "created": CREATED, "model": self.model}

    def _usage(self) -> dict[str, Any]:
        prompt, completion = self.prompt_tokens, self.completion_tokens
        if completion is None:
            completion = len(self.reasoning) + len(self.pieces)
        return {
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
            }
        }


def event(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def complete(request: Mapping[str, Any], *, delay: float) -> Completion:
    """The completion for the body of a request. Raises InvalidRequest."""
    model, messages = request.get("model"), request.get("messages")
    if not isinstance(model, str) or not model:
        raise InvalidRequest("you must provide a model parameter", "model")
    if not isinstance(messages, list) or not messages or not all(map(_is_message, messages)):
        raise InvalidRequest("'messages' must be a list of at least one message", "messages")
    question = _last_question(messages)
    directives = dict(_directives(question)) or _directives_of_before(messages)
    options = request.get("stream_options") or {}
    return Completion(
        model=model,
        pieces=tuple(_pieces(question, directives, _pictures(messages))),
        prompt_tokens=sum(len(_text(message).split()) for message in messages),
        fault=directives.get("fault", "").strip() or _fault_of(model),
        delay=_number(directives.get("slow", ""), delay),
        is_stream=bool(request.get("stream")),
        has_usage=bool(options.get("include_usage")),
        reasoning=tuple(words(directives.get("think", ""))),
    )


def _directives(question: str) -> Iterator[tuple[str, str]]:
    """(name, value) pairs. A value ends at the next `]]`. Takes linear time."""
    for part in question.split("]]")[:-1]:
        if begun := _DIRECTIVE.search(part):
            yield begun[1], unescape(part[begun.end() :])


def _directives_of_before(messages: list[Any]) -> dict[str, str]:
    """The directives for the last question that the question before it contains."""
    before = dict(_directives(_last_question([m for m in messages if m["role"] == "user"][:-1])))
    return {name.removeprefix(_THEN): value for name, value in before.items() if _THEN in name}


def _fault_of(model: str) -> str:
    """The part after `fake-`. Another model's name is returned whole, and is not a fault."""
    return "" if model == MODEL else model.removeprefix(f"{MODEL}-")


def _is_message(message: Any) -> bool:
    return isinstance(message, dict) and isinstance(message.get("role"), str)


def _text(message: Mapping[str, Any]) -> str:
    """The text of a message, also of one with typed parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))


def _pictures(messages: list[Any]) -> int:
    """How many pictures go with the last message of the user."""
    last: Any = next((m for m in reversed(messages) if m["role"] == "user"), {})
    parts = last.get("content")
    parts = parts if isinstance(parts, list) else []
    return sum(isinstance(one, dict) and one.get("type") == "image_url" for one in parts)


def _last_question(messages: list[Any]) -> str:
    return next((_text(message) for message in reversed(messages) if message["role"] == "user"), "")


def _pieces(question: str, directives: Mapping[str, str], pictures: int = 0) -> list[str]:
    count = min(int(_number(directives.get("chunks", ""), 0)), _MAX_CHUNKS)
    if "say" in directives:
        text = _repeated(directives["say"], int(_number(directives.get("times", ""), 1)))
        text = f"{directives.get('first', '')}{text}{directives.get('last', '')}"
        return _cut(text, count) if count else words(text)
    if count:
        return [f"{number} " for number in range(1, count + 1)]
    return words(f"You said: {question}{_seen(pictures)}")


def _seen(pictures: int) -> str:
    return f" (with {pictures} pictures)" if pictures else ""


def _repeated(text: str, times: int) -> str:
    return text * min(times, _MAX_LENGTH // max(1, len(text)))


def words(text: str) -> list[str]:
    return _WORD.findall(text) or ([text] if text else [])


def _cut(text: str, count: int) -> list[str]:
    size = max(1, math.ceil(len(text) / count))
    return [text[at : at + size] for at in range(0, len(text), size)]


def _number(text: str, otherwise: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return otherwise
    return max(0.0, number) if math.isfinite(number) else otherwise
