"""What the server says: deterministic, and dictated by the prompt where it has `[[name: value]]`.

    [[say: TEXT]]        answers exactly TEXT
    [[chunks: N]]        answers "1 2 3 ... N " in N pieces; with `say`, cuts TEXT into N pieces
    [[times: N]]         says TEXT so many times over, for answers longer than a question may be
    [[slow: SECONDS]]    waits so long before each piece but the first
    [[fault: NAME]]      plays a fault of the table in `faults`

Only the last message of the user counts. Without any of it, the answer repeats that message.
"""

import asyncio
import base64
import json
import math
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

MODEL = "fake"
EMBEDDING_MODEL = "fake-embedding"
CREATED = 1_700_000_000  # the same in every answer, so that answers can be compared
DONE = b"data: [DONE]\n\n"
DIMENSIONS = 64

_DIRECTIVE = re.compile(r"\[\[(say|chunks|times|slow|fault): ?(.*?)\]\]", re.DOTALL)
_WORD = re.compile(r"\s*\S+\s*")
_MOST_CHUNKS = 100_000
_LONGEST_ANSWER = 1_000_000


class Refused(Exception):  # noqa: N818
    """The request makes no sense: the message and the parameter that is wrong."""

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

    def with_(self, **changes: Any) -> "Completion":
        return replace(self, **changes)

    @property
    def content_type(self) -> str:
        return "text/event-stream" if self.is_stream else "application/json"

    async def pause(self) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)

    def frames(self) -> list[bytes]:
        """The body in the parts in which it is sent: an event for each piece and one part for the
        end, or the JSON in two halves.
        """
        if not self.is_stream:
            whole = json.dumps(self.as_json(), ensure_ascii=False).encode()
            half = len(whole) // 2
            return [whole[:half], whole[half:]]
        opening = self._chunk({"role": "assistant", "content": ""})
        frames = [self._chunk({"content": piece}) for piece in self.pieces]
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
        told, said = self.prompt_tokens, len(self.pieces)
        return {
            "usage": {
                "prompt_tokens": told,
                "completion_tokens": said,
                "total_tokens": told + said,
            }
        }


def event(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def complete(asked: Mapping[str, Any], *, delay: float) -> Completion:
    """Raises Refused."""
    model, messages = asked.get("model"), asked.get("messages")
    if not isinstance(model, str) or not model:
        raise Refused("you must provide a model parameter", "model")
    if not isinstance(messages, list) or not messages or not all(map(_is_message, messages)):
        raise Refused("'messages' must be a list of at least one message", "messages")
    question = _last_question(messages)
    told: dict[str, str] = dict(_DIRECTIVE.findall(question))
    options = asked.get("stream_options") or {}
    return Completion(
        model=model,
        pieces=tuple(_pieces(question, told)),
        prompt_tokens=sum(len(_text(message).split()) for message in messages),
        fault=told.get("fault", "").strip() or _fault_of(model),
        delay=_number(told.get("slow", ""), delay),
        is_stream=bool(asked.get("stream")),
        has_usage=bool(options.get("include_usage")),
    )


def _fault_of(model: str) -> str:
    """Nothing for the model that just answers; what is no fault's name is no model's name."""
    return "" if model == MODEL else model.removeprefix(f"{MODEL}-")


def _is_message(message: Any) -> bool:
    return isinstance(message, dict) and isinstance(message.get("role"), str)


def _text(message: Mapping[str, Any]) -> str:
    """The text of a message, also where it comes in typed parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))


def _last_question(messages: list[Any]) -> str:
    return next((_text(message) for message in reversed(messages) if message["role"] == "user"), "")


def _pieces(question: str, told: Mapping[str, str]) -> list[str]:
    count = min(int(_number(told.get("chunks", ""), 0)), _MOST_CHUNKS)
    if "say" in told:
        text = _repeated(told["say"], int(_number(told.get("times", ""), 1)))
        return _cut(text, count) if count else words(text)
    if count:
        return [f"{number} " for number in range(1, count + 1)]
    return words(f"You said: {question}")


def _repeated(text: str, times: int) -> str:
    return text * min(times, _LONGEST_ANSWER // max(1, len(text)))


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


def embed(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Vectors that are near where texts share letters, or words of the small table of those that
    mean the same. Raises Refused.
    """
    given = asked.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refused("'input' must be a text or a list of texts", "input")
    size = asked.get("dimensions", DIMENSIONS)
    if type(size) is not int or not 0 < size <= 4096:  # noqa: PLR2004
        raise Refused("'dimensions' must be an integer from 1 to 4096", "dimensions")
    is_packed = asked.get("encoding_format") == "base64"
    vectors = (_vector(text, size) for text in texts)
    rows = [
        {"object": "embedding", "index": at, "embedding": _pack(row) if is_packed else row}
        for at, row in enumerate(vectors)
    ]
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": rows, "model": asked.get("model"), "usage": usage}


# What the fake model knows of the world: one word for others.
_MEANINGS = {
    "ocean": "sea", "deep water": "sea", "joy": "gladness", "happiness": "gladness",
    "바다": "sea", "기쁨": "gladness", "행복": "gladness",
}  # fmt: skip
_MEANT = re.compile("|".join(_MEANINGS))


def _vector(text: str, size: int) -> list[float]:
    """Letter triples, hashed into so many dimensions, of length 1."""
    vector = [0.0] * size
    padded = f"  {_MEANT.sub(lambda match: _MEANINGS[match[0]], text.lower())} "
    for at in range(len(padded) - 2):
        mark = zlib.crc32(padded[at : at + 3].encode())
        vector[mark % size] += 1.0 if mark & 0x10000 else -1.0
    length = math.hypot(*vector) or 1.0
    return [number / length for number in vector]


def _pack(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
