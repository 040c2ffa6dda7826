"""People, lines and chats to measure with, made in the database that the environment names. Prints
as JSON what the scenarios need. Runs with the code of the checkout that is measured.
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.tokens import Refresh  # noqa: E402
from bench.stub import ANSWER, LINE  # noqa: E402
from chat.models import Chat, Conversation, Reply, Status  # noqa: E402
from quotes.importing.importer import DEMO_FILE  # noqa: E402
from quotes.models import Quote  # noqa: E402

ALIKE, CHATS, TURNS = 300, 100, 10


def people(name: str, count: int) -> list[User]:
    """With a password that no one has, and an allowance that does not end."""
    return User.objects.bulk_create(
        User(email=f"{name}{n}@bench.example", password="!", daily_limit=10**9)
        for n in range(count)
    )


def token(user: User) -> str:
    """One that lives longer than the longest run."""
    access = Refresh.for_user(user).access_token
    access.set_exp(lifetime=timedelta(days=1))
    return str(access)


def lines(author: User) -> None:
    """The seed data, and many lines that are alike: the board of the most expensive question."""
    words = ("river", "lantern", "winter", "letter", "window", "garden", "thunder", "silence")
    alike = [
        f"The {words[n % 8]} remembers {n} {words[(n // 8) % 8]}s before it speaks."
        for n in range(ALIKE)
    ]
    rows = [{"content": text, "source": f"Work {n % 20}"} for n, text in enumerate([LINE, *alike])]
    rows += [json.loads(line) for line in DEMO_FILE.read_text(encoding="utf-8").splitlines()]
    Quote.objects.bulk_create(
        Quote(**row, user=author, is_apply=True, applied_at=timezone.now()) for row in rows
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE quotes_quote")  # as it does by itself after a minute


def conversation(owner: User, turns: int) -> Chat:
    """A conversation of so many answered turns; returns the last."""
    place = Conversation.objects.create(user=owner, title="Bench")
    chat = None
    for number in range(turns):
        chat = Chat.objects.create(
            user=owner, conversation=place, parent=chat, content=f"Question {number}?"
        )
        chat.chat_reply = Reply.objects.create(
            user=chat.user,
            chat=chat,
            status=Status.DONE,
            content=ANSWER,
            model="stub",
            finish_reason="stop",
            prompt_tokens=200,
            completion_tokens=20,
            finished_at=timezone.now(),
        )
        chat.save()
    assert chat
    return chat


def main(connections: int) -> None:
    """Askers and readers are different people, so that asking does not lengthen what is listed."""
    askers, readers = people("asker", connections), people("reader", connections)
    lines(askers[0])
    last_of = [conversation(asker, TURNS) for asker in askers]
    read = [[conversation(reader, TURNS) for _ in range(CHATS // TURNS)][-1] for reader in readers]
    print(
        json.dumps(
            {
                "askers": [token(asker) for asker in askers],
                "readers": [token(reader) for reader in readers],
                "parents": [chat.pk for chat in last_of],
                "chats": [chat.pk for chat in read],
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
