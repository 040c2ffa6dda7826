"""Importing conversations, of Daesa's own export and of ChatGPT's."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from chat.importing import store
from chat.importing.chatgpt import MOST_REPLIES
from chat.models import Chat, Citation, Conversation, DailyUsage, Import, Reply, Status
from chat.turns.concurrency import MOST_PINNED
from tests.factories import PASSWORD
from tests.ledger import assert_ledger_is_exact

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/conversations/import"
TIME = 1_700_000_000.5


def node(
    role: str | None, text: str = "", *, parent: str | None, children: Any = (), **message: Any
) -> dict[str, Any]:
    value: dict[str, Any] = {"parent": parent, "children": list(children), "message": None}
    if role:
        content = {"content_type": "text", "parts": [text]}
        value["message"] = {
            "author": {"role": role},
            "content": content,
            "create_time": TIME,
            "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
            **message,
        }
    return value


def chatgpts(nodes: dict, *, current: str = "", key: str = "one") -> dict:
    return {
        "conversation_id": key,
        "title": "A talk",
        "create_time": TIME,
        "mapping": nodes,
        "current_node": current,
    }


SIMPLE = {
    "root": node(None, parent=None, children=["sys"]),
    "sys": node("system", "Be kind.", parent="root", children=["q1"]),
    "q1": node("user", "Who wrote it?", parent="sys", children=["a1"]),
    "a1": node("assistant", "Yun Dong-ju.", parent="q1", children=["q2"]),
    "q2": node("user", "When?", parent="a1", children=["a2"]),
    "a2": node("assistant", "In 1941.", parent="q2"),
}


def send(client, *conversations):
    response = client.post(URL, {"conversations": list(conversations)})
    assert response.status_code == 200, response.content
    return response.json()


def talk(user) -> list[tuple[Any, ...]]:
    """Each question with its parent's, its answers, and the shown one."""
    return [
        (
            chat.content,
            chat.parent and chat.parent.content,
            list(chat.replies.order_by("pk").values_list("content", flat=True)),
            chat.chat_reply and chat.chat_reply.content,
        )
        for chat in Chat.objects.owned_by(user).order_by("pk")
    ]


# --- ChatGPT ------------------------------------------------------------------------------------


def test_a_talk(alice, as_alice):
    [result] = send(as_alice, chatgpts(SIMPLE))["results"]
    assert (result["result"], result["title"], result["chats"]) == ("added", "A talk", 2)
    assert talk(alice) == [
        ("Who wrote it?", None, ["Yun Dong-ju."], "Yun Dong-ju."),
        ("When?", "Who wrote it?", ["In 1941."], "In 1941."),
    ]
    reply = Reply.objects.first()
    moment = datetime.fromtimestamp(TIME, tz=UTC)
    assert (reply.status, reply.model, reply.created_at) == (Status.IMPORTED, "gpt-4o", moment)
    conversation = Conversation.objects.get()
    assert (conversation.created_at, conversation.updated_at) == (moment, moment)


def test_branches_of_questions_and_answers(alice, as_alice):
    nodes = {
        "q1": node("user", "One", parent=None, children=["a1", "a2"]),
        "a1": node("assistant", "First", parent="q1", children=["q2", "q3"]),
        "a2": node("assistant", "Second", parent="q1"),
        "q2": node("user", "Two", parent="a1"),
        "q3": node("user", "Three", parent="a1"),
    }
    send(as_alice, chatgpts(nodes, current="a1"))
    assert talk(alice) == [
        ("One", None, ["First", "Second"], "First"),
        ("Two", "One", [], None),
        ("Three", "One", [], None),
    ]


def test_messages_around_a_search_are_one_answer(alice, as_alice):
    nodes = {
        "q": node("user", "Look it up", parent=None, children=["a"]),
        "a": node("assistant", "I look.", parent="q", children=["t"]),
        "t": node("tool", "results", parent="a", children=["b", "c"]),
        "b": node("assistant", "Found.", parent="t"),
        "c": node("assistant", "Nothing.", parent="t"),
    }
    send(as_alice, chatgpts(nodes, current="b"))
    [(_question, _parent, answers, shown)] = talk(alice)
    assert answers == ["I look.\n\nFound.", "I look.\n\nNothing."]
    assert shown == "I look.\n\nFound."


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"content_type": "text", "parts": ["a", {"asset": 1}, "b"]}, 3),
        ({"content_type": "code", "text": "print(1)"}, 1),
        ({"content_type": "multimodal_text", "parts": [{"asset": 1}]}, 1),
        ({"content_type": "thoughts", "parts": ["hidden"]}, 0),
        ({"content_type": "text", "parts": [""]}, 0),
        ({"content_type": "text"}, 0),
        ("text", 0),
        (None, 0),
    ],
    ids=str,
)
def test_contents(alice, as_alice, content, text):
    nodes = {"q": node("user", parent=None, content=content)}
    [result] = send(as_alice, chatgpts(nodes))["results"]
    assert result["result"] == ("added" if text else "empty")
    found = [chat.content.split("\n\n") for chat in Chat.objects.all()]
    assert [len(parts) for parts in found] == ([text] if text else [])


ODD: dict[str, dict[str, Any]] = {
    "a circle": {
        "a": node("user", "A", parent="b", children=["b"]),
        "b": node("user", "B", parent="a", children=["a"]),
    },
    "itself": {"a": node("user", "A", parent="a", children=["a"])},
    "two parents": {
        "a": node("user", "A", parent=None, children=["c"]),
        "b": node("user", "B", parent=None, children=["c"]),
        "c": node("user", "C", parent="a"),
    },
    "missing children": {"a": node("user", "A", parent="nowhere", children=["gone", 3, None])},
    "no nodes": {"a": None, "b": [], "c": "text", "d": {"message": []}},
    "an answer first": {"a": node("assistant", "A", parent=None)},
    "odd times": {
        "a": node("user", "A", parent=None, create_time=1e300),
        "b": node("user", "B", parent=None, create_time="yesterday"),
        "c": node("user", "C", parent=None, create_time=True),
    },
    "odd texts": {"a": node("user", "A\x00 \u202eB", parent=None)},
}


@pytest.mark.parametrize("name", ODD)
def test_odd_trees_end(alice, as_alice, name):
    value = chatgpts(ODD[name])
    [result] = send(as_alice, value)["results"]
    questions = [chat.content for chat in Chat.objects.owned_by(alice)]
    assert result["chats"] == len(questions) == len(set(questions))
    assert all("\x00" not in question for question in questions)
    assert all(chat.created_at.year >= 2000 for chat in Chat.objects.all())


def test_many_ways_out_of_a_long_answer_stay_few(as_alice, alice):
    """Each way would copy all before it."""
    nodes = {"q": node("user", "Q", parent=None, children=["a0"])}
    for number in range(300):
        children = [f"a{number + 1}", f"b{number}"] if number < 299 else []
        nodes[f"a{number}"] = node("assistant", "word " * 20, parent="q", children=children)
        nodes[f"b{number}"] = node("assistant", "other", parent="q")
    send(as_alice, chatgpts(nodes))
    assert Reply.objects.count() == MOST_REPLIES


# --- Daesa's own --------------------------------------------------------------------------------


def test_what_was_exported_can_be_imported_by_another(alice, bob, as_alice, as_bob):
    send(as_alice, chatgpts(SIMPLE))
    conversation = Conversation.objects.get()
    Conversation.objects.filter(pk=conversation.pk).update(
        system_prompt="Be kind.", model="board", pinned=True
    )
    first = Chat.objects.order_by("pk").first()
    reply = Reply.objects.create(
        user=alice, chat=first, status=Status.STOPPED, content="Another", model="board"
    )
    Chat.objects.filter(pk=first.pk).update(chat_reply=reply)
    as_alice.post("/accounts/export", {"password": PASSWORD})
    archive = b"".join(as_alice.get("/accounts/export/file").streaming_content)
    value = json.loads(zipfile.ZipFile(io.BytesIO(archive)).read("conversations.json"))
    assert (value["format"], value["version"]) == ("daesa-conversations", 1)
    [result] = send(as_bob, *value["conversations"])["results"]
    assert result["result"] == "added"
    assert talk(bob) == talk(alice)
    copy = Conversation.objects.owned_by(bob).get()
    assert (copy.title, copy.system_prompt) == ("A talk", "Be kind.")
    assert (copy.model, copy.pinned) == ("board", True)
    assert copy.created_at == Conversation.objects.owned_by(alice).get().created_at


def test_imported_pins_fill_what_is_free(as_alice, alice):
    for _ in range(MOST_PINNED - 1):
        Conversation.objects.create(user=alice, pinned=True)
    files = [
        {"id": n, "pinned": pinned, "chats": [{"id": n, "content": f"Question {n}"}]}
        for n, pinned in enumerate([True, True, "yes"])
    ]
    results = send(as_alice, *files)["results"]
    assert [one["result"] for one in results] == ["added"] * 3
    imported = Conversation.objects.exclude(imported=None).order_by("pk")
    assert [one.pinned for one in imported] == [True, False, False]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"chats": "many"},
        {"mapping": []},
        {"mapping": {}, "title": "no id"},
        {"chats": []},
        {"chats": [None, 1, {"content": 3}, {"content": "  "}]},
    ],
    ids=str,
)
def test_what_is_no_conversation(as_alice, value):
    [result] = send(as_alice, value)["results"]
    assert result["result"] in {"unreadable", "empty"}
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("parent", [1, "1", 2, 99, None, [], {}, -1, True], ids=repr)
def test_parents_are_earlier_chats(alice, as_alice, parent):
    chats = [{"id": 1, "content": "One"}, {"id": 2, "content": "Two", "parent": parent}]
    send(as_alice, {"chats": chats})
    second = Chat.objects.order_by("pk").last()
    assert second.parent_id is None or second.parent_id < second.pk


# --- Once, and within limits --------------------------------------------------------------------


def test_none_is_imported_twice(alice, bob, as_alice, as_bob):
    own = {"id": 7, "chats": [{"content": "A question"}]}
    results = [one["result"] for one in send(as_alice, own, own, chatgpts(SIMPLE))["results"]]
    assert results == ["added", "known", "added"]
    results = [one["result"] for one in send(as_alice, chatgpts(SIMPLE), own)["results"]]
    assert results == ["known", "known"]
    assert [one["result"] for one in send(as_bob, own)["results"]] == ["added"]


def test_a_deleted_one_can_be_imported_again(alice, as_alice):
    [result] = send(as_alice, chatgpts(SIMPLE))["results"]
    assert as_alice.delete(f"/conversations/{result['conversation']}").status_code == 204
    assert send(as_alice, chatgpts(SIMPLE))["added"] == 1


def test_no_more_conversations_than_others(as_alice, settings):
    settings.MAX_CONVERSATIONS = 2
    some = [chatgpts(SIMPLE, key=str(number)) for number in range(3)]
    response = as_alice.post(URL, {"conversations": some})
    assert (response.status_code, response.json()["code"]) == (409, "limit_reached")
    assert Conversation.objects.count() == 2


def test_no_more_characters(as_alice):
    long = {"chats": [{"content": "x" * 60}], "id": 1}
    assert as_alice.post(URL, {"conversations": [long]}).status_code == 200
    Import.objects.update(characters=store.MOST_CHARACTERS - 60)
    assert as_alice.post(URL, {"conversations": [{**long, "id": 2}]}).status_code == 200
    response = as_alice.post(URL, {"conversations": [{**long, "id": 3}]})
    limit = {"name": "imported_characters", "value": store.MOST_CHARACTERS}
    assert response.json()["limit"] == limit


def test_a_very_long_one_is_named(as_alice):
    long = {"title": "Long", "chats": [{"content": "x"}] * 2001}
    [result] = send(as_alice, long)["results"]
    assert (result["result"], result["title"]) == ("too_long", "Long")


def test_it_takes_no_unit(as_alice, alice):
    send(as_alice, chatgpts(SIMPLE))
    assert not DailyUsage.objects.filter(used__gt=0).exists()
    assert_ledger_is_exact()


# --- What comes of it ---------------------------------------------------------------------------


def test_it_is_shown_and_its_quotations_are_not_judged(as_alice):
    [result] = send(as_alice, chatgpts(SIMPLE))["results"]
    body = as_alice.get(f"/conversations/{result['conversation']}").json()
    reply = body["chats"][0]["chat_reply"]
    assert (reply["status"], reply["judged"], reply["charged"]) == ("imported", "none", False)
    assert not Citation.objects.exists()
    found = as_alice.get("/chat", {"q": "yun dong"}).json()
    assert found["count"] == 1


def test_the_conversation_goes_on(as_alice, upstream):
    [result] = send(as_alice, chatgpts(SIMPLE))["results"]
    last = Chat.objects.order_by("pk").last()
    response = as_alice.post(
        "/chat", {"content": "Really?", "conversation": result["conversation"], "parent": last.pk}
    )
    assert response.status_code == 201
    told = [message["content"] for message in upstream.requests()[-1]["messages"]]
    assert [text for text in told if text in {"Who wrote it?", "In 1941.", "Really?"}] == [
        "Who wrote it?",
        "In 1941.",
        "Really?",
    ]


def test_a_reader_of_the_stream_gets_it_whole(as_alice):
    send(as_alice, chatgpts(SIMPLE))
    reply = Reply.objects.order_by("pk").first()
    after = str(len(reply.content) + 1)
    response = as_alice.get(f"/chat/stream/{reply.stream_id}", HTTP_LAST_EVENT_ID=after)
    assert response.status_code == 204
