"""What is asked of the server: for each scenario, the request of every connection."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.load import request
from bench.stub import LINE, LONG, LONG_STORED, STORED

QUESTION = "What was that line about a rose that by another name smells as sweet?"
ALIKE = "What does the winter lantern remember of silence and thunder?"  # like 300 of the lines


@dataclass(frozen=True)
class Scenario:
    name: str
    says: str
    requests: Callable[[dict[str, Any]], list[bytes]]
    status: int = 200


def _get(path: str) -> Callable[[dict[str, Any]], list[bytes]]:
    """By readers; `{chat}` in the path is a chat of each one's own."""
    return lambda seeds: [
        request("GET", path.format(chat=chat), token=token)
        for token, chat in zip(seeds["readers"], seeds["chats"], strict=True)
    ]


def _ask(seeds: dict[str, Any], bodies: list[dict[str, object]]) -> list[bytes]:
    return [
        request("POST", "/chat", token=token, body=json.dumps(body).encode())
        for token, body in zip(seeds["askers"], bodies, strict=True)
    ]


def _same(body: dict[str, object]) -> Callable[[dict[str, Any]], list[bytes]]:
    return lambda seeds: _ask(seeds, [body] * len(seeds["askers"]))


def _next(seeds: dict[str, Any]) -> list[bytes]:
    return _ask(seeds, [{"content": QUESTION, "parent": parent} for parent in seeds["parents"]])


def _nobody(seeds: dict[str, Any]) -> list[bytes]:
    return [request("GET", "/health/live") for _ in seeds["readers"]]


SCENARIOS = [
    Scenario("health", "GET /health/live: the floor, no sign-in, no database", _nobody),
    Scenario("profile", "GET /accounts/profile: the floor with a token", _get("/accounts/profile")),
    Scenario("turn", "POST /chat: a new conversation", _same({"content": QUESTION}), 201),
    Scenario("plain", "POST /chat: without any word to look for", _same({"content": "?"}), 201),
    Scenario("cited", "POST /chat: the answer quotes a line", _same({"content": LINE}), 201),
    Scenario(
        "alike",
        "POST /chat: a question that most of the board is like",
        _same({"content": ALIKE}),
        201,
    ),
    Scenario(
        "stored",
        "POST /chat: the answer of `turn`, stored before",
        _same({"content": QUESTION, "model": STORED}),
        201,
    ),
    Scenario(
        "long",
        "POST /chat: an answer of 300 tokens",
        _same({"content": QUESTION, "model": LONG}),
        201,
    ),
    Scenario(
        "long-stored",
        "POST /chat: the same answer, stored before",
        _same({"content": QUESTION, "model": LONG_STORED}),
        201,
    ),
    Scenario("next", "POST /chat: after ten turns of a conversation", _next, 201),
    Scenario("chats", "GET /chat: 20 of 100", _get("/chat?per_page=20")),
    Scenario("chat", "GET /chat/{id}", _get("/chat/{chat}")),
    Scenario("quotes", "GET /quote: 20 of 432", _get("/quote?per_page=20")),
]
