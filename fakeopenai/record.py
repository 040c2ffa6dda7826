"""The requests and how they ended, for tests to look up. Keys are not stored."""

import json
from collections import Counter, deque
from typing import Any

from fakeopenai.exchange import HTTPRequest

KEY = "fake"  # any key is accepted; `authorized` says whether it was this one
KEPT_REQUESTS = 10_000


class Record:
    def __init__(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        self.clear()

    def clear(self) -> None:
        """Forgets ended requests. Open completions stay counted until they end."""
        self.requests.clear()
        self.finished = self.aborted = 0
        self._repeated: Counter[bytes] = Counter()
        if not hasattr(self, "open"):
            self.open = 0

    def add(self, request: HTTPRequest) -> None:
        headers = {name: text for name, text in request.headers.items() if name != "authorization"}
        self.requests.append(
            {
                "method": request.method,
                "path": request.path,
                "headers": headers,
                "authorized": request.headers.get("authorization") == f"Bearer {KEY}",
                "body": _parsed(request.body),
            }
        )

    def count(self, request: HTTPRequest) -> int:
        """How many requests with the same body came before this one."""
        before = self._repeated[request.body]
        self._repeated[request.body] += 1
        return before

    def stats(self) -> dict[str, int]:
        """Counts of completions: in progress, ended by the server, and left by the client."""
        return {"open": self.open, "finished": self.finished, "aborted": self.aborted}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
