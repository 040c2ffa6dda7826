"""What most tests of the chat do: ask, follow, wait, and read events."""

import json
import time
from itertools import pairwise
from typing import Any, NamedTuple

from django.http.response import HttpResponseBase
from rest_framework.test import APIClient

from accounts.models import User
from chat.live.registry import registry
from chat.models import Chat, Citation, Conversation, DailyUsage, Reply, Status
from chat.turns.afterwards import AT_ONCE, places
from chat.turns.start import start_turn
from chat.turns.types import GenerationOptions, NewQuestion, Turn

EVENT_STREAM = "text/event-stream"
OPTIONS = GenerationOptions(model="fake", temperature=1, max_tokens=10)


class Event(NamedTuple):
    id: int
    data: dict[str, Any]


def ask(client: APIClient, content: str = "Hello", *, headers: Any = None, **body: Any) -> Any:
    return client.post("/chat", {"content": content, **body}, headers=headers)


def ask_streaming(client: APIClient, content: str = "Hello", **body: Any) -> list[Event]:
    response = client.post("/chat", {"content": content, **body}, headers={"Accept": EVENT_STREAM})
    assert response.status_code == 200, response.content
    return events_of(response)


def wait_for_end() -> Reply:
    """Wait until the newest answer has been stored by the background writer."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        stored = Reply.objects.latest("pk")
        if stored.status != Status.STREAMING and not registry.get(stored.stream_id):
            return stored
        time.sleep(0.01)
    raise TimeoutError


def wait_for_additions() -> None:
    """Wait until nothing is being added to an answer that has ended (`chat.turns.afterwards`)."""
    taken = [places.acquire(timeout=30) for _ in range(AT_ONCE)]
    for _ in taken:
        places.release()
    assert all(taken)


def follow(client: APIClient, stream_id: object, after: object = None) -> Any:
    headers = {"Accept": EVENT_STREAM}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    return client.get(f"/chat/stream/{stream_id}", headers=headers)


def events_of(response: HttpResponseBase) -> list[Event]:
    """The events of a stream that is read to its end; comments are left out."""
    raw = response.getvalue().decode()
    assert raw.endswith("\n\n")
    return [_event(block) for block in raw[:-2].split("\n\n") if not block.startswith(":")]


def _event(block: str) -> Event:
    number, name, data = block.split("\n")
    assert number.startswith("id: ")
    assert name == "event: chunk"
    assert data.startswith("data: ")
    return Event(int(number[4:]), json.loads(data[6:]))


def text_of(events: list[Event]) -> str:
    """The text of all chunks."""
    return "".join(event.data["content"] for event in events if event.data["type"] == "CHUNK")


def begin_turn(user: User, content: str = "Hello") -> Turn:
    """A turn that is stored and not generated. Close its text in the registry."""
    return start_turn(user=user, question=NewQuestion(content=content, options=OPTIONS))


def used(user: User) -> int:
    """Units taken on all days."""
    return sum(DailyUsage.objects.filter(user=user).values_list("used", flat=True))


def make_chat(
    user: User, content: str = "A question", answer: str = "An answer", **fields: Any
) -> Chat:
    """An answered chat as the history holds it, without a request."""
    conversation = fields.pop("conversation", None) or Conversation.objects.create(
        user=user, title=content[:200]
    )
    reply = {"model": "fake", "content": answer, "status": Status.DONE, **fields.pop("reply", {})}
    chat = Chat.objects.create(user=user, conversation=conversation, content=content, **fields)
    chat.chat_reply = Reply.objects.create(user=user, chat=chat, **reply)
    chat.save()
    return chat


def make_chats(user: User, count: int) -> list[Chat]:
    """A conversation of questions that each follow the one before, with answers that cite; and
    conversations without a question, as many in all.
    """
    conversations = [Conversation(user=user) for _ in range(count)]
    first, *_others = Conversation.objects.bulk_create(conversations)
    chats = Chat.objects.bulk_create(
        Chat(user=user, conversation=first, content=f"Question {n}") for n in range(count)
    )
    replies = Reply.objects.bulk_create(
        Reply(user=user, chat=chat, model="fake", content="“A line”", status=Status.DONE)
        for chat in chats
    )
    Citation.objects.bulk_create(
        Citation(reply=reply, text="A line", start=1, end=7, verdict="unknown") for reply in replies
    )
    for earlier, later in pairwise(chats):
        later.parent = earlier
    for chat, reply in zip(chats, replies, strict=True):
        chat.chat_reply = reply
    Chat.objects.bulk_update(chats, ["parent", "chat_reply"])
    return chats


def said(words: str) -> str:
    """The words for an answer (`[[say: …]]`) so that the question does not have them: words of the
    question are an echo in the answer, and no claim.
    """
    return words.replace("e", "&#101;").replace("a", "&#97;")
