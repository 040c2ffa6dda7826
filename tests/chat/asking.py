"""Short words for what the chat's tests do all the time."""

import json
import time
from typing import Any, NamedTuple

from django.http.response import HttpResponseBase
from rest_framework.test import APIClient

from accounts.models import User
from chat.models import Chat, Conversation, DailyUsage, Reply, Status
from chat.streams import registry

EVENT_STREAM = "text/event-stream"


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
    """Until the answer that is written beside the request has been stored."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        stored = Reply.objects.latest("pk")
        if stored.status != Status.STREAMING and not registry.get(stored.stream_id):
            return stored
        time.sleep(0.01)
    raise TimeoutError


def follow(client: APIClient, stream_id: object, after: object = None) -> Any:
    headers = {"Accept": EVENT_STREAM}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    return client.get(f"/chat/stream/{stream_id}", headers=headers)


def events_of(response: HttpResponseBase) -> list[Event]:
    """The events of a stream that is read to its end; comments are left out."""
    raw = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert raw.endswith("\n\n")
    return [_event(block) for block in raw[:-2].split("\n\n") if not block.startswith(":")]


def _event(block: str) -> Event:
    number, name, data = block.split("\n")
    assert number.startswith("id: ")
    assert name == "event: chunk"
    assert data.startswith("data: ")
    return Event(int(number[4:]), json.loads(data[6:]))


def text_of(events: list[Event]) -> str:
    """What a reader has put together from the chunks."""
    return "".join(event.data["content"] for event in events if event.data["type"] == "CHUNK")


def used(user: User) -> int:
    """Units taken, on whatever day."""
    return sum(DailyUsage.objects.filter(user=user).values_list("used", flat=True))


def make_chat(
    user: User, content: str = "A question", answer: str = "An answer", **fields: Any
) -> Chat:
    """An answered chat as the history holds it, without asking anybody."""
    conversation = fields.pop("conversation", None) or Conversation.objects.create(
        user=user, title=content[:200]
    )
    reply = {"model": "fake", "content": answer, "status": Status.DONE, **fields.pop("reply", {})}
    chat = Chat.objects.create(user=user, conversation=conversation, content=content, **fields)
    chat.chat_reply = Reply.objects.create(user=user, chat=chat, **reply)
    chat.save()
    return chat
