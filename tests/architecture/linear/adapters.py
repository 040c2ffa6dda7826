"""The parsers that do not take one text, as functions of one: they read pieces, a header or a body,
or compare the text with another.
"""

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.test import RequestFactory
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts import authentication, nicknames
from chat.answering.open_code import OpenCode
from chat.answering.quote_ids import QuoteIds
from chat.live.streams import Live
from chat.upstream import lenient_json
from chat.upstream.completion import CompletionDecoder
from chat.upstream.options import ClientOptions
from chat.upstream.reasoning import ReasoningFilter
from config.api import idempotency
from config.api.negotiation import ContentNegotiation
from config.api.parsers import JSONParser, read_json
from config.api.renderers import JSONRenderer
from quotes.glosses import checks
from quotes.importing import findings, importer
from quotes.models import Quote
from quotes.search.find import Found
from quotes.verification import (
    attribution,
    claims,
    judgement,
    reading,
    repair,
    spans,
)
from tests.architecture.linear.timing import Work

LINE = "The rest is silence, said the prince at the end."


def in_pieces(kind: Callable[[], Any], size: int) -> Work:
    """In pieces of so many bytes, as they come from a server."""

    def work(text: str) -> None:
        reader, received = kind(), text.encode()
        for at in range(0, len(received), size):
            reader.feed(received[at : at + size])

    return work


def filtered(text: str, *, size: int) -> None:
    reasoning = ReasoningFilter()
    for at in range(0, len(text), size):
        reasoning.feed(text[at : at + size])
    reasoning.end()


def with_lines(text: str, *, size: int) -> None:
    """Also with an id behind each part of it, so that what stands before is looked at."""
    for written in (text, text.replace(text[:1], f"{text[:1]}[[1]]")):
        ids = QuoteIds(lambda: [Found(1, LINE, "", "")])
        for at in range(0, len(written), size):
            ids.feed(written[at : at + size])
        ids.end()


def open_code(text: str) -> None:
    code = OpenCode()
    for character in text:
        code.feed(character)
    code.ends_in_code()


def odd_json(text: str) -> None:
    with contextlib.suppress(ValueError, RecursionError):
        list(lenient_json.values_of(text.encode()))


def odd_json_in_quotes(text: str) -> None:
    odd_json("".join(f'"{character}" ' for character in text.replace('"', "")))


def completed(text: str, *, beginning: bytes) -> None:
    decoder, received = CompletionDecoder(ClientOptions()), beginning + text.encode()
    for at in range(0, len(received), 65536):
        decoder.feed(received[at : at + 65536])
    decoder.end()


def checked(serializer: type[Any], *names: str) -> Work:
    return lambda text: serializer(data=dict.fromkeys(names, text)).is_valid()


def grown(text: str) -> None:
    """Append one character at a time to a live text, then read all of it as a late reader does."""
    live, some = Live(), len(text) // 2
    for character in text:
        live.append(character)
        live.since(live.length - 1)
    live.end()
    assert sum(map(len, live.follow(some))) == len(text) - some


def corrections(text: str) -> list[Any]:
    return [
        {"start": at, "end": at + 1, "from": "ab", "to": text[at]}
        for at in range(0, len(text) - 1, 2)
    ]


def mended(text: str) -> None:
    span = spans.Span(text, 0, len(text), 0, len(text), spans.BLOCK)
    repair.repair_answer(text, [judgement.Judgement(span, "unknown")], policy="strict")


def claimed(text: str) -> None:
    """Spans all over an answer, as words that no line is like."""
    answer = reading.read(text)
    for begin in range(0, len(answer.text), max(1, len(answer.text) // 20)):
        stop = min(begin + 20, len(answer.text))
        place = answer.source(begin, stop)
        span = spans.Span(answer.text[begin:stop], begin, stop, *place, spans.MARKED)
        attribution.cited_id(answer, span)
        claims.is_claim(answer, span, question=text, shown=[])


def header(name: str, read: Callable[[Request], Any]) -> Work:
    return lambda text: read(Request(RequestFactory().get("/", headers={name: text})))


def idempotency_key_of(request: Request) -> None:
    with contextlib.suppress(APIException):
        idempotency.idempotency_key(request)


def negotiated(request: Request) -> None:
    with contextlib.suppress(APIException):
        ContentNegotiation().select_renderer(request, [JSONRenderer()])


def json_body(text: str) -> None:
    with contextlib.suppress(APIException):
        JSONParser().parse(io.BytesIO(text.encode()))


def json_value(text: str) -> None:
    with contextlib.suppress(APIException):
        read_json(text.encode())


def nickname(text: str) -> None:
    with contextlib.suppress(ValidationError):
        nicknames.clean_nickname(text)


def token(request: Request) -> None:
    with contextlib.suppress(APIException):
        authentication.bearer_of(request)


def check_file(text: str, *, is_csv: bool) -> None:
    with contextlib.suppress(findings.UnreadableFile):
        importer.check_file(io.BytesIO(f"content\n{text}".encode()), is_csv=is_csv)


def check_array(text: str) -> None:
    """As the elements of an array, as one of them, and as a header in another encoding."""
    for file in (f"[{text}", json.dumps([{"content": text, text: ""}]), f"{text}\n"):
        with contextlib.suppress(findings.UnreadableFile):
            body = io.BytesIO(file.encode("utf-16", "replace"))
            importer.check_file(body, is_csv=not file.startswith("["))


def gloss(text: str) -> None:
    """Of a line with that text, and of another."""
    for content in (text, LINE):
        with contextlib.suppress(checks.Unusable):
            checks.gloss_from(text, Quote(content=content))


ASKED = {"role": "user", "content": ""}
