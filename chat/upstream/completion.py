"""Decodes the body of a chat completion: server-sent events of chunks, or one JSON object.

Which of both it is, the first byte says, since servers label either as the other. What breaks the
protocol is accepted where its meaning is clear, and after the end of the answer (ADR 0026).
"""

from typing import Any

import orjson

from chat.upstream import error_mapping, lenient_json
from chat.upstream.errors import UpstreamDisconnected, UpstreamFailed, UpstreamMalformed
from chat.upstream.finish_reasons import Ending
from chat.upstream.options import ClientOptions
from chat.upstream.reasoning import ReasoningFilter
from chat.upstream.response_body import ProtocolViolation
from chat.upstream.sse import ErrorEvent, EventDecoder

_MAX_COUNT = 2**31 - 1
_BLANKS = b"\xef\xbb\xbf \t\r\n"  # a byte order mark and white space
# Parts of a message that are not text for the user, but cost the model as much as text.
_REASONING_FIELDS = ("reasoning_content", "reasoning")
_HIDDEN_FIELDS = (*_REASONING_FIELDS, "tool_calls", "function_call", "audio")
_TEXT_PARTS = {None, "text", "output_text"}
_ERROR_FIELDS = ("detail", "error_msg", "error_message", "error_code", "errors")
_INVALID = (ValueError, TypeError, AttributeError, LookupError, RecursionError)


class CompletionDecoder:
    """`feed` takes bytes, however they were split, and returns the text that they complete.

    `failure` is set once the body is invalid or reports an error. `is_done`: the server has said
    that the answer is complete. `has_news`: the last bytes had text or reasoning. `has_worked`: the
    model has done something that costs. The token counts are None until they are known.
    """

    def __init__(self, options: ClientOptions) -> None:
        self.ending = Ending()
        self.failure: UpstreamFailed | None = None
        self.is_done = self.has_events = self.has_news = self.has_worked = False
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None
        self.unknown: Any = None  # the last event that is no chunk, if no text followed
        self._max_bytes = options.max_event_bytes
        self._events = EventDecoder(max_event_bytes=options.max_event_bytes)
        self._json: bytearray | None = None  # the body so far, unless it is events
        self._has_begun = self._has_text = False
        self._reasoning = ReasoningFilter()
        self._fields: list[str] = []  # of reasoning, that were not taken yet
        self._repair: lenient_json.TextRepair | None = None  # needed by few servers

    def feed(self, received: bytes) -> str:
        texts: list[str] = []
        try:
            self._take_bytes(received, texts)
        except UpstreamFailed as failure:
            self.failure = failure
        except ProtocolViolation:
            self.failure = UpstreamMalformed()
        return self._join(texts)

    def take_reasoning(self) -> str:
        """The reasoning that came since the last call, from a field of its own or from tags."""
        fields, self._fields = self._fields, []
        text = "".join(fields) + self._reasoning.take_reasoning()
        # JSON can contain halves of characters and NUL, which no text here may have.
        return text.encode("utf-8", "replace").decode().replace("\0", "") if text else ""

    def end(self) -> str:
        """The rest of the text, when no more bytes will come."""
        texts: list[str] = []
        try:
            if not (self.failure or self.is_done):
                self._take_rest(texts)
        except UpstreamMalformed as failure:
            # An invalid event at the very end was truncated with the connection.
            self.failure = failure if self._json is not None else UpstreamDisconnected()
        except UpstreamFailed as failure:
            self.failure = failure
        return self._join(texts) + self._held()

    def _take_rest(self, texts: list[str]) -> None:
        rest = self._events.end() if self._json is None else [bytes(self._json)]
        for payload in rest:
            self._take(payload, texts)

    def _take_bytes(self, received: bytes, texts: list[str]) -> None:
        if not self._has_begun:
            received = received.lstrip(_BLANKS)
            self._has_begun = bool(received)
            if received.startswith((b"{", b"[")):
                self._json = bytearray()
        if self._json is None:
            for payload in self._events.feed(received):
                self._take(payload, texts)
            return
        self._json += received
        if len(self._json) > self._max_bytes:
            raise UpstreamMalformed

    def _take(self, payload: bytes, texts: list[str]) -> None:
        self.has_events = self._json is None
        if self.is_done:
            return
        if payload == b"[DONE]":
            self.is_done = True
            return
        if isinstance(payload, ErrorEvent):
            raise error_mapping.from_event(_error_in(payload))
        try:
            try:
                value = orjson.loads(payload)
            except orjson.JSONDecodeError:
                self._take_odd(payload, texts)
            else:
                self._take_value(value, texts)
        except _INVALID:
            if not (self.is_done or self.ending.is_settled):
                raise UpstreamMalformed from None

    def _take_odd(self, payload: bytes, texts: list[str]) -> None:
        self._repair = self._repair or lenient_json.TextRepair()
        for value in lenient_json.values_of(payload):
            if not self.is_done:
                self._take_value(value, texts)

    def _take_value(self, value: Any, texts: list[str]) -> None:
        if type(value) is not dict:
            if value == lenient_json.END:
                self.is_done = True
                return
            (value,) = value  # Gemini's errors come in a list
        if error := value.get("error"):
            raise error_mapping.from_event(error)
        if usage := value.get("usage"):
            self._take_usage(usage)
        if choices := value.get("choices"):
            self._take_choice(choices[0] or {}, texts)
        else:
            self._take_other(value)

    def _take_other(self, value: dict[str, Any]) -> None:
        """An event without text: counts alone, an error of another shape, or something unknown."""
        is_error = "error" in (value.get("object"), value.get("type"))
        if is_error or any(value.get(name) for name in _ERROR_FIELDS):
            raise error_mapping.from_event(value)
        if value and not (value.get("usage") or isinstance(value.get("choices"), list)):
            self.unknown = value

    def _take_choice(self, choice: dict[str, Any], texts: list[str]) -> None:
        before = len(texts)
        if message := choice.get("delta"):
            self._take_message(message, texts)
        elif not self._has_text:  # some servers repeat the whole text at the end
            self._take_whole(choice, texts)
        has_text = len(texts) > before
        reason = choice.get("finish_reason")
        if has_text and self.unknown:
            self.unknown = None
        if reason and (usage := choice.get("usage")):  # Moonshot's place for it
            self._take_usage(usage)
        self.ending.take(reason, has_text=has_text)

    def _take_whole(self, choice: dict[str, Any], texts: list[str]) -> None:
        if message := choice.get("message"):
            self._take_message(message, texts)
            self.is_done = self._json is not None
        elif text := choice.get("text"):  # as older servers complete a text
            self._take_message({"content": text}, texts)

    def _take_message(self, message: dict[str, Any], texts: list[str]) -> None:
        content = message.get("content") or message.get("refusal")
        text = content if content is None or isinstance(content, str) else _text_of(content)
        if text:
            texts.append(text)
            self.has_worked = self._has_text = True
        elif content or any(message.get(name) for name in _HIDDEN_FIELDS):
            texts.append("")
            self.has_worked = True
        for name in _REASONING_FIELDS:
            if (thought := message.get(name)) and isinstance(thought, str):
                self._fields.append(thought)
                break  # some servers send it under both names

    def _take_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.prompt_tokens = _count(usage.get("prompt_tokens"))
            self.completion_tokens = _count(usage.get("completion_tokens"))
            self.has_worked = self.has_worked or bool(self.completion_tokens)

    def _join(self, texts: list[str]) -> str:
        self.has_news = bool(texts)
        piece = "".join(texts)
        if self._repair and piece:
            piece = self._repair.feed(piece)
        # PostgreSQL cannot store NUL.
        return self._reasoning.feed(piece).replace("\0", "") if piece else ""

    def _held(self) -> str:
        rest = self._repair.feed("", is_last=True) if self._repair else ""
        return self._reasoning.feed(rest) + self._reasoning.end()


def _error_in(payload: bytes) -> Any:
    """The error of an event that says that it is one; its text where it is not JSON."""
    try:
        parsed = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode("utf-8", "replace")
    return parsed.get("error") or parsed if isinstance(parsed, dict) else parsed


def _text_of(content: Any) -> str:
    """The text of a message's typed parts. Raises TypeError for what is no text."""
    parts = [content] if isinstance(content, dict) else content
    if not isinstance(parts, list):
        raise TypeError
    return "".join(map(_text_of_part, parts))


def _text_of_part(part: Any) -> str:
    if isinstance(part, dict):
        part = part.get("text") or "" if part.get("type") in _TEXT_PARTS else ""
    if not isinstance(part, str):
        raise TypeError
    return part


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else None
