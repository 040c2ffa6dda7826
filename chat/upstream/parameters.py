"""What a request asks for besides its messages, and what of it a server does not accept.

Models differ: some take the limit of the answer only as `max_completion_tokens`, some no
`temperature`, some servers no `stream_options`. So a request begins with all of them. What the
server's 400 or 422 names is renamed or left out, and the request is sent again.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

LIMITS = ("max_tokens", "max_completion_tokens")
_LIMITS = frozenset(LIMITS)
_MAX_DEPTH = 6  # of a refusal's JSON
NAMES = (*LIMITS, "temperature", "stream_options", "stream")

_BY_TEXT = {
    name: re.compile(rf"(?<![a-z0-9_]){name.replace('_', '[ _]')}(?![a-z0-9_])")
    for name in NAMES
    if name != "stream"
}
# An everyday word: only as a name in quotation marks.
_BY_TEXT["stream"] = re.compile("['\"`]stream['\"`]")
# The parameter is accepted, but not this value of it.
_VALUE = re.compile(
    r"too (?:large|small|high|low|big)|at (?:most|least)|(?:less|greater|more|smaller|larger) than"
    r"|(?:above|below) (?:max|min)|between|\brange\b|(?:should|must) be (?:in|<|>)|exceed|maximum"
    r"|minimum|expected a value|invalid value|is invalid"
)


@dataclass(frozen=True)
class Complaint:
    """The parameters that a refusal names. `is_of_value`: another value of them is accepted."""

    names: frozenset[str] = frozenset()
    is_of_value: bool = False


def complaint_of(error: Any, text: str) -> Complaint:
    """What a refusal names: in its `param`, in the places of a validator's list, or in its text."""
    lowered = text.lower()
    names = set(_places(error)) or _named_in(lowered)
    return Complaint(frozenset(names), is_of_value=bool(_VALUE.search(lowered)))


def _named_in(text: str) -> set[str]:
    found = {name: match.start() for name, by in _BY_TEXT.items() if (match := by.search(text))}
    if found.keys() >= _LIMITS:  # the second one is the name to be used instead
        del found[max(LIMITS, key=found.__getitem__)]
    return set(found)


def _places(error: Any, depth: int = 0) -> Iterable[str]:
    """The parameters that structured fields name: `param`, and `loc` of pydantic's errors."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(error, list):
        for each in error[:20]:
            yield from _places(each, depth + 1)
    elif isinstance(error, dict):
        place = error.get("param") or error.get("loc")
        parts = place.split(".") if isinstance(place, str) else place
        yield from (part for part in NAMES if isinstance(parts, list) and part in parts)
        for name in ("detail", "message", "errors"):
            if isinstance(error.get(name), (list, dict)):
                yield from _places(error[name], depth + 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """`content` are its bytes, of the type `content_type`."""

    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Request:
    """A request before it is known what the server accepts."""

    model: str
    messages: Sequence[Any]
    temperature: float
    max_tokens: int

    def body(self, refused: frozenset[str]) -> bytes:
        """As JSON, without the parameters that are refused."""
        messages = list(map(_wire_form, self.messages))
        given: dict[str, Any] = {"model": self.model, "messages": messages}
        if "temperature" not in refused:
            given["temperature"] = self.temperature
        if limit := next((name for name in LIMITS if name not in refused), ""):
            given[limit] = self.max_tokens
        if "stream" not in refused:
            given["stream"] = True
            if "stream_options" not in refused:
                given["stream_options"] = {"include_usage": True}
        return orjson.dumps(given)


def _wire_form(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as OpenAI's API defines it: with pictures, its content is a list of parts."""
    form = {"role": message["role"], "content": message["content"]}
    if pictures := message.get("pictures"):
        form["content"] = [{"type": "text", "text": message["content"]}, *map(_part, pictures)]
    return form


def _part(picture: Picture) -> dict[str, Any]:
    data = b64encode(picture.content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{picture.content_type};base64,{data}"}}


class Adaptation:
    """What one request leaves out (`refused`): at first what its model refused before.

    Each complaint must name a parameter that this request still has, or there is no further
    attempt; so there are at most as many as there are names. `lasting` is what later requests leave
    out, too.
    """

    def __init__(self, refused: frozenset[str]) -> None:
        self.refused = self.lasting = refused
        self.has_learned = False
        self._named: frozenset[str] = frozenset()

    def follow(self, complaint: Complaint) -> bool:
        """Leaves out or renames what is named. False where that changes nothing."""
        names, before = complaint.names, self.refused
        if not names:
            return False
        if complaint.is_of_value and names & _LIMITS:
            names |= _LIMITS  # under its other name, the value would be refused, too
        self._named |= names
        self.refused = self._with(before, names)
        if not complaint.is_of_value:
            self.lasting = self._with(self.lasting, names)
            self.has_learned = True
        return self.refused != before

    def _with(self, refused: frozenset[str], names: frozenset[str]) -> frozenset[str]:
        both = refused | names
        if both >= _LIMITS and not self._named >= _LIMITS:
            # The server refused the other name once, and takes it now.
            return both - (_LIMITS - self._named)
        return both
