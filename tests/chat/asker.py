"""A process that asks many times at once: `python -m tests.chat.asker TOKEN THREADS`.

Prints a line when it is ready, waits for one on its standard input, and then prints how often it
got which status, as JSON.
"""

import json
import sys
from collections import Counter
from threading import Barrier, Thread

import django


def ask_at_once(token: str, threads: int) -> Counter[int]:
    """Statuses of as many POST /chat, all sent at the same moment."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up
    from rest_framework.test import APIClient  # noqa: PLC0415

    barrier, statuses = Barrier(threads, timeout=60), []

    def go() -> None:
        client = APIClient(headers={"Authorization": f"Bearer {token}"})
        barrier.wait()
        statuses.append(client.post("/chat", {"content": "Hello"}).status_code)
        connection.close()

    running = [Thread(target=go) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return Counter(statuses)


def main() -> None:
    django.setup()
    token, threads = sys.argv[1], int(sys.argv[2])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(ask_at_once(token, threads)))


if __name__ == "__main__":
    main()
