"""A database that goes away while a turn is generated or followed. Single failures at each
statement: tests/architecture/test_database_loss.py.
"""

import pytest
from django.db import InterfaceError, OperationalError

from chat.api import sse
from chat.live import follow
from chat.live.readers import open_streams
from chat.live.redis_relay import relay
from chat.models import Reply, Status
from quotes.search import find
from quotes.search.candidates import lines_by_skeleton
from quotes.verification import matches
from tests.chat.asking import EVENT_STREAM, ask, events_of, make_chat, said, used
from tests.chat.asking import follow as resume

AWAY = [OperationalError("server closed the connection"), InterfaceError("already closed")]


@pytest.mark.parametrize("error", AWAY)
def test_before_the_upstream_is_asked(as_alice, alice, upstream, monkeypatch, error):
    def away(**_question):
        raise error

    monkeypatch.setattr(find, "find", away)
    response = ask(as_alice)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["code"] == "database_unavailable"
    assert response.json()["chat"]["chat_reply"]["status"] == "failed"
    assert used(alice) == 0
    chat = as_alice.get(f"/chat/{response.json()['chat']['id']}").json()
    assert chat["chat_reply"]["error_code"] == "database_unavailable"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", AWAY)
def test_after_it_the_answer_waits_for_the_database(as_alice, upstream, monkeypatch, error):
    calls: list[object] = []

    def away_once(*args):
        calls.append(args)
        if len(calls) == 1:
            raise error
        return lines_by_skeleton(*args)

    monkeypatch.setattr(matches, "lines_by_skeleton", away_once)
    written = said("“No such line stands on any board of ours.”")
    response = ask(as_alice, f"Any line? [[say: {written}]]")
    assert response.status_code == 201
    reply = response.json()["chat_reply"]
    assert reply["status"] == "done"
    assert [one["verdict"] for one in reply["citations"]] == ["unknown"]
    assert len(calls) == 2


@pytest.mark.skipif(bool(relay), reason="the row is polled where there is no Redis")
@pytest.mark.parametrize("error", AWAY)
@pytest.mark.parametrize("after", [None, 5])
def test_a_reader_gets_an_error_and_may_resume(as_alice, alice, monkeypatch, error, after):
    chat = make_chat(alice, answer="Hello there", reply={"status": Status.STREAMING})
    read: list[Reply] = []

    def poll(reply):
        yield reply
        read.append(reply)
        raise error

    def away(_reply):
        raise error

    monkeypatch.setattr(follow, "poll", away)
    last = events_of(resume(as_alice, chat.chat_reply.stream_id, after))[-1]
    assert (last.id, last.data["type"], last.data["chat"]) == (after or 0, "ERROR", None)
    monkeypatch.setattr(follow, "poll", poll)
    last = events_of(resume(as_alice, chat.chat_reply.stream_id, after))[-1]
    assert last.id == len("Hello there")  # where a reader resumes, not the end
    assert last.data["problem"]["code"] == "database_unavailable"
    assert last.data["problem"]["status"] == 503


def test_a_reader_that_gets_no_event_is_counted_no_more(as_alice, alice, monkeypatch):

    def away(*_args, **_named):
        raise OperationalError
        yield

    chat = make_chat(alice, answer="Hello", reply={"status": Status.STREAMING})
    monkeypatch.setattr(sse, "events", away)
    response = as_alice.get(
        f"/chat/stream/{chat.chat_reply.stream_id}", headers={"Accept": EVENT_STREAM}
    )
    assert response.status_code == 503
    assert open_streams() == 0
