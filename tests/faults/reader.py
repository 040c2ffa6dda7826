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
class Received:
    """What a reader has at the end; `before` is what it had when it last began again."""

    question: str
    text: str = ""
    before: str = ""
    stream_id: str = ""
    after: int | None = None
    last: dict[str, Any] | None = None
    connections: int = 0
    trouble: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Characters that the reader had before it had to begin again, and has no more."""
        assert not self.before or self.before.startswith(self.text)
        return max(0, len(self.before) - len(self.text))

    @property
    def outcome(self) -> str:
        return "" if self.last is None else str(self.last["chat"]["chat_reply"]["status"])


def headers_of(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": EVENT_STREAM,
        "Content-Type": "application/json",
        "X-Forwarded-Proto": "https",
    }


class Reader:
    """Asks by POST /chat with an Idempotency-Key, and comes back with Last-Event-ID each time that
    its connection breaks. With `drop_after`, it breaks it itself after that many events.
    """

    def __init__(self, stack: Stack, token: str, patience: float = 90) -> None:
        self._stack, self._token, self._patience = stack, token, patience

    def ask(self, content: str, *, drop_after: range | None = None) -> Received:
        return self.go_on(Received(content), str(uuid.uuid4()), drop_after=drop_after)

    def go_on(self, received: Received, key: str, *, drop_after: range | None = None) -> Received:
        end = time.monotonic() + self._patience
        while received.last is None:
            assert time.monotonic() < end, f"no end of {received}"
            try:
                self.connect(received, key, drop_after)
            except (OSError, http.client.HTTPException) as error:
                received.trouble.append(repr(error))
                time.sleep(0.1)
        return received

    def connect(self, received: Received, key: str, drop_after: range | None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._stack.port, timeout=30)
        with contextlib.closing(connection):
            self._request(connection, received, key)
            response = connection.getresponse()
            if response.status >= 500 or response.status == 429:
                response.read()
                raise ConnectionError(response.status)
            if response.status == 204:  # it has all but the last event
                received.text, received.after = "", None
                return
            assert response.status == 200, (response.status, response.read())
            received.connections += 1
            most = random.choice(drop_after) if drop_after else None  # noqa: S311
            for number, (event_id, event) in enumerate(events(response)):
                self._take(received, event_id, event)
                if received.last or number == most:
                    return

    def _request(
        self, connection: http.client.HTTPConnection, received: Received, key: str
    ) -> None:
        headers = headers_of(self._token)
        if received.stream_id:
            if received.after is not None:
                headers["Last-Event-ID"] = str(received.after)
            connection.request("GET", f"/chat/stream/{received.stream_id}", headers=headers)
        else:
            body = json.dumps({"content": received.question})
            connection.request("POST", "/chat", body, headers={**headers, "Idempotency-Key": key})

    def _take(self, received: Received, event_id: int, event: dict[str, Any]) -> None:
        if event["type"] == "START":
            received.stream_id, received.before = event["stream_id"], received.text
            received.text = ""
        elif event["type"] == "CHUNK":
            received.text += event["content"]
        elif event["chat"] is None and event["problem"]["status"] == 503:
            received.after = event_id
            raise ConnectionError("the database is away")
        else:
            received.last = event
        received.after = event_id


def events(response: http.client.HTTPResponse) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while line := response.readline():
        if line.startswith(b"id: "):
            number = int(line[4:])
        elif line.startswith(b"data: "):
            yield number, json.loads(line[6:])
    raise ConnectionError("the stream broke off")


class Load:
    """Readers that ask one question after the other until they are stopped."""

    def __init__(self, stack: Stack, *, readers: int, question: str) -> None:
        self.received: list[Received] = []
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
                self.received.append(reader.ask(question))
        except BaseException as error:  # noqa: BLE001 - reported in __exit__
            self.errors.append(error)


def assert_texts(stack: Stack, received: list[Received]) -> None:
    """What each reader has put together is what its last event says, and what is stored."""
    stored = stack.texts()
    for each in received:
        assert each.last is not None
        assert each.text == stored[each.stream_id], each
        if each.last["type"] == "END":
            assert each.text == each.last["full_content"], each
