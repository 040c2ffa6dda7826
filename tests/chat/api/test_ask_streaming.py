"""POST /chat with `Accept: text/event-stream`, POST /chat/stream, and following at the link."""

import json
from itertools import islice
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from rest_framework.test import APIRequestFactory, force_authenticate

from chat.api.streams import OneStream
from chat.live import readers
from chat.models import Chat, Reply, Status
from chat.turns import finish
from tests.chat.asking import (
    EVENT_STREAM,
    ask,
    ask_streaming,
    events_of,
    follow,
    make_chat,
    text_of,
    used,
    wait_for_end,
)
from tests.factories import make_quote

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("upstream")]


def test_events(as_alice, alice):
    events = ask_streaming(as_alice, "[[say: One two three four]]")
    chat = Chat.objects.get()
    reply = chat.chat_reply
    assert events[0] == (
        0,
        {"type": "START", "stream_id": str(reply.stream_id), "chat": chat.pk},
    )
    assert {event.data["type"] for event in events[1:-1]} == {"CHUNK"}
    assert text_of(events) == "One two three four"
    assert [event.id for event in events] == sorted({event.id for event in events})
    assert events[-1] == (
        len("One two three four") + 1,
        {
            "type": "END",
            "full_content": "One two three four",
            "corrections": [],
            "chat": as_alice.get(f"/chat/{chat.pk}").json(),
        },
    )
    assert used(alice) == 1


@pytest.mark.postgres
def test_no_connection_is_held_while_an_event_is_sent(as_alice):
    """Reading an event may take long."""
    asked = as_alice.post(
        "/chat", {"content": "[[chunks: 9]] [[slow: 0.05]]"}, headers={"Accept": EVENT_STREAM}
    ).streaming_content
    [started] = islice(asked, 1)
    stream_id = json.loads(started.partition(b"data: ")[2])["stream_id"]
    while_it_is_written = follow(as_alice, stream_id).streaming_content
    assert held_at_each(while_it_is_written) == {False}
    assert held_at_each(asked) == {False}
    assert held_at_each(follow(as_alice, stream_id).streaming_content) == {False}


def held_at_each(pieces) -> set[bool]:
    return {connection.connection is not None for _ in pieces}


def test_reader_that_leaves_releases_all_at_once(alice):
    """Not when the garbage collector runs, in the course of another request. Without the test's
    client, which would close the events itself.
    """
    request = APIRequestFactory().get("/chat/stream/x", headers={"Accept": EVENT_STREAM})
    force_authenticate(request, alice)
    request.session = SessionStore()
    stream_id = make_chat(alice).chat_reply.stream_id
    response = OneStream.as_view()(request, stream_id=stream_id)
    [started] = islice(response.streaming_content, 1)  # type: ignore[attr-defined]
    assert b'"type":"START"' in started
    assert readers.open_streams() == 1
    response.close()
    assert readers.open_streams() == 0
    assert list(response.streaming_content) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "question", ["[[say: He said: “The rest is silence.”]]", "[[fault: die]] The rest is silence."]
)
def test_the_last_event_has_what_is_stored(as_alice, alice, question):
    """Whether it comes from the process that wrote the answer, or from the database."""
    make_quote(alice, "The rest is silence.", speaker="Hamlet", is_apply=True)
    events = ask_streaming(as_alice, question)
    again = events_of(follow(as_alice, events[0].data["stream_id"]))
    assert {**events[-1].data, "problem": None} == {**again[-1].data, "problem": None}
    stored = as_alice.get(f"/chat/{events[0].data['chat']}").json()
    assert events[-1].data["chat"] == stored
    assert bool(stored["chat_reply"]["citations"]) == ("say" in question)


def test_a_failure_has_the_id_of_its_request(as_alice):
    headers = {"Accept": EVENT_STREAM, "X-Request-ID": "abc-123"}
    response = as_alice.post("/chat", {"content": "[[fault: die]] Hello"}, headers=headers)
    assert events_of(response)[-1].data["problem"]["request_id"] == "abc-123"


@pytest.mark.parametrize("accept", [EVENT_STREAM, "application/json"])
def test_an_end_that_could_not_be_stored_is_not_sent(as_alice, monkeypatch, accept):
    end, lost = finish.finish_turn, []  # type: ignore[var-annotated]

    def lose_once(turn, **how):
        if lost:
            return end(turn, **how)
        lost.append(turn)
        turn.reply.status = Status.DONE  # as a transaction that is rolled back leaves it
        ended = {"status": Status.INTERRUPTED, "error_code": "interrupted", "content": ""}
        Reply.objects.filter(pk=turn.reply.pk).update(**ended)
        raise OperationalError

    monkeypatch.setattr(finish, "finish_turn", lose_once)
    response = as_alice.post("/chat", {"content": "Hello"}, headers={"Accept": accept})
    shown = events_of(response)[-1].data if accept == EVENT_STREAM else response.json()
    assert shown["chat"]["chat_reply"]["status"] == "interrupted"


def test_head(as_alice):
    headers = {"Accept": EVENT_STREAM}
    response = as_alice.post("/chat", {"content": "Hello"}, headers=headers)
    assert response["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response["Cache-Control"] == "no-cache, no-store"
    assert response["X-Accel-Buffering"] == "no"
    assert response["RateLimit"].startswith('"daily";r=4;')
    events_of(response)


def test_refusals_are_problems_and_no_streams(as_alice, settings):
    headers = {"Accept": EVENT_STREAM}
    response = as_alice.post("/chat", {"content": ""}, headers=headers)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    settings.DAILY_CHAT_LIMIT = 0
    response = as_alice.post("/chat", {"content": "Hello"}, headers=headers)
    assert response.status_code == 429
    assert response.json()["code"] == "quota_exhausted"


def test_failure_is_the_last_event(as_alice, alice):
    events = ask_streaming(as_alice, "[[fault: 500]]")
    chat = Chat.objects.get()
    assert [event.data["type"] for event in events] == ["START", "ERROR"]
    problem = events[-1].data["problem"]
    assert problem.pop("request_id")
    assert problem == {
        "type": "urn:daesa:problem:upstream_failed",
        "title": "Bad Gateway",
        "status": 502,
        "detail": "The model's server failed. Try again in a moment.",
        "instance": "/chat",
        "code": "upstream_failed",
    }
    assert events[-1].data["chat"] == as_alice.get(f"/chat/{chat.pk}").json()
    assert used(alice) == 0


def test_reader_that_leaves_stops_nothing(as_alice, alice):
    headers = {"Accept": EVENT_STREAM}
    content = "[[say: one two three]] [[slow: 0.05]]"
    response = as_alice.post("/chat", {"content": content}, headers=headers)
    next(iter(response.streaming_content))
    response.close()
    reply = wait_for_end()
    assert (reply.status, reply.content) == (Status.DONE, "one two three")
    assert used(alice) == 1


def test_respond_async(as_alice):
    response = ask(as_alice, "[[say: Later]]", headers={"Prefer": "respond-async"})
    assert response.status_code == 202
    reply = Reply.objects.get()
    here = f"http://testserver/chat/stream/{reply.stream_id}"
    assert response.json() == {
        "stream_id": str(reply.stream_id),
        "status": "started",
        "chat": reply.chat_id,
        "links": [
            {"rel": "stream", "href": here, "method": "GET"},
            {"rel": "stop", "href": here, "method": "DELETE"},
            {"rel": "chat", "href": f"http://testserver/chat/{reply.chat_id}", "method": "GET"},
        ],
    }
    assert response["Location"] == here
    assert response["Preference-Applied"] == "respond-async"
    assert text_of(events_of(follow(as_alice, reply.stream_id))) == "Later"
    assert wait_for_end().status == Status.DONE


def test_respond_async_at_its_own_path(as_alice):
    response = as_alice.post("/chat/stream", {"content": "[[say: Later]]"})
    assert response.status_code == 202
    assert text_of(events_of(follow(as_alice, response.json()["stream_id"]))) == "Later"
    wait_for_end()


def test_finished_answer_is_sent_again(as_alice):
    first = ask_streaming(as_alice, "[[say: Once more]]")
    reply = wait_for_end()
    again = events_of(follow(as_alice, reply.stream_id))
    assert again[0] == first[0]
    assert again[-1] == first[-1]
    assert text_of(again) == "Once more"


@pytest.mark.parametrize("after", [0, 1, 5, 9])
def test_resuming_gives_the_rest(as_alice, alice, after):
    reply = make_chat(alice, answer="Once more").chat_reply
    events = events_of(follow(as_alice, reply.stream_id, after))
    assert "Once more"[:after] + text_of(events) == "Once more"
    assert events[-1].data["type"] == "END"
    assert events[-1].id == 10
    assert "START" not in {event.data["type"] for event in events}


def test_resuming_by_the_query(as_alice, alice):
    reply = make_chat(alice, answer="Once more").chat_reply
    path = f"/chat/stream/{reply.stream_id}?last_event_id=5"
    response = as_alice.get(path, headers={"Accept": EVENT_STREAM})
    assert text_of(events_of(response)) == "more"


def test_resuming_while_it_is_written(as_alice):
    content = "[[say: one two three four five]] [[slow: 0.05]]"
    stream_id = as_alice.post("/chat/stream", {"content": content}).json()["stream_id"]
    first = follow(as_alice, stream_id)
    blocks = iter(first.streaming_content)
    got = [next(blocks) for _ in range(3)]
    first.close()
    last_id = int(got[-1].split(b"\n")[0].removeprefix(b"id: "))
    rest = text_of(events_of(follow(as_alice, stream_id, last_id)))
    assert "one two three four five"[:last_id] + rest == "one two three four five"
    wait_for_end()


def test_two_readers_get_the_same(as_alice):
    content = "[[say: one two three four five]] [[slow: 0.02]]"
    stream_id = as_alice.post("/chat/stream", {"content": content}).json()["stream_id"]
    first, second = follow(as_alice, stream_id), follow(as_alice, stream_id)
    assert text_of(events_of(first)) == text_of(events_of(second)) == "one two three four five"
    wait_for_end()


def test_reader_that_has_all_gets_204(as_alice, alice):
    reply = make_chat(alice, answer="Once more").chat_reply
    response = follow(as_alice, reply.stream_id, len("Once more") + 1)
    assert response.status_code == 204


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9999999999", "٣"])
def test_bad_event_id(as_alice, alice, after):
    reply = make_chat(alice).chat_reply
    response = as_alice.get(f"/chat/stream/{reply.stream_id}", {"last_event_id": after})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "last_event_id"


def test_unknown_and_foreign_streams(as_bob, alice):
    reply = make_chat(alice).chat_reply
    assert follow(as_bob, reply.stream_id).status_code == 404
    assert follow(as_bob, uuid4()).status_code == 404
    assert as_bob.delete(f"/chat/stream/{reply.stream_id}").status_code == 404


def test_deleting_while_it_is_written_ends_the_stream(as_alice, alice):
    content = "[[say: one two three]] [[slow: 0.05]]"
    response = as_alice.post("/chat", {"content": content}, headers={"Accept": EVENT_STREAM})
    blocks = iter(response.streaming_content)
    next(blocks)
    assert as_alice.delete("/chat").status_code == 204
    rest = b"".join(blocks).decode()
    assert '"type":"ERROR"' in rest
    assert '"code":"not_found"' in rest
    assert used(alice) == 1
