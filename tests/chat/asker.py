"""A process that asks many questions at once: `python -m tests.chat.asker TOKENS THREADS`, with the
access tokens of several users joined by commas.

Prints a line when it is ready, waits for one on its standard input, and then prints how often it
got which status, as JSON.
"""

import json
import sys
from collections import Counter
from threading import Barrier, Thread

import django


def ask_at_once(tokens: str, threads: int, content: str = "Hello") -> Counter[int]:
    """Counts the statuses of so many simultaneous POST /chat, by the users in turn."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up
    from rest_framework.test import APIClient  # noqa: PLC0415

    barrier, statuses = Barrier(threads, timeout=60), []

    def go(token: str) -> None:
        client = APIClient(headers={"Authorization": f"Bearer {token}"})
        barrier.wait()
        statuses.append(client.post("/chat", {"content": content}).status_code)
        connection.close()

    people = tokens.split(",")
    running = [Thread(target=go, args=(people[n % len(people)],)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return Counter(statuses)


def main() -> None:
    django.setup()
    tokens, threads = sys.argv[1], int(sys.argv[2])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(ask_at_once(tokens, threads)))


if __name__ == "__main__":
    main()
