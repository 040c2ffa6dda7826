"""A program that asks and wants its answer, whatever breaks in between."""

import contextlib
import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from tests.faults.stack import Stack

EVENT_STREAM = "text/event-stream"


@dataclass
class Told:
    """What a reader has at the end."""

    question: str
    text: str = ""
    stream_id: str = ""
    after: int | None = None
    last: dict[str, Any] | None = None
    connections: int = 0
    trouble: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        return "" if self.last is None else str(self.last["chat"]["chat_reply"]["status"])


class Reader:
    """Asks by POST /chat with an Idempotency-Key, and comes back with Last-Event-ID each time that
    its connection breaks. With `drop_after`, it breaks it itself after that many events.
    """

    def __init__(self, stack: Stack, token: str, *, patience: float = 90) -> None:
        self._stack, self._token, self._patience = stack, token, patience

    def ask(self, content: str, *, drop_after: range | None = None) -> Told:
        told, key, end = Told(content), str(uuid.uuid4()), time.monotonic() + self._patience
        while told.last is None:
            assert time.monotonic() < end, f"no end of {told}"
            try:
                self._connect(told, key, drop_after)
            except (OSError, http.client.HTTPException) as error:
                told.trouble.append(repr(error))
                time.sleep(0.1)
        return told

    def _connect(self, told: Told, key: str, drop_after: range | None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._stack.port, timeout=30)
        with contextlib.closing(connection):
            self._request(connection, told, key)
            response = connection.getresponse()
            if response.status >= 500 or response.status == 429:
                response.read()
                raise ConnectionError(response.status)
            assert response.status == 200, (response.status, response.read())
            told.connections += 1
            most = random.choice(drop_after) if drop_after else None  # noqa: S311
            for number, (event_id, event) in enumerate(events(response)):
                self._take(told, event_id, event)
                if told.last or number == most:
                    return

    def _request(self, connection: http.client.HTTPConnection, told: Told, key: str) -> None:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": EVENT_STREAM,
            "Content-Type": "application/json",
            "X-Forwarded-Proto": "https",
        }
        if told.stream_id:
            if told.after is not None:
                headers["Last-Event-ID"] = str(told.after)
            connection.request("GET", f"/chat/stream/{told.stream_id}", headers=headers)
        else:
            body = json.dumps({"content": told.question})
            connection.request("POST", "/chat", body, headers={**headers, "Idempotency-Key": key})

    def _take(self, told: Told, event_id: int, event: dict[str, Any]) -> None:
        if event["type"] == "START":
            told.stream_id = event["stream_id"]
        elif event["type"] == "CHUNK":
            told.text += event["content"]
        else:
            told.last = event
        told.after = event_id


def events(response: http.client.HTTPResponse) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := response.readline():
        if line.startswith(b"id: "):
            number = int(line[4:])
        elif line.startswith(b"data: "):
            yield number, json.loads(line[6:])
    raise ConnectionError("the stream broke off")


class Load:
    """Readers that ask one question after the other until they are told to stop."""

    def __init__(self, stack: Stack, *, readers: int, question: str) -> None:
        self.told: list[Told] = []
        self.errors: list[BaseException] = []
        self._enough = threading.Event()
        tokens = stack.tokens
        self._threads = [
            threading.Thread(target=self._go_on, args=(Reader(stack, token), question))
            for token in (tokens[number % len(tokens)] for number in range(readers))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
            time.sleep(0.02)
        return self

    def __exit__(self, *exception: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()
        if not exception[0]:
            assert not self.errors, self.errors

    def _go_on(self, reader: Reader, question: str) -> None:
        try:
            while not self._enough.is_set():
                self.told.append(reader.ask(question))
        except BaseException as error:  # noqa: BLE001 - told in __exit__
            self.errors.append(error)


def assert_texts(stack: Stack, told: list[Told]) -> None:
    """What each reader has put together is what its last event says, and what is stored."""
    stored = stack.texts()
    for each in told:
        assert each.last is not None
        assert each.text == stored[each.stream_id], each
        if each.last["type"] == "END":
            assert each.text == each.last["full_content"], each
