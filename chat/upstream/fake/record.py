"""What was asked and how it ended, so that a test can look it up. Holds no key."""

import json
from collections import Counter, deque
from typing import Any

from chat.upstream.fake.exchange import Request

KEY = "fake"  # any key is taken; the record says whether it was this one
KEPT_REQUESTS = 10_000


class Record:
    def __init__(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        self.clear()

    def clear(self) -> None:
        """Forgets what has ended; what is open stays counted until it ends."""
        self.requests.clear()
        self.finished = self.aborted = 0
        self._repeated: Counter[bytes] = Counter()
        if not hasattr(self, "open"):
            self.open = 0

    def add(self, request: Request) -> None:
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

    def count(self, request: Request) -> int:
        """How many requests like this one came before it."""
        before = self._repeated[request.body]
        self._repeated[request.body] += 1
        return before

    def stats(self) -> dict[str, int]:
        """Of the completions: those being answered, those that the server ended in whatever way,
        and those that the client left.
        """
        return {"open": self.open, "finished": self.finished, "aborted": self.aborted}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
